//! The settings: what of openraft's `Config`, and of the bridge around it, can be chosen.

use std::collections::BTreeMap;

use openraft::{Config, SnapshotPolicy};
use serde_json::{json, Value};

const LOCK: &str = include_str!("../Cargo.lock");

#[derive(Clone)]
pub struct Settings {
    config: Config,
    /// Whether followers keep to a leader until its lease is over.
    pub sticky: bool,
    pub saves_commits: bool,
    pub voters: u64,
}

/// Name, default, meaning.
const KNOWN: [(&str, &str, &str); 5] = [
    ("max_payload_entries", "1", "the most entries of one append"),
    (
        "save_committed",
        "on",
        "the log store saves the commit index, so that a restart applies up to it",
    ),
    (
        "snapshot_chunk",
        "1000000",
        "the most bytes of a snapshot in one message (snapshot_max_chunk_size)",
    ),
    (
        "sticky",
        "off",
        "on: a server refuses its vote while the lease of its leader runs",
    ),
    (
        "voters",
        "0",
        "the cluster begins with so many voters; 0 is all servers",
    ),
];

/// The version of openraft that this program was built with, from its lock file.
pub fn library_version() -> &'static str {
    let behind = LOCK.split("name = \"openraft\"\nversion = \"").nth(1);
    behind
        .and_then(|rest| rest.split('"').next())
        .expect("the lock file names openraft")
}

impl Settings {
    pub fn read(given: &BTreeMap<String, String>) -> Result<Settings, String> {
        for name in given.keys() {
            if name != "version" && !KNOWN.iter().any(|known| known.0 == name) {
                let names: Vec<&str> = KNOWN.iter().map(|known| known.0).collect();
                return Err(format!(
                    "found setting {name}, expected version or one of {}",
                    names.join(", ")
                ));
            }
        }
        let built = library_version();
        if given.get("version").is_some_and(|version| version != built) {
            let found = &given["version"];
            return Err(format!(
                "setting version: found {found:?}, expected {built:?}, which was built"
            ));
        }
        let config = Config {
            max_payload_entries: number(given, "max_payload_entries", 1)?,
            snapshot_max_chunk_size: number(given, "snapshot_chunk", 1)?,
            snapshot_policy: SnapshotPolicy::Never,
            max_in_snapshot_log_to_keep: u64::MAX,
            enable_heartbeat: false,
            enable_elect: false,
            ..Config::default()
        };
        Ok(Settings {
            config: config.validate().map_err(|error| error.to_string())?,
            sticky: switch(given, "sticky")?,
            saves_commits: switch(given, "save_committed")?,
            voters: number(given, "voters", 0)?,
        })
    }

    /// openraft's own configuration. Its timers run out when the bridge lets them, and it neither
    /// takes a snapshot nor discards entries unless it is asked to.
    pub fn config(&self) -> Config {
        self.config.clone()
    }
}

/// The settings for the reply to hello.
pub fn described() -> Value {
    let each = KNOWN.iter().map(
        |(name, default, meaning)| json!({"name": name, "default": default, "meaning": meaning}),
    );
    let version = json!({"name": "version", "default": library_version(),
        "meaning": "of the library, from 0.9.16 on: it is fetched and built"});
    each.chain([version]).collect()
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
