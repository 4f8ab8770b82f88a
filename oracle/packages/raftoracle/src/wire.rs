//! What goes over the wire: commands, replies and views. docs/protocol.md says what each means.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub const VERSION: u64 = 1;

/// What raft-oracle asks for.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Command {
    Hello {
        protocol: u64,
    },
    Reset {
        servers: Vec<String>,
        #[serde(default)]
        settings: BTreeMap<String, String>,
    },
    ElectionTimeout {
        server: String,
    },
    HeartbeatTimeout {
        server: String,
    },
    ClientRequest {
        server: String,
        command: String,
    },
    Receive {
        server: String,
        from: String,
        message: String,
    },
    Crash {
        server: String,
    },
    Restart {
        server: String,
    },
    Connect {
        server: String,
        peer: String,
    },
    Disconnect {
        server: String,
        peer: String,
    },
    Compact {
        server: String,
        #[serde(default)]
        keep: u64,
    },
    ChangeMembership {
        server: String,
        voters: Vec<String>,
        #[serde(default)]
        learners: Vec<String>,
    },
    TransferLeadership {
        server: String,
        target: String,
    },
    PassTime {
        ticks: u64,
        #[serde(default)]
        fast: Vec<String>,
    },
    Invoke {
        server: String,
        client: u64,
        number: u64,
        command: String,
    },
    CrashInside {
        server: String,
        #[serde(default)]
        after: u64,
        #[serde(default)]
        lost: usize,
    },
    FailWrite {
        server: String,
        #[serde(default)]
        after: u64,
    },
    CompleteWrite {
        server: String,
    },
}

impl Command {
    /// The word of `offers` without which nobody may be asked for it.
    pub fn offer(&self) -> Option<&'static str> {
        Some(match self {
            Command::Compact { .. } => "Compact",
            Command::ChangeMembership { .. } => "ChangeMembership",
            Command::TransferLeadership { .. } => "TransferLeadership",
            Command::PassTime { .. } => "PassTime",
            Command::Invoke { .. } => "Invoke",
            Command::CrashInside { .. } => "CrashInside",
            Command::FailWrite { .. } => "FailWrite",
            Command::CompleteWrite { .. } => "CompleteWrite",
            _ => return None,
        })
    }
}

/// The reply to hello.
#[derive(Default, Serialize)]
pub struct Hello {
    pub protocol: u64,
    pub name: String,
    pub version: String,
    pub network: &'static str,
    pub observes: Vec<&'static str>,
    pub offers: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hides: Vec<&'static str>,
    pub settings: Vec<Setting>,
    pub summary: String,
    /// Whether each reset is a new process.
    #[serde(skip_serializing_if = "is_default")]
    pub fresh: bool,
}

/// What `--set` may name.
#[derive(Clone, Serialize)]
pub struct Setting {
    pub name: &'static str,
    pub default: String,
    pub meaning: &'static str,
}

/// The reply to any other command.
#[derive(Default, Serialize)]
pub struct Reply {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<Sent>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub views: BTreeMap<String, View>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    #[serde(skip_serializing_if = "is_default")]
    pub crashed: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub overlapping: bool,
    /// In reply to reset: the actions that do nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Reply {
    pub fn error(text: String) -> Reply {
        Reply {
            error: Some(text),
            ..Reply::default()
        }
    }
}

/// A message that left.
#[derive(Serialize)]
pub struct Sent {
    pub from: String,
    pub to: String,
    pub message: String,
    pub label: String,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub meaning: Value,
    #[serde(skip_serializing_if = "is_default")]
    pub late: bool,
}

/// What a client got for its operation; no output where it cannot know what became of it.
#[derive(Clone, Serialize)]
pub struct Answer {
    pub client: u64,
    pub number: u64,
    pub output: Option<String>,
}

/// One server as it is seen; `log` holds only what changed since the last view.
#[derive(Clone, Default, PartialEq, Serialize)]
pub struct View {
    pub role: &'static str,
    pub term: u64,
    pub vote: Option<String>,
    pub commit: u64,
    pub applied: u64,
    #[serde(skip_serializing_if = "is_default")]
    pub snapshot: (u64, u64),
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<LogTail>,
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matched: Option<BTreeMap<String, u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<BTreeMap<String, u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    #[serde(flatten)]
    pub members: Option<Members>,
    /// Configurations that came and went since the last view.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Members>,
    /// How many writes are under way.
    #[serde(skip_serializing_if = "is_default")]
    pub writes: usize,
}

/// Who belongs to the cluster, from an index on; while it is joint, `voters` are those of C_old.
#[derive(Clone, Default, PartialEq, Serialize)]
pub struct Members {
    pub voters: Vec<String>,
    pub learners: Vec<String>,
    pub new_voters: Vec<String>,
    pub voters_since: u64,
}

/// A log from an index on: terms and contents.
#[derive(Clone, PartialEq, Serialize)]
pub struct LogTail {
    pub from: u64,
    pub entries: Vec<(u64, String)>,
}

/// The name of the server with this number.
pub fn name(id: u64) -> String {
    format!("S{id}")
}

/// The number of a server of a cluster of so many.
pub fn id(name: &str, servers: usize) -> Result<u64, String> {
    name.strip_prefix('S')
        .and_then(|number| number.parse().ok())
        .filter(|id| (1..=servers as u64).contains(id))
        .ok_or_else(|| format!("found server {name:?}, expected S1 to S{servers}"))
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
