//! What programs in Rust that speak raft-oracle's adapter protocol, version 1, have in common.
//!
//! `wire` is what goes over the wire, `serve` the conversation, and `settings` what `--set` gives: a Raft
//! that is called step by step needs no more. With the feature `tokio`, a Raft that consists of tasks is driven as it is: `server`
//! is what its author writes, and `run` does the rest. Each life of a server is a `life`, whose clock
//! stands still; what it asks waits in the table of `calls`, and what it sends is found again in
//! `packets`; its `disk` is in memory, and may finish later; a `gate` is where it crashes inside a step;
//! `cluster` does the commands, at each server by its `slot`, and `shown` shows what they led to. `chance` has the time and random numbers, `fresh` a process for each run.

pub mod serve;
pub mod settings;
pub mod wire;

#[cfg(feature = "tokio")]
pub mod calls;
#[cfg(feature = "tokio")]
mod chance;
#[cfg(feature = "tokio")]
mod cluster;
#[cfg(feature = "tokio")]
pub mod disk;
#[cfg(feature = "tokio")]
mod fresh;
#[cfg(feature = "tokio")]
pub mod gate;
#[cfg(feature = "tokio")]
pub mod life;
#[cfg(feature = "tokio")]
pub mod packets;
#[cfg(feature = "tokio")]
mod server;
#[cfg(feature = "tokio")]
mod shown;
#[cfg(feature = "tokio")]
mod slot;

#[cfg(feature = "tokio")]
pub use calls::NoAnswer;
#[cfg(feature = "tokio")]
pub use cluster::run;
#[cfg(feature = "tokio")]
pub use disk::Disk;
#[cfg(feature = "tokio")]
pub use gate::Refused;
#[cfg(feature = "tokio")]
pub use server::*;
#[cfg(feature = "tokio")]
pub use settings::Settings;
