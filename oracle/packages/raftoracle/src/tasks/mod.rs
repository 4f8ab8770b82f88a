//! What drives a Raft that consists of tokio's tasks as it is.
//!
//! `server` is what its author writes, and `run` does the rest. Each life of a server is a `life`, whose clock
//! stands still; what it asks waits in the table of `calls`, and what it sends is found again in
//! `packets`; its `disk` is in memory, and may finish later; a `gate` is where it crashes inside a step;
//! `cluster` does the commands, at each server by its `slot`, and `shown` shows what they led to. `chance` has
//! the time and random numbers, `fresh` a process for each run.

pub mod calls;
mod chance;
mod cluster;
pub mod disk;
mod fresh;
pub mod gate;
pub mod life;
pub mod packets;
mod server;
mod shown;
mod slot;

pub use calls::NoAnswer;
pub use cluster::run;
pub use disk::Disk;
pub use gate::Refused;
pub use server::*;

pub use crate::settings::Settings;
