//! A toy Raft of tasks, timers and a lock: Figure 2 of the paper, without snapshots. It knows nothing
//! of raft-oracle, and would run over a network as it is. Replace this file by your own.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use rand::Rng;
use tokio::time::{sleep, sleep_until, Instant};

const HEARTBEAT_INTERVAL: Duration = Duration::from_millis(100);
/// In milliseconds: at least, and at most.
const ELECTION_TIMEOUT: (u64, u64) = (500, 1000);

/// One entry of the log; the no-op of a new leader has an empty command.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub term: u64,
    pub command: String,
}

/// What a server keeps over a crash.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    pub term: u64,
    pub voted_for: Option<u64>,
    pub log: Vec<Entry>,
}

/// Keeps what a server saves: `write` begins to, and `sync` waits until it is safe.
pub trait Storage: Send + Sync + 'static {
    fn load(&self) -> Saved;
    fn write(&self, saved: Saved);
    fn sync(&self) -> impl Future<Output = ()> + Send;
}

/// Sends requests to other servers, and waits for their answers; None where none comes.
pub trait Transport: Send + Sync + 'static {
    fn request_vote(
        &self,
        peer: u64,
        request: VoteRequest,
    ) -> impl Future<Output = Option<VoteReply>> + Send;
    fn append_entries(
        &self,
        peer: u64,
        request: AppendRequest,
    ) -> impl Future<Output = Option<AppendReply>> + Send;
}

/// Asks for a vote.
#[derive(Clone, Debug)]
pub struct VoteRequest {
    pub term: u64,
    pub last_log_index: u64,
    pub last_log_term: u64,
}

/// Grants or refuses it.
#[derive(Clone, Debug)]
pub struct VoteReply {
    pub term: u64,
    pub vote_granted: bool,
}

/// Replicates entries, or says that there is a leader.
#[derive(Clone, Debug)]
pub struct AppendRequest {
    pub term: u64,
    pub prev_log_index: u64,
    pub prev_log_term: u64,
    pub entries: Vec<Entry>,
    pub leader_commit: u64,
}

/// Accepts them up to an index, or says where the log may still match.
#[derive(Clone, Debug)]
pub struct AppendReply {
    pub term: u64,
    pub success: bool,
    pub match_index: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role {
    Follower,
    Candidate,
    Leader,
}

/// What a server knows.
pub struct State {
    pub role: Role,
    pub term: u64,
    pub voted_for: Option<u64>,
    pub log: Vec<Entry>,
    pub commit_index: u64,
    pub last_applied: u64,
    pub next_index: BTreeMap<u64, u64>,
    pub match_index: BTreeMap<u64, u64>,
    /// How far the leader's own log is safe.
    synced: u64,
    votes: BTreeSet<u64>,
    election: Instant,
}

/// One server.
pub struct Raft<T, S> {
    id: u64,
    peers: Vec<u64>,
    transport: T,
    storage: S,
    state: Mutex<State>,
}

impl<T: Transport, S: Storage> Raft<T, S> {
    /// Start a server from what it has saved.
    pub fn start(id: u64, peers: Vec<u64>, transport: T, storage: S) -> Arc<Raft<T, S>> {
        let Saved {
            term,
            voted_for,
            log,
        } = storage.load();
        let state = State {
            role: Role::Follower,
            term,
            voted_for,
            log,
            commit_index: 0,
            last_applied: 0,
            next_index: BTreeMap::new(),
            match_index: BTreeMap::new(),
            synced: 0,
            votes: BTreeSet::new(),
            election: next_election(),
        };
        let raft = Arc::new(Raft {
            id,
            peers,
            transport,
            storage,
            state: Mutex::new(state),
        });
        tokio::spawn(raft.clone().watch_election_timer());
        raft
    }

    /// What the server knows; it must not be held while something is waited for.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with the state")
    }

    /// Stand for election whenever nobody has moved the timer on in time.
    async fn watch_election_timer(self: Arc<Self>) {
        loop {
            let due = self.state().election;
            sleep_until(due).await;
            if self.state().election <= Instant::now() {
                self.stand_for_election().await;
            }
        }
    }

