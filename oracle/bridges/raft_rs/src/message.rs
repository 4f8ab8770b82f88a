//! Messages as one short line, and in the vocabulary of traces.

use base64::prelude::{Engine, BASE64_STANDARD};
use protobuf::Message as _;
use raft::prelude::*;
use raft::CAMPAIGN_TRANSFER;
use raftoracle::wire::Sent;
use serde_json::{json, Value};

pub use raftoracle::wire::name;

pub fn sent(from: &str, message: &Message, late: bool) -> Sent {
    let bytes = message.write_to_bytes().expect("a message of raft-rs");
    Sent {
        from: from.to_string(),
        to: name(message.to),
        message: BASE64_STANDARD.encode(bytes),
        label: label(message),
        meaning: meaning(message),
        late,
    }
}

pub fn received(text: &str) -> Result<Message, String> {
    let unfit = |error: &dyn std::fmt::Display| {
        format!("found message {text:?}, expected one that was sent before: {error}")
    };
    let bytes = BASE64_STANDARD
        .decode(text)
        .map_err(|error| unfit(&error))?;
    Message::parse_from_bytes(&bytes).map_err(|error| unfit(&error))
}

/// An entry's content as a view shows it.
pub fn content(entry: &Entry) -> String {
    match entry.get_entry_type() {
        EntryType::EntryNormal => String::from_utf8_lossy(&entry.data).into_owned(),
        EntryType::EntryConfChange => "configuration".to_string(),
        EntryType::EntryConfChangeV2 => change(entry),
    }
}

/// A change of the configuration in short: `+` voters, `~` learners, `-` who leaves.
fn change(entry: &Entry) -> String {
    let mut change = ConfChangeV2::default();
    change
        .merge_from_bytes(&entry.data)
        .expect("a change that this bridge proposed");
    if change.changes.is_empty() {
        return "leave joint configuration".to_string();
    }
    let singles = change.changes.iter().map(|single| {
        let sign = match single.get_change_type() {
            ConfChangeType::AddNode => '+',
            ConfChangeType::AddLearnerNode => '~',
            ConfChangeType::RemoveNode => '-',
        };
        format!(" {sign}{}", name(single.node_id))
    });
    format!("change{}", singles.collect::<String>())
}

fn label(message: &Message) -> String {
    let (kind, term) = (kind(message), message.term);
    let place = format!("{}@{}", message.index, message.log_term);
    match message.get_msg_type() {
        MessageType::MsgRequestVote | MessageType::MsgRequestPreVote => {
            let transfer = if message.context.is_empty() {
                ""
            } else {
                " transfer"
            };
            format!("{kind} t{term} last {place}{}{transfer}", commit(message))
        }
        MessageType::MsgRequestVoteResponse | MessageType::MsgRequestPreVoteResponse => {
            format!("{kind} t{term}{}{}", verdict(message), commit(message))
        }
        MessageType::MsgAppend => {
            format!(
                "{kind} t{term} prev {place}{}{}",
                entries(message),
                commit(message)
            )
        }
        MessageType::MsgAppendResponse if message.reject => format!(
            "{kind} t{term} rejects {} hint {}@{}{}",
            message.index,
            message.reject_hint,
            message.log_term,
            commit(message)
        ),
        MessageType::MsgAppendResponse => {
            format!("{kind} t{term} match {}{}", message.index, commit(message))
        }
        MessageType::MsgSnapshot => {
            let metadata = message.get_snapshot().get_metadata();
            let (index, at) = (metadata.index, metadata.term);
            format!("{kind} t{term} last {index}@{at}")
        }
        MessageType::MsgPropose => format!("propose{}", entries(message)),
        MessageType::MsgTransferLeader => {
            format!("transfer_leader t{term} to {}", name(message.from))
        }
        MessageType::MsgReadIndex => format!("read_index {}", asked(message)),
        MessageType::MsgReadIndexResp => format!(
            "read_index_response t{term} {} index {}",
            asked(message),
            message.index
        ),
        _ => format!("{kind} t{term}{}{}", commit(message), confirms(message)),
    }
}

/// The read that a request or an answer is about.
fn asked(message: &Message) -> String {
    let data = message.entries.first().map(|entry| &entry.data[..]);
    String::from_utf8_lossy(data.unwrap_or_default()).into_owned()
}

