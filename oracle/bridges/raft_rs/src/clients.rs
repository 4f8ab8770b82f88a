//! The clients of one server: what they asked for, and what they are told.

use raft::ReadState;

use crate::machine::Machine;
use raftoracle::wire::Answer;

/// An operation that was handed in and not answered yet.
struct Waiting {
    client: u64,
    number: u64,
    name: String,
    /// What a read looks at; a write has none.
    key: Option<String>,
    /// How far the state machine has to be for a read, once that is known.
    read_index: Option<u64>,
}

#[derive(Default)]
pub struct Clients {
    waiting: Vec<Waiting>,
    told: Vec<Answer>,
}

impl Clients {
    /// Take in an operation; its name, and whether it is a read.
    pub fn ask(&mut self, client: u64, number: u64, command: &str) -> (String, bool) {
        let name = format!("client {client} #{number}");
        let key = command.strip_prefix("get ").map(str::to_string);
        let is_read = key.is_some();
        self.waiting.push(Waiting {
            client,
            number,
            name: name.clone(),
            key,
            read_index: None,
        });
        (name, is_read)
    }

    /// Take note of the indexes that the library has found for reads.
    pub fn confirm(&mut self, states: Vec<ReadState>) {
        for state in states {
            let same = |each: &&mut Waiting| each.name.as_bytes() == state.request_ctx;
            if let Some(read) = self.waiting.iter_mut().find(same) {
                read.read_index = Some(state.index);
            }
        }
    }

    /// Answer what was executed, and the reads for which the state machine is far enough.
    pub fn serve(&mut self, machine: &Machine) {
        let told = &mut self.told;
        self.waiting.retain(|each| {
            let output = match (&each.key, each.read_index) {
                (Some(key), Some(index)) if index <= machine.applied => Some(machine.value(key)),
                (Some(_), _) => None,
                (None, _) => machine.output(&each.name).cloned(),
            };
            let Some(output) = output else { return true };
            told.push(each.answer(Some(output)));
            false
        });
    }

    /// Tell the client of the last operation that nobody will answer.
    pub fn give_up_last(&mut self) {
        let last = self.waiting.pop();
        self.told
            .extend(last.into_iter().map(|each| each.answer(None)));
    }

    /// The server crashes: its clients notice, and cannot know what became of their operations.
    pub fn give_up_all(&mut self) -> Vec<Answer> {
        let waiting = self.waiting.drain(..);
        self.told.extend(waiting.map(|each| each.answer(None)));
        self.take()
    }

    /// What clients were told since the last call.
    pub fn take(&mut self) -> Vec<Answer> {
        std::mem::take(&mut self.told)
    }
}

impl Waiting {
    fn answer(&self, output: Option<String>) -> Answer {
        Answer {
            client: self.client,
            number: self.number,
            output,
        }
    }
}
