//! One server as it is seen, put together from what the library shows and from its disk.

use std::collections::BTreeMap;

use openraft::{EmptyNode, EntryPayload, LogId, Membership, RaftState, ServerState, Vote};
use raftoracle::calls::Packet;
use raftoracle::wire::{LogTail, Members, View};

use crate::clock::Instant;
use crate::message::Body;
use crate::server::Server;
use crate::types::{content, name, place};

/// What the library shows of its state.
pub struct Looked {
    pub role: &'static str,
    /// As the disk has it.
    pub vote: Vote<u64>,
    pub commit: u64,
    pub members: Members,
    /// By server, of a leader.
    pub matched: Option<BTreeMap<u64, u64>>,
}

/// The term of a server, and whether it leads.
pub struct Standing {
    pub term: u64,
    pub leads: bool,
}

impl Standing {
    /// Whether a message is of a time that is over: a leader's tasks go on for a while.
    pub fn is_over(&self, message: &Body) -> bool {
        message.term().is_some_and(|term| term < self.term)
            || message.next().is_some() && !self.leads
    }
}

impl Looked {
    pub fn standing(&self) -> Standing {
        Standing {
            term: self.vote.leader_id.term,
            leads: self.role == LEADER,
        }
    }
}

const LEADER: &str = "leader";

/// Read the state of a server, inside it.
pub fn look(state: &RaftState<u64, EmptyNode, Instant>) -> Looked {
    let effective = state.membership_state.effective();
    Looked {
        role: role(state.server_state),
        vote: Vote::default(),
        commit: place(state.committed).0,
        members: members(*effective.log_id(), effective.membership()),
        matched: None,
    }
}

/// A configuration that an entry of the log brought.
fn members(since: Option<LogId<u64>>, found: &Membership<u64, EmptyNode>) -> Members {
    let half = |number: usize| {
        let half = found.get_joint_config().get(number).into_iter().flatten();
        half.copied().map(name).collect()
    };
    Members {
        voters: half(0),
        learners: found.learner_ids().map(name).collect(),
        new_voters: half(1),
        voters_since: place(since).0,
    }
}

fn role(state: ServerState) -> &'static str {
    match state {
        ServerState::Leader => LEADER,
        ServerState::Candidate => "candidate",
        _ => "follower",
    }
}

/// What has been shown of a server, and what only its past tells, through all of its lives.
#[derive(Default)]
pub struct Shown {
    view: Option<View>,
    /// Since when the configuration that was shown last is in force; a new life may find others on its
    /// disk.
    members_since: u64,
    /// Term and candidate of the last vote that was given.
    given: Option<(u64, u64)>,
    /// Where a leader goes on sending to each follower.
    next: BTreeMap<u64, u64>,
    matched: BTreeMap<u64, u64>,
}

impl Shown {
    /// A new life begins.
    pub fn restart(&mut self) {
        self.view = None;
        self.next.clear();
        self.matched.clear();
    }

    /// How the server stood when it was last shown.
    pub fn standing(&self) -> Standing {
        let view = self.view.as_ref();
        Standing {
            term: view.map_or(0, |view| view.term),
            leads: view.is_some_and(|view| view.role == LEADER),
        }
    }

    /// The view, if it changed since the last one.
    pub fn changed_view(
        &mut self,
        id: u64,
        server: &Server,
        looked: Looked,
        sent: &[Packet<Body>],
    ) -> Option<View> {
        let view = self.view_of(id, server, looked, sent);
        let changed_from = server.disk.take_changed_from();
        if changed_from.is_none() && self.view.as_ref() == Some(&view) {
            return None;
        }
        self.view = Some(view.clone());
        let mut view = with_log(view, server, changed_from);
        let same_until = self.members_since.min(changed_from.unwrap_or(u64::MAX));
        view.earlier = earlier(server, same_until, voters_since(&view));
        self.members_since = voters_since(&view);
        Some(view)
    }

