//! The settings: what of raft-rs's `Config` can be chosen, and with how many voters to begin.

use std::collections::BTreeMap;

use raft::{Config, ReadOnlyOption};
use serde_json::{json, Value};

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

/// Name, default, meaning.
const KNOWN: [(&str, &str, &str); 10] = [
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
];

impl Settings {
    pub fn read(given: &BTreeMap<String, String>) -> Result<Settings, String> {
        for name in given.keys() {
            if !KNOWN.iter().any(|known| known.0 == name) {
                let names: Vec<&str> = KNOWN.iter().map(|known| known.0).collect();
                return Err(format!(
                    "found setting {name}, expected one of {}",
                    names.join(", ")
                ));
            }
        }
        Ok(Settings {
            max_size_per_msg: number(given, "max_size_per_msg", 0)?,
            max_inflight_msgs: number(given, "max_inflight_msgs", 1)?,
            pre_vote: switch(given, "pre_vote")?,
            check_quorum: switch(given, "check_quorum")? || switch(given, "lease_reads")?,
            lease_reads: switch(given, "lease_reads")?,
            skip_bcast_commit: switch(given, "skip_bcast_commit")?,
            batch_append: switch(given, "batch_append")?,
            steps_down: switch(given, "step_down_on_removal")?,
            voters: number(given, "voters", 0)?,
            async_writes: switch(given, "async_writes")?,
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

/// The settings for the reply to hello.
pub fn described() -> Value {
    let each = KNOWN.map(
        |(name, default, meaning)| json!({"name": name, "default": default, "meaning": meaning}),
    );
    json!(each)
}

fn text<'a>(given: &'a BTreeMap<String, String>, name: &str) -> &'a str {
    let known = KNOWN.iter().find(|known| known.0 == name);
    let default = known.expect("a setting of the table").1;
    given.get(name).map_or(default, String::as_str)
}

fn number(given: &BTreeMap<String, String>, name: &str, least: u64) -> Result<u64, String> {
    let text = text(given, name);
    match text.parse() {
        Ok(number) if number >= least => Ok(number),
        _ => Err(format!(
            "setting {name}: found {text:?}, expected a number from {least} on"
        )),
    }
}

fn switch(given: &BTreeMap<String, String>, name: &str) -> Result<bool, String> {
    match text(given, name) {
        "on" => Ok(true),
        "off" => Ok(false),
        text => Err(format!(
            "setting {name}: found {text:?}, expected on or off"
        )),
    }
}