    /// Begin a new term, with a vote for itself.
    async fn stand_for_election(self: &Arc<Self>) {
        let request = {
            let mut state = self.state();
            state.election = next_election();
            if state.role == Role::Leader {
                return;
            }
            state.role = Role::Candidate;
            state.term += 1;
            state.voted_for = Some(self.id);
            state.votes.clear();
            self.storage.write(state.saved());
            VoteRequest {
                term: state.term,
                last_log_index: state.last_index(),
                last_log_term: state.last_term(),
            }
        };
        self.storage.sync().await;
        for peer in self.peers.clone() {
            tokio::spawn(self.clone().ask_for_vote(peer, request.clone()));
        }
        self.count_vote(self.id, request.term).await;
    }

    async fn ask_for_vote(self: Arc<Self>, peer: u64, request: VoteRequest) {
        let term = request.term;
        let Some(reply) = self.transport.request_vote(peer, request).await else {
            return; // the next election asks again
        };
        self.note_term(reply.term).await;
        if reply.vote_granted {
            self.count_vote(peer, term).await;
        }
    }

    async fn count_vote(self: &Arc<Self>, voter: u64, term: u64) {
        {
            let mut state = self.state();
            if state.role != Role::Candidate || state.term != term {
                return;
            }
            state.votes.insert(voter);
            if state.votes.len() < self.majority() {
                return;
            }
            state.role = Role::Leader;
            state.synced = 0;
            let next = state.last_index() + 1;
            state.next_index = self.peers.iter().map(|peer| (*peer, next)).collect();
            state.match_index = self.peers.iter().map(|peer| (*peer, 0)).collect();
        }
        tokio::spawn(self.clone().send_heartbeats(term));
        self.propose(String::new()).await;
    }

    /// Go on as long as the server leads in this term.
    async fn send_heartbeats(self: Arc<Self>, term: u64) {
        loop {
            sleep(HEARTBEAT_INTERVAL).await;
            if !self.state().leads(term) {
                return;
            }
            self.send_to_all();
        }
    }

    /// Append a client's command, if the server leads. Others may store it before this one has.
    pub async fn propose(self: &Arc<Self>, command: String) {
        let (term, index) = {
            let mut state = self.state();
            if state.role != Role::Leader {
                return;
            }
            let term = state.term;
            state.log.push(Entry { term, command });
            self.storage.write(state.saved());
            (term, state.last_index())
        };
        self.send_to_all();
        self.storage.sync().await;
        let mut state = self.state();
        if state.leads(term) {
            state.synced = state.synced.max(index);
            self.advance_commit(&mut state);
        }
    }

    fn send_to_all(self: &Arc<Self>) {
        for peer in &self.peers {
            self.send_entries(*peer);
        }
    }

    /// Send what a follower lacks, or nothing but the news that there is a leader.
    fn send_entries(self: &Arc<Self>, peer: u64) {
        let state = self.state();
        if state.role == Role::Leader {
            let prev = state.next_index[&peer] - 1;
            let request = AppendRequest {
                term: state.term,
                prev_log_index: prev,
                prev_log_term: state.term_at(prev),
                entries: state.log[prev as usize..].to_vec(),
                leader_commit: state.commit_index,
            };
            tokio::spawn(self.clone().replicate(peer, request));
        }
    }

    /// Note what a follower holds, or go back to where its log may match.
    async fn replicate(self: Arc<Self>, peer: u64, request: AppendRequest) {
        let term = request.term;
        let Some(reply) = self.transport.append_entries(peer, request).await else {
            return; // the next heartbeat sends it again
        };
        self.note_term(reply.term).await;
        {
            let mut state = self.state();
            if !state.leads(term) || reply.term != term {
                return;
            }
            let (known, next) = (state.match_index[&peer], state.next_index[&peer]);
            if reply.success {
                let matched = known.max(reply.match_index);
                state.match_index.insert(peer, matched);
                state.next_index.insert(peer, next.max(matched + 1));
                self.advance_commit(&mut state);
                return;
            }
            let back = (next - 1).min(reply.match_index + 1);
            state.next_index.insert(peer, back.max(known + 1));
        }
        self.send_entries(peer);
    }