    /// After a crash: as last seen, with the log that the disk holds now.
    pub fn last_view(&self, server: &Server) -> Option<View> {
        let mut view = self.view.clone()?;
        view.snapshot = compacted(server);
        Some(with_log(view, server, server.disk.take_changed_from()))
    }

    fn view_of(&mut self, id: u64, server: &Server, looked: Looked, sent: &[Packet<Body>]) -> View {
        let term = looked.vote.leader_id.term;
        let vote = self.vote_of(&looked.vote);
        let (matched, next) = self.replication(id, looked.matched, sent).unzip();
        View {
            role: looked.role,
            term,
            vote: vote.map(name),
            commit: looked.commit,
            applied: server.machine.applied(),
            snapshot: compacted(server),
            matched,
            next,
            digest: Some(server.machine.digest()),
            members: Some(looked.members),
            ..View::default()
        }
    }

    /// Who got the vote of this term.
    ///
    /// openraft keeps the leader in the place of the vote as soon as it hears of one: from then on
    /// it gives no vote in that term, and the one that it gave before stays shown.
    fn vote_of(&mut self, vote: &Vote<u64>) -> Option<u64> {
        let candidate = vote.leader_id.voted_for()?;
        let term = vote.leader_id.term;
        match self.given {
            Some((in_term, given)) if in_term == term && vote.committed => Some(given),
            _ => {
                self.given = Some((term, candidate));
                Some(candidate)
            }
        }
    }

    /// What a leader knows of its followers: how far they match, and where it goes on, which is where
    /// it last began to send, or behind what it has learnt since.
    fn replication(
        &mut self,
        id: u64,
        matched: Option<BTreeMap<u64, u64>>,
        sent: &[Packet<Body>],
    ) -> Option<(BTreeMap<String, u64>, BTreeMap<String, u64>)> {
        let Some(mut matched) = matched else {
            self.next.clear();
            self.matched.clear();
            return None;
        };
        matched.remove(&id);
        self.next.retain(|peer, _| matched.contains_key(peer));
        for (peer, index) in &matched {
            let next = self.next.entry(*peer).or_insert(index + 1);
            if Some(index) > self.matched.get(peer) {
                *next = (*next).max(index + 1);
            }
        }
        for each in sent {
            if let (Some(next), Some(first)) = (self.next.get_mut(&each.to), each.message.next()) {
                *next = first;
            }
        }
        self.matched.clone_from(&matched);
        let by_name = |all: &BTreeMap<u64, u64>| {
            all.iter()
                .map(|(peer, index)| (name(*peer), *index))
                .collect()
        };
        Some((by_name(&matched), by_name(&self.next)))
    }
}

/// So many configurations fit into a view.
const MOST_EARLIER: usize = 100;

/// The configurations of the log between an index up to which nothing has changed and the one that is
/// in force.
fn earlier(server: &Server, after: u64, before: u64) -> Vec<Members> {
    if before <= after.saturating_add(1) {
        return Vec::new();
    }
    server.disk.read(|disk| {
        let between = disk.log.range(after..before - 1).rev();
        let found = between.filter_map(|(_, entry)| match &entry.payload {
            EntryPayload::Membership(found) => Some(members(Some(entry.log_id), found)),
            _ => None,
        });
        let mut found: Vec<Members> = found.take(MOST_EARLIER).collect();
        found.reverse();
        found
    })
}

fn voters_since(view: &View) -> u64 {
    let members = view.members.as_ref();
    members.map_or(0, |members| members.voters_since)
}

fn compacted(server: &Server) -> (u64, u64) {
    place(server.disk.read(|content| content.compacted()))
}

fn with_log(mut view: View, server: &Server, changed_from: Option<u64>) -> View {
    let first = view.snapshot.0;
    view.log = changed_from.map(|from| {
        let from = from.max(first);
        let entries = server.disk.read(|disk| {
            let entries = disk.log.range(from..).map(|(_, entry)| entry);
            entries
                .map(|entry| (entry.log_id.leader_id.term, content(entry)))
                .collect()
        });
        LogTail {
            from: from + 1,
            entries,
        }
    });
    view
}
