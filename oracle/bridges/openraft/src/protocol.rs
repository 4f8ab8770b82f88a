//! What goes over the wire: commands, replies and views.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub const VERSION: u64 = 1;

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
}

#[derive(Default, Serialize)]
pub struct Reply {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<Sent>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub views: BTreeMap<String, View>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crashed: Option<bool>,
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

#[derive(Serialize)]
pub struct Sent {
    pub from: String,
    pub to: String,
    pub message: String,
    pub label: String,
    pub meaning: Value,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
}

/// What a client was answered.
#[derive(Clone, Serialize)]
pub struct Answer {
    pub client: u64,
    pub number: u64,
    pub output: String,
}

/// One server as it is seen; `log` holds only what changed since the last view.
#[derive(Clone, PartialEq, Serialize)]
pub struct View {
    pub role: &'static str,
    pub term: u64,
    pub vote: Option<String>,
    pub commit: u64,
    pub applied: u64,
    pub snapshot: (u64, u64),
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<LogTail>,
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matched: Option<BTreeMap<String, u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<BTreeMap<String, u64>>,
    pub digest: String,
    #[serde(flatten)]
    pub members: Members,
    /// Configurations that came and went since the last view.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Members>,
}

/// Who belongs to the cluster, from an index on; while it is joint, `voters` are those of C_old.
#[derive(Clone, Default, PartialEq, Serialize)]
pub struct Members {
    pub voters: Vec<String>,
    pub learners: Vec<String>,
    pub new_voters: Vec<String>,
    pub voters_since: u64,
}

#[derive(Clone, PartialEq, Serialize)]
pub struct LogTail {
    pub from: u64,
    pub entries: Vec<(u64, String)>,
}
