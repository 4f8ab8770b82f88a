//! The table of waiting calls: what a server sends leaves when its step is over, and whoever asked
//! waits until the schedule brings the answer, or for ever.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::oneshot;

use super::gate::Gate;

/// A message that leaves: the call that it makes or answers, and whom it is for.
#[derive(Clone)]
pub struct Packet<M> {
    pub to: u64,
    pub call: u64,
    pub kind: Kind,
    pub message: M,
}

/// What a message is to its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Request,
    Answer,
    /// Nobody waits for an answer.
    OneWay,
}

/// A call that waits for its answer.
struct Waiting<M> {
    to: u64,
    /// How many times calls may expire before it ends.
    lasts: u64,
    answer: oneshot::Sender<M>,
}

struct Table<M> {
    outbox: Vec<Packet<M>>,
    waiting: BTreeMap<u64, Waiting<M>>,
    /// The number of the last call; no other life of the server has used it.
    last: u64,
}

/// The calls of one life of a server.
#[derive(Clone)]
pub struct Calls<M> {
    table: Arc<Mutex<Table<M>>>,
    gate: Gate,
}

/// A call that has ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer;

impl Display for NoAnswer {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("no answer in time")
    }
}

impl Error for NoAnswer {}

/// How often calls expire that do not expire at all.
pub const FOR_EVER: u64 = u64::MAX;

impl<M> Calls<M> {
    /// The calls of a new life, whose numbers come after this one.
    pub fn after(last: u64, gate: Gate) -> Calls<M> {
        let table = Table {
            outbox: Vec::new(),
            waiting: BTreeMap::new(),
            last,
        };
        Calls {
            table: Arc::new(Mutex::new(table)),
            gate,
        }
    }

    /// The number of the last call.
    pub fn last(&self) -> u64 {
        self.lock().last
    }

    /// Send a request, and wait for its answer. It ends without one at `expire`, or that many times later.
    pub async fn call(&self, to: u64, lasts: u64, message: M) -> Result<M, NoAnswer> {
        self.gate.pass().await;
        let (sender, receiver) = oneshot::channel();
        {
            let mut table = self.lock();
            let call = table.push(to, Kind::Request, message);
            let waiting = Waiting {
                to,
                lasts,
                answer: sender,
            };
            table.waiting.insert(call, waiting);
        }
        receiver.await.map_err(|_| NoAnswer)
    }

    /// Send a message for whose answer nobody waits.
    pub async fn send(&self, to: u64, message: M) {
        self.gate.pass().await;
        self.lock().push(to, Kind::OneWay, message);
    }

    /// Send the answer to a call, unless the server crashes before.
    pub async fn answer(&self, to: u64, call: u64, message: M) {
        self.gate.pass().await;
        let packet = Packet {
            to,
            call,
            kind: Kind::Answer,
            message,
        };
        self.lock().outbox.push(packet);
    }

    /// An answer has arrived; nobody may wait for it any more.
    pub fn resolve(&self, from: u64, call: u64, answer: M) {
        let mut table = self.lock();
        if table
            .waiting
            .get(&call)
            .is_some_and(|waiting| waiting.to == from)
        {
            if let Some(waiting) = table.waiting.remove(&call) {
                let _ = waiting.answer.send(answer); // who asked may have given up
            }
        }
    }

    /// A while is over, and with it the time of calls that last no longer.
    pub fn expire(&self) {
        self.lock().waiting.retain(|_, waiting| {
            let lasts = waiting.lasts > 0;
            waiting.lasts = waiting.lasts.saturating_sub(1);
            lasts
        });
    }

    /// The connection to a server is gone, and with it the calls that wait for it.
    pub fn hang_up(&self, peer: u64) {
        self.lock().waiting.retain(|_, waiting| waiting.to != peer);
    }

    /// How many messages have left since the outbox was taken.
    pub fn sends(&self) -> usize {
        self.lock().outbox.len()
    }

    pub fn take_outbox(&self) -> Vec<Packet<M>> {
        std::mem::take(&mut self.lock().outbox)
    }

    fn lock(&self) -> MutexGuard<'_, Table<M>> {
        self.table.lock().expect("nobody panics with the table")
    }
}

impl<M> Table<M> {
    /// Let a message leave as a new call, and number it.
    fn push(&mut self, to: u64, kind: Kind, message: M) -> u64 {
        self.last += 1;
        let call = self.last;
        self.outbox.push(Packet {
            to,
            call,
            kind,
            message,
        });
        call
    }
}
