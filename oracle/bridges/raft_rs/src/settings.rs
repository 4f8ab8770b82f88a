//! The settings: what of raft-rs's `Config` can be chosen, and with how many voters to begin.

use raft::{Config, ReadOnlyOption};
use raftoracle::settings::{self, check_names, Known};

/// raft-rs draws election timeouts at random from a range: this one holds a single number.
pub const ELECTION_TICK: usize = 10;

#[derive(Clone)]
pub struct Settings {
    max_size_per_msg: u64,
    max_inflight_msgs: u64,
    pre_vote: bool,
    check_quorum: bool,
    /// Whether leases are relied on: a leader answers reads by its own.
    pub lease_reads: bool,
    skip_bcast_commit: bool,
    batch_append: bool,
    /// Whether a leader that was removed gives up.
    pub steps_down: bool,
    pub voters: u64,
    pub async_writes: bool,
}

pub const KNOWN: Known = Known(&[
    (
        "max_size_per_msg",
        "0",
        "the most bytes of entries in one append; 0 is one entry",
    ),
    (
        "max_inflight_msgs",
        "256",
        "the most appends in flight to one follower",
    ),
    (
        "pre_vote",
        "off",
        "candidates ask first whether they would win",
    ),
    (
        "check_quorum",
        "off",
        "a leader that hears no quorum steps down, and followers keep to theirs",
    ),
    (
        "lease_reads",
        "off",
        "leaders answer reads by their lease, and all clocks agree (LeaseBased; implies check_quorum)",
    ),
    (
        "skip_bcast_commit",
        "off",
        "followers hear of commits with the next append or heartbeat only",
    ),
    ("batch_append", "off", "appends to one follower are joined"),
    (
        "step_down_on_removal",
        "on",
        "the bridge lets a leader step down that is no voter any more, as TiKV drops it",
    ),
    (
        "voters",
        "0",
        "the cluster begins with so many voters; 0 is all servers",
    ),
    (
        "async_writes",
        "off",
        "writes complete when the schedule says (on_persist_ready)",
    ),
]);

impl Settings {
    pub fn read(given: &settings::Settings) -> Result<Settings, String> {
        check_names(given, &KNOWN.described())?;
        Ok(Settings {
            max_size_per_msg: KNOWN.number(given, "max_size_per_msg", 0)?,
            max_inflight_msgs: KNOWN.number(given, "max_inflight_msgs", 1)?,
            pre_vote: KNOWN.switch(given, "pre_vote")?,
            check_quorum: KNOWN.switch(given, "check_quorum")?
                || KNOWN.switch(given, "lease_reads")?,
            lease_reads: KNOWN.switch(given, "lease_reads")?,
            skip_bcast_commit: KNOWN.switch(given, "skip_bcast_commit")?,
            batch_append: KNOWN.switch(given, "batch_append")?,
            steps_down: KNOWN.switch(given, "step_down_on_removal")?,
            voters: KNOWN.number(given, "voters", 0)?,
            async_writes: KNOWN.switch(given, "async_writes")?,
        })
    }

    /// raft-rs's own configuration of one server, which has applied up to `applied`.
    pub fn config(&self, id: u64, applied: u64) -> Config {
        Config {
            id,
            applied,
            election_tick: ELECTION_TICK,
            min_election_tick: ELECTION_TICK,
            max_election_tick: ELECTION_TICK + 1,
            heartbeat_tick: 1,
            max_size_per_msg: self.max_size_per_msg,
            max_inflight_msgs: self.max_inflight_msgs as usize,
            pre_vote: self.pre_vote,
            check_quorum: self.check_quorum,
            read_only_option: match self.lease_reads {
                true => ReadOnlyOption::LeaseBased,
                false => ReadOnlyOption::Safe,
            },
            skip_bcast_commit: self.skip_bcast_commit,
            batch_append: self.batch_append,
            ..Config::default()
        }
    }
}
