//! Messages as one short line, and in the vocabulary of traces.

use openraft::error::InstallSnapshotError;
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, VoteRequest, VoteResponse,
};
use openraft::Vote;
use serde_json::{json, Value};

use crate::types::{content, name, place, Types};

/// A call or its answer.
#[derive(Clone, Debug)]
pub enum Body {
    Append(AppendEntriesRequest<Types>),
    Appended(Appended),
    Vote(VoteRequest<u64>),
    Voted(VoteResponse<u64>),
    Install(InstallSnapshotRequest<Types>),
    Installed { vote: Vote<u64>, outcome: Installed },
    Mismatch(InstallSnapshotError),
}

/// What became of AppendEntries, and the term of who says so: openraft leaves the term out. Who agrees does
/// so in the term of the request.
#[derive(Clone, Debug)]
pub struct Appended {
    pub term: u64,
    pub outcome: Outcome,
}

#[derive(Clone, Debug)]
pub enum Outcome {
    /// The log matches up to here.
    Matches(u64),
    Conflict,
    HigherVote(Vote<u64>),
}

/// What became of a chunk of a snapshot.
#[derive(Clone, Copy, Debug)]
pub enum Installed {
    Taken,
    /// It was the last one, and its receiver has from now on what the snapshot covers.
    InPlace(u64),
    HigherVote,
}

impl Appended {
    /// The answer to a request of a term, which says itself how far the logs match if it succeeded.
    pub fn to(last: u64, term: u64, response: AppendEntriesResponse<u64>) -> Appended {
        let outcome = match response {
            AppendEntriesResponse::Success => Outcome::Matches(last),
            AppendEntriesResponse::PartialSuccess(upto) => Outcome::Matches(place(upto).0),
            AppendEntriesResponse::Conflict => Outcome::Conflict,
            AppendEntriesResponse::HigherVote(vote) => Outcome::HigherVote(vote),
        };
        Appended { term, outcome }
    }

    /// Who refuses says so in the term in which it stands.
    pub fn set_standing(&mut self, term: u64) {
        if !matches!(self.outcome, Outcome::Matches(_)) {
            self.term = term;
        }
    }

    pub fn response(&self) -> AppendEntriesResponse<u64> {
        match &self.outcome {
            Outcome::Matches(_) => AppendEntriesResponse::Success,
            Outcome::Conflict => AppendEntriesResponse::Conflict,
            Outcome::HigherVote(vote) => AppendEntriesResponse::HigherVote(*vote),
        }
    }
}

/// The index of the last entry that a request brings, or else of the one before.
pub fn last_of(request: &AppendEntriesRequest<Types>) -> u64 {
    place(request.prev_log_id).0 + request.entries.len() as u64
}

impl Body {
    /// The term that it carries, where it says one itself.
    pub fn term(&self) -> Option<u64> {
        match self {
            Body::Append(request) => Some(request.vote.leader_id.term),
            Body::Appended(answer) => Some(answer.term),
            Body::Vote(request) => Some(request.vote.leader_id.term),
            Body::Voted(answer) => Some(answer.vote.leader_id.term),
            Body::Install(request) => Some(request.vote.leader_id.term),
            Body::Installed { vote, .. } => Some(vote.leader_id.term),
            Body::Mismatch(_) => None,
        }
    }

    /// The index from which a leader goes on sending.
    pub fn next(&self) -> Option<u64> {
        match self {
            Body::Append(request) => Some(place(request.prev_log_id).0 + 1),
            Body::Install(request) => Some(place(request.meta.last_log_id).0 + 1),
            _ => None,
        }
    }
}

