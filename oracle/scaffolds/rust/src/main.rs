//! The calls that raft-oracle makes, answered by a Raft: put yours in the place of the toy.
//!
//! Fill in the methods of `Cluster`; protocol.rs does the rest. Everything happens inside the call:
//! no sockets, no threads, no clock, no dice. Timers run out when raft-oracle says so.

mod protocol;
mod raft;

use protocol::{Sent, View};
use raft::{Disk, Entry, Message, Role, Server};
use serde_json::{json, Value};
use std::collections::BTreeMap;

/// What the adapter says of itself; network is "fifo", if yours relies on connections that keep
/// order.
fn hello() -> Value {
    json!({
        "protocol": 1,
        "name": "toy",
        "version": "1",
        "network": "any",
        "observes": ["voted_for", "next_index and match_index", "message meanings"],
        "summary": "the toy of the Rust scaffold",
    })
}

/// All servers of a run.
#[derive(Default)]
pub struct Cluster {
    names: Vec<String>,
    disks: BTreeMap<String, Disk>,
    running: BTreeMap<String, Server>,
}

impl Cluster {
    /// Forget everything, disks too, and start all servers.
    pub fn reset(&mut self, servers: &[String], settings: &BTreeMap<String, String>) -> Vec<Sent> {
        if let Some(name) = settings.keys().next() {
            panic!("setting {name}: the toy has none");
        }
        *self = Cluster {
            names: servers.to_vec(),
            ..Cluster::default()
        };
        servers
            .iter()
            .flat_map(|server| self.restart(server))
            .collect()
    }

    /// The election timer of a server runs out.
    pub fn election_timeout(&mut self, server: &str) -> Vec<Sent> {
        self.at(server).election_timeout();
        self.sent_by(server)
    }

    /// One heartbeat interval goes by at a server.
    pub fn heartbeat_timeout(&mut self, server: &str) -> Vec<Sent> {
        self.at(server).heartbeat_timeout();
        self.sent_by(server)
    }

    /// A client hands a server a command.
    pub fn client_request(&mut self, server: &str, command: &str) -> Vec<Sent> {
        self.at(server).propose(command);
        self.sent_by(server)
    }

    /// A message arrives, as it was sent.
    pub fn receive(&mut self, server: &str, from: &str, message: &str) -> Vec<Sent> {
        let fields: Value = serde_json::from_str(message).expect("a message of ours");
        self.at(server).receive(from, message_of(&fields));
        self.sent_by(server)
    }

    /// A server stops at once; its disk stays.
    pub fn crash(&mut self, server: &str) {
        let stopped = self.running.remove(server).expect("a running server");
        self.disks.insert(server.to_string(), stopped.disk());
    }

    /// A server starts from its disk.
    pub fn restart(&mut self, server: &str) -> Vec<Sent> {
        let peers = self
            .names
            .iter()
            .filter(|name| *name != server)
            .cloned()
            .collect();
        let disk = self.disks.remove(server).unwrap_or_default();
        self.running
            .insert(server.to_string(), Server::new(server, peers, disk));
        self.sent_by(server)
    }

    /// What there is to be seen of a running server; `log` is the whole log.
    pub fn view(&self, server: &str) -> View {
        let raft = &self.running[server];
        let role = match raft.role {
            Role::Follower => "follower",
            Role::Candidate => "candidate",
            Role::Leader => "leader",
        };
        let mut fields = json!({
            "role": role,
            "term": raft.term,
            "vote": raft.voted_for,
            "commit": raft.commit_index,
            "applied": raft.last_applied,
        });
        if raft.role == Role::Leader {
            fields["next"] = json!(raft.next_index);
            fields["match"] = json!(raft.match_index);
        }
        View {
            fields,
            log: raft.log.iter().map(shown).collect(),
        }
    }

    fn at(&mut self, server: &str) -> &mut Server {
        self.running.get_mut(server).expect("a running server")
    }

    /// What a server sent since the last time.
    fn sent_by(&mut self, server: &str) -> Vec<Sent> {
        let outbox = std::mem::take(&mut self.at(server).outbox);
        outbox
            .into_iter()
            .map(|(to, message)| Sent {
                from: server.to_string(),
                to,
                message: meaning_of(&message, true).to_string(),
                label: label_of(&message),
                meaning: meaning_of(&message, false),
            })
            .collect()
    }
}

