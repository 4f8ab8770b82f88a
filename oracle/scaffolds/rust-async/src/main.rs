//! A Raft of tasks and timers under raft-oracle: put yours in the place of the toy.
//!
//! Each server runs on a tokio runtime of its own, whose clock stands still between two steps; there
//! is no clock to replace and no task to turn inside out. transport.rs carries messages, storage.rs
//! keeps what survives a crash, view.rs shows what there is to see.

mod raft;
mod storage;
mod transport;
mod view;

use raftoracle::Program;

fn main() -> std::io::Result<()> {
    raftoracle::run::<view::Toy>(Program {
        name: "toy",
        version: "1",
        summary: "the toy of the Rust scaffold with tasks",
        observes: &[
            "voted_for",
            "next_index and match_index",
            "message meanings",
        ],
        offers: &["CompleteWrite", "CrashInside", "FailWrite"],
        settings: &[("mistake", "none", "unsynced: the storage forgets to sync")],
        ..Program::default()
    })
}
