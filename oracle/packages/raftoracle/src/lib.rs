//! What programs in Rust that speak raft-oracle's adapter protocol, version 1, have in common.
//!
//! `wire` is what goes over the wire, `serve` the conversation, and `settings` what `--set` gives: a Raft
//! that is called step by step needs no more. With the feature `tokio`, `tasks` drives a Raft that consists
//! of tasks as it is; what its author writes is at hand here, too.

pub mod serve;
pub mod settings;
#[cfg(feature = "tokio")]
pub mod tasks;
pub mod wire;

#[cfg(feature = "tokio")]
pub use tasks::*;