fn shown(entry: &Entry) -> Value {
    json!([entry.term, entry.command])
}

/// A message in one short line; two messages with one label must be the same.
fn label_of(message: &Message) -> String {
    let yes_or_no = |value: &bool| if *value { "yes" } else { "no" };
    match message {
        Message::RequestVote {
            term,
            last_log_index,
            last_log_term,
        } => {
            format!("RequestVote t{term} last {last_log_index}@{last_log_term}")
        }
        Message::RequestVoteReply { term, vote_granted } => {
            format!("RequestVote reply t{term} {}", yes_or_no(vote_granted))
        }
        Message::AppendEntries {
            term,
            prev_log_index,
            prev_log_term,
            entries,
            leader_commit,
        } => {
            let mut text = format!("AppendEntries t{term} prev {prev_log_index}@{prev_log_term}");
            text += " entries";
            for (offset, entry) in entries.iter().enumerate() {
                let index = prev_log_index + 1 + offset;
                text += &format!(" {index}@{}:{}", entry.term, entry.command);
            }
            text + &format!(" commit {leader_commit}")
        }
        Message::AppendEntriesReply {
            term,
            success,
            match_index,
        } => {
            format!(
                "AppendEntries reply t{term} {} {match_index}",
                yes_or_no(success)
            )
        }
    }
}

/// A message in the words of the paper; leave out what yours does not have. The toy also sends
/// its messages in this form, `whole`, with the match_index of a refusal, which is its own.
fn meaning_of(message: &Message, whole: bool) -> Value {
    match message {
        Message::RequestVote {
            term,
            last_log_index,
            last_log_term,
        } => json!({
            "type": "request_vote",
            "term": term,
            "last_log_index": last_log_index,
            "last_log_term": last_log_term,
        }),
        Message::RequestVoteReply { term, vote_granted } => json!({
            "type": "request_vote_response",
            "term": term,
            "vote_granted": vote_granted,
        }),
        Message::AppendEntries {
            term,
            prev_log_index,
            prev_log_term,
            entries,
            leader_commit,
        } => {
            json!({
                "type": "append_entries",
                "term": term,
                "prev_log_index": prev_log_index,
                "prev_log_term": prev_log_term,
                "entries": entries.iter().map(shown).collect::<Vec<_>>(),
                "leader_commit": leader_commit,
            })
        }
        Message::AppendEntriesReply {
            term,
            success,
            match_index,
        } => {
            let mut fields = json!({
                "type": "append_entries_response",
                "term": term,
                "success": success,
            });
            if whole || *success {
                fields["match_index"] = json!(match_index);
            }
            fields
        }
    }
}

/// The message that `meaning_of` wrote whole.
fn message_of(fields: &Value) -> Message {
    let number = |name: &str| fields[name].as_u64().expect("a number");
    let flag = |name: &str| fields[name].as_bool().expect("true or false");
    let term = number("term");
    match fields["type"].as_str().expect("a type") {
        "request_vote" => Message::RequestVote {
            term,
            last_log_index: number("last_log_index") as usize,
            last_log_term: number("last_log_term"),
        },
        "request_vote_response" => Message::RequestVoteReply {
            term,
            vote_granted: flag("vote_granted"),
        },
        "append_entries" => Message::AppendEntries {
            term,
            prev_log_index: number("prev_log_index") as usize,
            prev_log_term: number("prev_log_term"),
            entries: fields["entries"]
                .as_array()
                .expect("entries")
                .iter()
                .map(entry_of)
                .collect(),
            leader_commit: number("leader_commit") as usize,
        },
        "append_entries_response" => Message::AppendEntriesReply {
            term,
            success: flag("success"),
            match_index: number("match_index") as usize,
        },
        other => panic!("unknown message {other}"),
    }
}

fn entry_of(pair: &Value) -> Entry {
    Entry {
        term: pair[0].as_u64().expect("a term"),
        command: pair[1].as_str().expect("a command").to_string(),
    }
}

fn main() {
    protocol::serve(hello(), Cluster::default());
}
