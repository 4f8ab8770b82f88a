//! A toy Raft that makes the adapter run at once: Figure 2 of the paper, without snapshots.
//!
//! Replace this file by your own implementation. It owns no network, clock or thread; what it
//! sends goes into `outbox`, and what must survive a crash is returned by `disk`.

use std::collections::{BTreeMap, BTreeSet};

/// One entry of the log; the no-op of a new leader has an empty command.
#[derive(Clone)]
pub struct Entry {
    pub term: u64,
    pub command: String,
}

/// What a server keeps over a crash.
#[derive(Clone, Default)]
pub struct Disk {
    term: u64,
    voted_for: Option<String>,
    log: Vec<Entry>,
}

#[derive(Clone)]
pub enum Message {
    RequestVote {
        term: u64,
        last_log_index: usize,
        last_log_term: u64,
    },
    RequestVoteReply {
        term: u64,
        vote_granted: bool,
    },
    AppendEntries {
        term: u64,
        prev_log_index: usize,
        prev_log_term: u64,
        entries: Vec<Entry>,
        leader_commit: usize,
    },
    /// `match_index` is what is acknowledged; in a refusal, where the log may still match.
    AppendEntriesReply {
        term: u64,
        success: bool,
        match_index: usize,
    },
}

impl Message {
    pub fn term(&self) -> u64 {
        match self {
            Message::RequestVote { term, .. }
            | Message::RequestVoteReply { term, .. }
            | Message::AppendEntries { term, .. }
            | Message::AppendEntriesReply { term, .. } => *term,
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
pub enum Role {
    Follower,
    Candidate,
    Leader,
}

/// One server.
pub struct Server {
    name: String,
    peers: Vec<String>,
    disk: Disk,
    votes: BTreeSet<String>,
    pub role: Role,
    pub term: u64,
    pub voted_for: Option<String>,
    pub log: Vec<Entry>,
    pub commit_index: usize,
    pub last_applied: usize,
    pub next_index: BTreeMap<String, usize>,
    pub match_index: BTreeMap<String, usize>,
    pub outbox: Vec<(String, Message)>,
}

impl Server {
    /// Start a server from its disk.
    pub fn new(name: &str, peers: Vec<String>, disk: Disk) -> Server {
        Server {
            name: name.to_string(),
            peers,
            term: disk.term,
            voted_for: disk.voted_for.clone(),
            log: disk.log.clone(),
            disk,
            votes: BTreeSet::new(),
            role: Role::Follower,
            commit_index: 0,
            last_applied: 0,
            next_index: BTreeMap::new(),
            match_index: BTreeMap::new(),
            outbox: Vec::new(),
        }
    }

    /// What survives a crash.
    pub fn disk(self) -> Disk {
        self.disk
    }

    /// Stand for election, unless leading.
    pub fn election_timeout(&mut self) {
        if self.role == Role::Leader {
            return;
        }
        self.role = Role::Candidate;
        self.term += 1;
        self.voted_for = Some(self.name.clone());
        self.votes = BTreeSet::from([self.name.clone()]);
        self.persist();
        let request = Message::RequestVote {
            term: self.term,
            last_log_index: self.log.len(),
            last_log_term: self.term_at(self.log.len()),
        };
        for peer in self.peers.clone() {
            self.send(&peer, request.clone());
        }
        self.count_votes();
    }

    /// Send what each follower lacks, or nothing but the news that there is a leader.
    pub fn heartbeat_timeout(&mut self) {
        if self.role == Role::Leader {
            for peer in self.peers.clone() {
                self.send_entries(&peer);
            }
        }
    }

    /// Append a client's command, if leading.
    pub fn propose(&mut self, command: &str) {
        if self.role == Role::Leader {
            self.log.push(Entry {
                term: self.term,
                command: command.to_string(),
            });
            self.persist();
            self.heartbeat_timeout();
            self.advance_commit();
        }
    }

    /// Handle an RPC or a reply.
    pub fn receive(&mut self, source: &str, message: Message) {
        if message.term() > self.term {
            self.role = Role::Follower;
            self.term = message.term();
            self.voted_for = None;
            self.persist();
        }
        match message {
            Message::RequestVote {
                term,
                last_log_index,
                last_log_term,
            } => self.on_request_vote(source, term, (last_log_term, last_log_index)),
            Message::RequestVoteReply { term, vote_granted } => {
                if self.role == Role::Candidate && term == self.term && vote_granted {
                    self.votes.insert(source.to_string());
                    self.count_votes();
                }
            }
            Message::AppendEntries {
                term,
                prev_log_index,
                prev_log_term,
                entries,
                leader_commit,
            } => {
                let (success, match_index) = if term < self.term {
                    (false, 0)
                } else {
                    self.on_append_entries(prev_log_index, prev_log_term, entries, leader_commit)
                };
                let reply = Message::AppendEntriesReply {
                    term: self.term,
                    success,
                    match_index,
                };
                self.send(source, reply);
            }
            Message::AppendEntriesReply {
                term,
                success,
                match_index,
            } => {
                if self.role == Role::Leader && term == self.term {
                    self.on_append_reply(source, success, match_index);
                }
            }
        }
    }

    /// Grant at most one vote a term, and only to who is up to date (section 5.4.1).
    fn on_request_vote(&mut self, source: &str, term: u64, theirs: (u64, usize)) {
        let mine = (self.term_at(self.log.len()), self.log.len());
        let is_free = self.voted_for.as_deref().unwrap_or(source) == source;
        let vote_granted = term == self.term && is_free && theirs >= mine;
        if vote_granted {
            self.voted_for = Some(source.to_string());
            self.persist();
        }
        self.send(
            source,
            Message::RequestVoteReply {
                term: self.term,
                vote_granted,
            },
        );
    }

    fn count_votes(&mut self) {
        if self.votes.len() < self.majority() {
            return;
        }
        self.role = Role::Leader;
        let next = self.log.len() + 1;
        self.next_index = self.peers.iter().map(|peer| (peer.clone(), next)).collect();
        self.match_index = self.peers.iter().map(|peer| (peer.clone(), 0)).collect();
        self.propose("");
    }

    /// Append what follows a matching entry; delete what conflicts, and only that.
    fn on_append_entries(
        &mut self,
        prev: usize,
        prev_term: u64,
        entries: Vec<Entry>,
        leader_commit: usize,
    ) -> (bool, usize) {
        self.role = Role::Follower;
        if prev > self.log.len() || self.term_at(prev) != prev_term {
            return (false, self.log.len().min(prev - 1));
        }
        let matched = prev + entries.len();
        for (offset, entry) in entries.into_iter().enumerate() {
            let index = prev + 1 + offset;
            if index <= self.log.len() && self.term_at(index) != entry.term {
                self.log.truncate(index - 1);
            }
            if index > self.log.len() {
                self.log.push(entry);
            }
        }
        self.persist();
        self.commit(leader_commit.min(matched));
        (true, matched)
    }

    /// Note what a follower holds, or go back to where its log may match.
    fn on_append_reply(&mut self, source: &str, success: bool, index: usize) {
        let (known, next) = (self.match_index[source], self.next_index[source]);
        if success {
            let matched = known.max(index);
            self.match_index.insert(source.to_string(), matched);
            self.next_index
                .insert(source.to_string(), next.max(matched + 1));
            self.advance_commit();
        } else {
            let back = (next - 1).min(index + 1);
            self.next_index
                .insert(source.to_string(), back.max(known + 1));
            self.send_entries(source);
        }
    }

    /// Commit what a majority holds, if it is of this term (section 5.4.2).
    fn advance_commit(&mut self) {
        let mut held: Vec<usize> = self.match_index.values().copied().collect();
        held.push(self.log.len());
        held.sort_unstable_by(|one, other| other.cmp(one));
        let index = held[self.majority() - 1];
        if self.term_at(index) == self.term {
            self.commit(index);
        }
    }

    /// The toy's state machine is its log.
    fn commit(&mut self, index: usize) {
        self.commit_index = self.commit_index.max(index);
        self.last_applied = self.commit_index;
    }

    fn send_entries(&mut self, peer: &str) {
        let prev = self.next_index[peer] - 1;
        let message = Message::AppendEntries {
            term: self.term,
            prev_log_index: prev,
            prev_log_term: self.term_at(prev),
            entries: self.log[prev..].to_vec(),
            leader_commit: self.commit_index,
        };
        self.send(peer, message);
    }

    fn send(&mut self, peer: &str, message: Message) {
        self.outbox.push((peer.to_string(), message));
    }

    fn persist(&mut self) {
        self.disk = Disk {
            term: self.term,
            voted_for: self.voted_for.clone(),
            log: self.log.clone(),
        };
    }

    fn term_at(&self, index: usize) -> u64 {
        if index == 0 {
            0
        } else {
            self.log[index - 1].term
        }
    }

    fn majority(&self) -> usize {
        self.peers.len().div_ceil(2) + 1
    }
}