impl raftoracle::Message for Body {
    fn label(&self) -> String {
        let term = self.term().unwrap_or_default();
        match self {
            Body::Append(request) => {
                let (index, at) = place(request.prev_log_id);
                let entries = request.entries.iter().map(|entry| {
                    let (index, at) = place(Some(entry.log_id));
                    format!(" {index}@{at} {}", content(entry))
                        .trim_end()
                        .to_string()
                });
                let entries = entries.collect::<String>();
                let word = if entries.is_empty() { "" } else { " entries" };
                let commit = place(request.leader_commit).0;
                format!("append_entries t{term} prev {index}@{at}{word}{entries} commit {commit}")
            }
            Body::Appended(answer) => {
                let outcome = match &answer.outcome {
                    Outcome::Matches(index) => format!("match {index}"),
                    Outcome::Conflict => "conflict".to_string(),
                    Outcome::HigherVote(vote) => format!("refused by {}", shown(vote)),
                };
                format!("append_entries_response t{term} {outcome}")
            }
            Body::Vote(request) => {
                let (index, at) = place(request.last_log_id);
                format!("request_vote t{term} last {index}@{at}")
            }
            Body::Voted(answer) => {
                let (index, at) = place(answer.last_log_id);
                let verdict = if answer.vote_granted {
                    "granted"
                } else {
                    "refused"
                };
                let vote = shown(&answer.vote);
                format!("request_vote_response {verdict} by {vote} last {index}@{at}")
            }
            Body::Install(request) => {
                let (index, at) = place(request.meta.last_log_id);
                let last = if request.done { " done" } else { "" };
                let offset = request.offset;
                format!("install_snapshot t{term} last {index}@{at} offset {offset}{last}")
            }
            Body::Installed { vote, outcome } => {
                let vote = shown(vote);
                match outcome {
                    Installed::Taken => format!("install_snapshot_response taken by {vote}"),
                    Installed::InPlace(index) => {
                        format!("install_snapshot_response match {index} by {vote}")
                    }
                    Installed::HigherVote => format!("install_snapshot_response refused by {vote}"),
                }
            }
            Body::Mismatch(_) => "install_snapshot_response from the start".to_string(),
        }
    }

    fn meaning(&self) -> Value {
        let mut meaning = match self {
            Body::Append(request) => {
                let (index, at) = place(request.prev_log_id);
                let entries = request.entries.iter();
                let entries: Vec<_> = entries
                    .map(|entry| (entry.log_id.leader_id.term, content(entry)))
                    .collect();
                json!({"type": "append_entries", "prev_log_index": index, "prev_log_term": at,
                    "entries": entries, "leader_commit": place(request.leader_commit).0})
            }
            Body::Appended(answer) => match answer.outcome {
                Outcome::Matches(index) => {
                    json!({"type": "append_entries_response", "success": true, "match_index": index})
                }
                _ => json!({"type": "append_entries_response", "success": false}),
            },
            Body::Vote(request) => {
                let (index, at) = place(request.last_log_id);
                json!({"type": "request_vote", "last_log_index": index, "last_log_term": at})
            }
            Body::Voted(answer) => {
                json!({"type": "request_vote_response", "vote_granted": answer.vote_granted})
            }
            Body::Install(request) => {
                let (index, at) = place(request.meta.last_log_id);
                json!({"type": "install_snapshot",
                    "last_included_index": index, "last_included_term": at})
            }
            Body::Installed { outcome, .. } => match outcome {
                Installed::Taken => json!({"type": "other"}),
                Installed::InPlace(index) => {
                    json!({"type": "install_snapshot_response", "success": true, "match_index": index})
                }
                Installed::HigherVote => {
                    json!({"type": "install_snapshot_response", "success": false})
                }
            },
            Body::Mismatch(_) => json!({"type": "other"}),
        };
        if let Some(term) = self.term() {
            meaning["term"] = json!(term);
        }
        meaning
    }
}

/// A vote as openraft keeps it: it becomes the leader's once that is known.
fn shown(vote: &Vote<u64>) -> String {
    let whose = vote
        .leader_id
        .voted_for()
        .map_or("nobody".to_string(), name);
    let role = if vote.committed { ", who leads" } else { "" };
    format!("t{} for {whose}{role}", vote.leader_id.term)
}
