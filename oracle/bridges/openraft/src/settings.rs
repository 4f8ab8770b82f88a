//! The settings: what of openraft's `Config`, and of the bridge around it, can be chosen.

use openraft::{Config, SnapshotPolicy};
use raftoracle::settings::{check_names, Known};
use raftoracle::wire::Setting;

const LOCK: &str = include_str!("../Cargo.lock");

#[derive(Clone)]
pub struct Settings {
    config: Config,
    /// Whether followers keep to a leader until its lease is over.
    pub sticky: bool,
    pub saves_commits: bool,
    pub purges_uncovered: bool,
    /// Whether a replication task may send in the name of a leader that is deposed.
    pub deposed_sends: bool,
    pub voters: u64,
}

const KNOWN: Known = Known(&[
    (
        "deposed_sends",
        "off",
        "on: what a leader has not sent yet may leave once it is deposed, as the library lets it",
    ),
    ("max_payload_entries", "1", "the most entries of one append"),
    (
        "purge_uncovered",
        "off",
        "on: a crash may leave a purge and not the snapshot that covers it, in the library's order",
    ),
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
]);

/// The version of openraft that this program was built with, from its lock file.
pub fn library_version() -> &'static str {
    let behind = LOCK.split("name = \"openraft\"\nversion = \"").nth(1);
    behind
        .and_then(|rest| rest.split('"').next())
        .expect("the lock file names openraft")
}

impl Settings {
    pub fn read(given: &raftoracle::Settings) -> Result<Settings, String> {
        check_names(given, &described())?;
        let built = library_version();
        if given.get("version").is_some_and(|version| version != built) {
            let found = &given["version"];
            return Err(format!(
                "setting version: found {found:?}, expected {built:?}, which was built"
            ));
        }
        let config = Config {
            max_payload_entries: KNOWN.number(given, "max_payload_entries", 1)?,
            snapshot_max_chunk_size: KNOWN.number(given, "snapshot_chunk", 1)?,
            snapshot_policy: SnapshotPolicy::Never,
            max_in_snapshot_log_to_keep: u64::MAX,
            enable_heartbeat: false,
            enable_elect: false,
            ..Config::default()
        };
        Ok(Settings {
            config: config.validate().map_err(|error| error.to_string())?,
            sticky: KNOWN.switch(given, "sticky")?,
            saves_commits: KNOWN.switch(given, "save_committed")?,
            purges_uncovered: KNOWN.switch(given, "purge_uncovered")?,
            deposed_sends: KNOWN.switch(given, "deposed_sends")?,
            voters: KNOWN.number(given, "voters", 0)?,
        })
    }

    /// openraft's own configuration. Its timers run out when the bridge lets them, and it neither
    /// takes a snapshot nor discards entries unless it is asked to.
    pub fn config(&self) -> Config {
        self.config.clone()
    }
}

/// The settings for the reply to hello.
pub fn described() -> Vec<Setting> {
    let version = Setting {
        name: "version",
        default: library_version().to_string(),
        meaning: "of the library, from 0.9.10 on: it is fetched and built",
    };
    KNOWN.described().into_iter().chain([version]).collect()
}
