//! A cluster of raft-rs servers behind raft-oracle's adapter protocol, version 1.
//!
//! Nothing here has a clock, a thread or a network. The crate `raftoracle` has the conversation;
//! `cluster` does the commands, `server` is one server and its Ready loop, `disk` what survives a crash,
//! `machine` its state machine, `clients` who waits for it, `message` names messages, `settings` reads
//! settings.

mod clients;
mod cluster;
mod disk;
mod machine;
mod message;
mod server;
mod settings;

fn main() -> std::io::Result<()> {
    raftoracle::serve::serve(&mut cluster::Cluster::default())
}
