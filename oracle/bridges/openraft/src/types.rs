//! What openraft is instantiated with, and indexes as Raft counts them.

use std::io::Cursor;

use openraft::{declare_raft_types, EmptyNode, EntryPayload, LogId, Membership};

use crate::clock::Runtime;

pub use raftoracle::wire::name;

declare_raft_types!(
    pub Types:
        D = Request,
        R = String,
        Node = EmptyNode,
        AsyncRuntime = Runtime,
);

pub type Entry = openraft::Entry<Types>;

/// What a client wants executed; an operation that has a name is executed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub name: Option<(u64, u64)>,
    pub command: String,
}

/// Index and term; openraft's log begins at 0, Raft's at 1.
pub fn place(log_id: Option<LogId<u64>>) -> (u64, u64) {
    log_id.map_or((0, 0), |log_id| (log_id.index + 1, log_id.leader_id.term))
}

/// An entry's content as a view shows it.
pub fn content(entry: &Entry) -> String {
    match &entry.payload {
        EntryPayload::Blank => String::new(),
        EntryPayload::Normal(request) => match request.name {
            Some((client, number)) => format!("{} of client {client} #{number}", request.command),
            None => request.command.clone(),
        },
        EntryPayload::Membership(members) => format!("members {}", in_words(members)),
    }
}

/// A configuration in one line: voters, of both halves while it is joint, and learners.
fn in_words(members: &Membership<u64, EmptyNode>) -> String {
    let names = |ids: &mut dyn Iterator<Item = u64>| ids.map(name).collect::<Vec<_>>().join(" ");
    let halves = members.get_joint_config().iter();
    let halves: Vec<String> = halves
        .map(|half| names(&mut half.iter().copied()))
        .collect();
    let learners = names(&mut members.learner_ids());
    let learning = if learners.is_empty() {
        ""
    } else {
        " learners "
    };
    format!("{}{learning}{learners}", halves.join(" -> "))
}
