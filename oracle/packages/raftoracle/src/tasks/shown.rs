//! What raft-oracle knows of a server, so that only what changed need be shown.

use std::collections::BTreeMap;

use super::server::{Configuration, Entry, Role, Stored, View};
use crate::wire::{self, name, LogTail, Members};

/// The last view of a server, and what it has told others in this life.
#[derive(Default)]
pub struct Shown {
    view: Option<wire::View>,
    log: Vec<Entry>,
    /// The last term that a message of this life named.
    told_term: u64,
    /// The term in which a message of this life has told of its vote.
    told_vote: u64,
}

impl Shown {
    pub fn term(&self) -> u64 {
        self.view.as_ref().map_or(0, |view| view.term)
    }

    pub fn leads(&self) -> bool {
        let view = self.view.as_ref();
        view.is_some_and(|view| view.role == word(Role::Leader))
    }

    /// The view for a reply, with that of its log which is not known yet.
    pub fn next(&mut self, view: View, writes: usize) -> wire::View {
        let log = self.tail(view.snapshot.0, &view.log);
        let is_leader = view.role == Role::Leader;
        let by_name = |all: &BTreeMap<u64, u64>| {
            let named = all.iter().map(|(id, index)| (name(*id), *index));
            is_leader.then(|| named.collect())
        };
        let shown = wire::View {
            role: word(view.role),
            term: view.term,
            vote: view.vote.map(name),
            commit: view.commit,
            applied: view.applied,
            snapshot: view.snapshot,
            matched: by_name(&view.matched).filter(|_| !view.matched.is_empty()),
            next: by_name(&view.next).filter(|_| !view.next.is_empty()),
            digest: view.digest,
            members: view.configuration.map(in_names),
            earlier: view.earlier.into_iter().map(in_names).collect(),
            writes,
            log: None,
        };
        self.log = view.log;
        self.view = Some(shown.clone());
        wire::View { log, ..shown }
    }

    /// Note what a message has told others: its term, and whether it rests on the vote.
    pub fn tell(&mut self, meaning: &serde_json::Value) {
        let term = meaning["term"].as_u64().unwrap_or_default();
        let is_vote = meaning["type"] == "request_vote"
            || meaning["type"] == "request_vote_response" && meaning["vote_granted"] == true;
        self.told_term = self.told_term.max(term);
        if is_vote {
            self.told_vote = self.told_vote.max(term);
        }
    }

    /// After a crash between two steps: what others may count on, where that is less than was shown.
    /// The disk may lack a term or a vote that nobody was told of yet.
    pub fn owed(&self, disk: &impl Stored) -> Option<wire::View> {
        let mut view = self.view.clone()?;
        view.writes = 0;
        let on_disk = |term| disk.vote().map(name).filter(|_| disk.term() == term);
        if self.told_vote < view.term {
            view.vote = on_disk(view.term);
        }
        if self.told_term < view.term {
            view.term = self.told_term.max(disk.term());
            view.vote = on_disk(view.term);
        }
        Some(view)
    }

    /// After a crash inside a step: as last seen, or as far as others may count on where the disk is
    /// late, with the log that the disk holds now.
    pub fn after_crash(&self, disk: &impl Stored, is_late: bool) -> Option<wire::View> {
        let mut view = match is_late {
            true => self.owed(disk)?,
            false => self.view.clone()?,
        };
        view.snapshot = disk.snapshot();
        view.log = self.tail(view.snapshot.0, &disk.log());
        Some(view)
    }

    /// What of a log is not known yet; None where all of it is.
    fn tail(&self, base: u64, log: &[Entry]) -> Option<LogTail> {
        let before = self.view.as_ref().map(|view| view.snapshot.0);
        let same = match before {
            Some(known) if known == base => {
                let both = log.iter().zip(&self.log);
                both.take_while(|(one, other)| one == other).count()
            }
            _ => 0,
        };
        if before == Some(base) && same == log.len() && same == self.log.len() {
            return None;
        }
        let entries = log[same..].iter();
        Some(LogTail {
            from: base + same as u64 + 1,
            entries: entries
                .map(|entry| (entry.term, entry.content.clone()))
                .collect(),
        })
    }
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Follower => "follower",
        Role::Candidate => "candidate",
        Role::Leader => "leader",
    }
}

fn in_names(configuration: Configuration) -> Members {
    let names = |ids: Vec<u64>| ids.into_iter().map(name).collect();
    Members {
        voters: names(configuration.voters),
        learners: names(configuration.learners),
        new_voters: names(configuration.new_voters),
        voters_since: configuration.since,
    }
}
