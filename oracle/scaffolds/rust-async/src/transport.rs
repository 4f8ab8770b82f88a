//! The transport: what the Raft sends becomes a message of raft-oracle, which decides when it arrives:
//! at once, late, twice, after others, or never.

use raftoracle::{Message, Node};
use serde_json::{json, Value};

use crate::raft::{AppendReply, AppendRequest, Entry, Saved, Transport, VoteReply, VoteRequest};

/// All that servers say to each other.
#[derive(Clone, Debug)]
pub enum Rpc {
    RequestVote(VoteRequest),
    Voted(VoteReply),
    AppendEntries(AppendRequest),
    Appended(AppendReply),
}

impl Transport for Node<Rpc, Saved> {
    async fn request_vote(&self, peer: u64, request: VoteRequest) -> Option<VoteReply> {
        match self.call(peer, Rpc::RequestVote(request)).await {
            Ok(Rpc::Voted(reply)) => Some(reply),
            _ => None,
        }
    }

    async fn append_entries(&self, peer: u64, request: AppendRequest) -> Option<AppendReply> {
        match self.call(peer, Rpc::AppendEntries(request)).await {
            Ok(Rpc::Appended(reply)) => Some(reply),
            _ => None,
        }
    }
}

impl Message for Rpc {
    /// One short line that tells it apart from others on the same link, without counters, addresses or
    /// times: a schedule is replayed by labels.
    fn label(&self) -> String {
        let yes_or_no = |value| if value { "yes" } else { "no" };
        match self {
            Rpc::RequestVote(request) => format!(
                "RequestVote t{} last {}@{}",
                request.term, request.last_log_index, request.last_log_term
            ),
            Rpc::Voted(reply) => format!(
                "RequestVote reply t{} {}",
                reply.term,
                yes_or_no(reply.vote_granted)
            ),
            Rpc::AppendEntries(request) => {
                let entries = (request.prev_log_index + 1..).zip(&request.entries);
                let entries: String = entries
                    .map(|(index, entry)| format!(" {index}@{}:{}", entry.term, entry.command))
                    .collect();
                format!(
                    "AppendEntries t{} prev {}@{} entries{entries} commit {}",
                    request.term,
                    request.prev_log_index,
                    request.prev_log_term,
                    request.leader_commit
                )
            }
            Rpc::Appended(reply) => format!(
                "AppendEntries reply t{} {} {}",
                reply.term,
                yes_or_no(reply.success),
                reply.match_index
            ),
        }
    }

    /// What it says in the words of the paper; leave out what yours does not have.
    fn meaning(&self) -> Value {
        match self {
            Rpc::RequestVote(request) => json!({
                "type": "request_vote",
                "term": request.term,
                "last_log_index": request.last_log_index,
                "last_log_term": request.last_log_term,
            }),
            Rpc::Voted(reply) => json!({
                "type": "request_vote_response",
                "term": reply.term,
                "vote_granted": reply.vote_granted,
            }),
            Rpc::AppendEntries(request) => json!({
                "type": "append_entries",
                "term": request.term,
                "prev_log_index": request.prev_log_index,
                "prev_log_term": request.prev_log_term,
                "entries": request.entries.iter().map(pair).collect::<Vec<_>>(),
                "leader_commit": request.leader_commit,
            }),
            Rpc::Appended(reply) => {
                let mut meaning = json!({
                    "type": "append_entries_response",
                    "term": reply.term,
                    "success": reply.success,
                });
                if reply.success {
                    meaning["match_index"] = json!(reply.match_index);
                }
                meaning
            }
        }
    }
}

fn pair(entry: &Entry) -> Value {
    json!([entry.term, entry.command])
}
