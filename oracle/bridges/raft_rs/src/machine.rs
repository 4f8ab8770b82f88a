//! The state machine: a key-value store, and a digest of all commands in their order.
//!
//! It executes each operation of a client once: the network may repeat what a follower hands on to
//! its leader. It is lost in a crash, and rebuilt from the snapshot and the log.

use std::collections::BTreeMap;

use raft::prelude::Snapshot;
use serde::{Deserialize, Serialize};

#[derive(Default)]
pub struct Machine {
    pub applied: u64,
    pub term: u64,
    pub content: Content,
}

/// What a snapshot holds.
#[derive(Default, Serialize, Deserialize)]
pub struct Content {
    pub digest: u64,
    values: BTreeMap<String, String>,
    /// What each operation was answered.
    executed: BTreeMap<String, String>,
}

impl Machine {
    /// The state machine as a snapshot holds it; the first one holds nothing.
    pub fn of(snapshot: &Snapshot) -> Machine {
        let data = snapshot.get_data();
        let content = if data.is_empty() {
            Content::default()
        } else {
            serde_json::from_slice(data).expect("a snapshot of this bridge")
        };
        Machine {
            applied: snapshot.get_metadata().index,
            term: snapshot.get_metadata().term,
            content,
        }
    }

    /// The content as a snapshot holds it.
    pub fn saved(&self) -> Vec<u8> {
        serde_json::to_vec(&self.content).expect("plain data")
    }

    /// Take in a committed command; a no-op changes nothing.
    pub fn apply(&mut self, command: &[u8]) {
        if command.is_empty() {
            return;
        }
        let content = &mut self.content;
        for byte in command.iter().chain(b"\n") {
            content.digest = (content.digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let text = String::from_utf8_lossy(command);
        if let Some((name, command)) = operation_in(&text) {
            if !content.executed.contains_key(name) {
                let output = content.execute(command);
                content.executed.insert(name.to_string(), output);
            }
        }
    }

    /// What an operation was answered, if it was executed.
    pub fn output(&self, name: &str) -> Option<&String> {
        self.content.executed.get(name)
    }

    /// What a key holds.
    pub fn value(&self, key: &str) -> String {
        self.content.values.get(key).cloned().unwrap_or_default()
    }
}

impl Content {
    /// A command of the key-value store; what it does not know changes nothing.
    fn execute(&mut self, command: &str) -> String {
        match command.split(' ').collect::<Vec<_>>()[..] {
            ["get", key] => self.values.get(key).cloned().unwrap_or_default(),
            ["set", key, value] => {
                self.values.insert(key.to_string(), value.to_string());
                String::new()
            }
            ["append", key, more] => {
                let value = self.values.entry(key.to_string()).or_default();
                value.push_str(more);
                value.clone()
            }
            _ => String::new(),
        }
    }
}

/// A client's operation in an entry: its name and its command.
fn operation_in(text: &str) -> Option<(&str, &str)> {
    text.starts_with("client ")
        .then(|| text.split_once(": "))
        .flatten()
}