    /// Grant at most one vote a term, and only to who is up to date (section 5.4.1).
    pub async fn handle_request_vote(&self, candidate: u64, request: VoteRequest) -> VoteReply {
        self.note_term(request.term).await;
        let reply = {
            let mut state = self.state();
            let theirs = (request.last_log_term, request.last_log_index);
            let up_to_date = theirs >= (state.last_term(), state.last_index());
            let is_free = state.voted_for.is_none_or(|given| given == candidate);
            let vote_granted = request.term == state.term && is_free && up_to_date;
            if vote_granted {
                state.voted_for = Some(candidate);
                state.election = next_election();
                self.storage.write(state.saved());
            }
            VoteReply {
                term: state.term,
                vote_granted,
            }
        };
        self.storage.sync().await;
        reply
    }

    /// Append what follows a matching entry; delete what conflicts, and only that.
    pub async fn handle_append_entries(&self, request: AppendRequest) -> AppendReply {
        self.note_term(request.term).await;
        let reply = {
            let mut state = self.state();
            let term = state.term;
            let (success, match_index) = match request.term < term {
                true => (false, 0),
                false => state.append(request),
            };
            self.storage.write(state.saved());
            AppendReply {
                term,
                success,
                match_index,
            }
        };
        self.storage.sync().await;
        reply
    }

    /// Follow a newer term, before anything else is made of a message.
    async fn note_term(&self, term: u64) {
        {
            let mut state = self.state();
            if term <= state.term {
                return;
            }
            state.role = Role::Follower;
            state.term = term;
            state.voted_for = None;
            self.storage.write(state.saved());
        }
        self.storage.sync().await;
    }

    /// Commit what a majority holds, if it is of this term (section 5.4.2).
    fn advance_commit(&self, state: &mut State) {
        let mut held: Vec<u64> = state.match_index.values().copied().collect();
        held.push(state.synced);
        held.sort_unstable_by(|one, other| other.cmp(one));
        let index = held[self.majority() - 1];
        if state.term_at(index) == state.term {
            state.commit(index);
        }
    }

    fn majority(&self) -> usize {
        self.peers.len().div_ceil(2) + 1
    }
}

impl State {
    fn append(&mut self, request: AppendRequest) -> (bool, u64) {
        self.role = Role::Follower;
        self.election = next_election();
        let prev = request.prev_log_index;
        if prev > self.last_index() || self.term_at(prev) != request.prev_log_term {
            return (false, self.last_index().min(prev - 1));
        }
        let matched = prev + request.entries.len() as u64;
        for (index, entry) in (prev + 1..).zip(request.entries) {
            if index <= self.last_index() && self.term_at(index) != entry.term {
                self.log.truncate(index as usize - 1);
            }
            if index > self.last_index() {
                self.log.push(entry);
            }
        }
        self.commit(request.leader_commit.min(matched));
        (true, matched)
    }

    /// The toy's state machine is its log.
    fn commit(&mut self, index: u64) {
        self.commit_index = self.commit_index.max(index);
        self.last_applied = self.commit_index;
    }

    fn saved(&self) -> Saved {
        Saved {
            term: self.term,
            voted_for: self.voted_for,
            log: self.log.clone(),
        }
    }

    fn leads(&self, term: u64) -> bool {
        self.role == Role::Leader && self.term == term
    }

    fn last_index(&self) -> u64 {
        self.log.len() as u64
    }

    fn last_term(&self) -> u64 {
        self.term_at(self.last_index())
    }

    fn term_at(&self, index: u64) -> u64 {
        match index {
            0 => 0,
            _ => self.log[index as usize - 1].term,
        }
    }
}

fn next_election() -> Instant {
    let (least, most) = ELECTION_TIMEOUT;
    Instant::now() + Duration::from_millis(rand::rng().random_range(least..=most))
}
