//! A cluster of openraft servers behind raft-oracle's adapter protocol, version 1.
//!
//! openraft is a library of tasks that wait: each server has a runtime of its own, in which nothing
//! happens but what a command leads to. The crate `raftoracle` has the conversation, the runtime, the
//! calls that wait, where a crash may come, and the disk beneath.
//!
//! `cluster` does the commands, `server` is one life of a server, `clock` its time, `network` its
//! connections, `disk` what survives a crash, `machine` what is applied, `view` what is shown,
//! `message` names messages, `settings` reads settings, and `types` says what the library is
//! instantiated with.

mod clock;
mod cluster;
mod disk;
mod machine;
mod message;
mod network;
mod server;
mod settings;
mod types;
mod view;

fn main() -> std::io::Result<()> {
    raftoracle::serve::serve(&mut cluster::Cluster::default())
}