/// The read for which a heartbeat asks whether its sender leads still.
fn confirms(message: &Message) -> String {
    match &message.context[..] {
        [] => String::new(),
        context => format!(" for {}", String::from_utf8_lossy(context)),
    }
}

fn verdict(message: &Message) -> &'static str {
    if message.reject {
        " refused"
    } else {
        " granted"
    }
}

fn commit(message: &Message) -> String {
    match (message.commit, message.commit_term) {
        (0, _) => String::new(),
        (index, 0) => format!(" commit {index}"),
        (index, term) => format!(" commit {index}@{term}"),
    }
}

fn entries(message: &Message) -> String {
    let described = message.entries.iter().map(|entry| {
        let place = match entry.index {
            0 => String::new(),
            index => format!(" {index}@{}", entry.term),
        };
        format!("{place} {}", content(entry))
    });
    let described = described.collect::<String>();
    if described.is_empty() {
        described
    } else {
        format!(" entries{}", described.trim_end())
    }
}

/// What kind of message this is, in the field's words.
fn kind(message: &Message) -> &'static str {
    match message.get_msg_type() {
        MessageType::MsgRequestVote => "request_vote",
        MessageType::MsgRequestVoteResponse => "request_vote_response",
        MessageType::MsgRequestPreVote => "pre_vote",
        MessageType::MsgRequestPreVoteResponse => "pre_vote_response",
        MessageType::MsgAppend => "append_entries",
        MessageType::MsgAppendResponse => "append_entries_response",
        MessageType::MsgHeartbeat => "heartbeat",
        MessageType::MsgHeartbeatResponse => "heartbeat_response",
        MessageType::MsgSnapshot => "install_snapshot",
        MessageType::MsgTimeoutNow => "timeout_now",
        _ => "other",
    }
}

/// Messages about votes tell what their sender knows to be committed.
fn known_commit(meaning: &mut Value, message: &Message) {
    if message.commit_term > 0 {
        meaning["commit_index"] = json!(message.commit);
        meaning["commit_term"] = json!(message.commit_term);
    }
}

/// A snapshot is answered with an append response, as raft-rs has no other.
fn meaning(message: &Message) -> Value {
    let mut meaning = json!({"type": kind(message)});
    if message.term > 0 {
        meaning["term"] = json!(message.term);
    }
    match message.get_msg_type() {
        MessageType::MsgRequestVote | MessageType::MsgRequestPreVote => {
            meaning["last_log_index"] = json!(message.index);
            meaning["last_log_term"] = json!(message.log_term);
            if message.context == CAMPAIGN_TRANSFER {
                meaning["by_transfer"] = json!(true);
            }
            known_commit(&mut meaning, message);
        }
        MessageType::MsgRequestVoteResponse | MessageType::MsgRequestPreVoteResponse => {
            meaning["vote_granted"] = json!(!message.reject);
            known_commit(&mut meaning, message);
        }
        MessageType::MsgAppend => {
            let entries = message
                .entries
                .iter()
                .map(|entry| (entry.term, content(entry)));
            meaning["prev_log_index"] = json!(message.index);
            meaning["prev_log_term"] = json!(message.log_term);
            meaning["entries"] = json!(entries.collect::<Vec<_>>());
            meaning["leader_commit"] = json!(message.commit);
        }
        MessageType::MsgAppendResponse => {
            meaning["success"] = json!(!message.reject);
            if !message.reject {
                meaning["match_index"] = json!(message.index);
            }
        }
        // Whoever holds the entry at a read index commits it: it is one of the leader's own term.
        MessageType::MsgReadIndexResp => {
            meaning["type"] = json!("append_entries");
            meaning["prev_log_index"] = json!(message.index);
            meaning["prev_log_term"] = json!(message.term);
            meaning["entries"] = json!([]);
            meaning["leader_commit"] = json!(message.index);
        }
        MessageType::MsgHeartbeat => meaning["leader_commit"] = json!(message.commit),
        MessageType::MsgSnapshot => {
            let metadata = message.get_snapshot().get_metadata();
            meaning["last_included_index"] = json!(metadata.index);
            meaning["last_included_term"] = json!(metadata.term);
        }
        _ => {}
    }
    meaning
}
