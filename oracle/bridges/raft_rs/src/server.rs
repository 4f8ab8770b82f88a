//! One server: a `RawNode`, its state machine, and the loop that handles each `Ready`.

mod late;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use raft::prelude::*;
use raft::{LightReady, ProgressState, StateRole};

use crate::clients::Clients;
use crate::disk::Disk;
use crate::machine::Machine;
use crate::message::{content, name};
use crate::settings::{Settings, ELECTION_TICK};
use late::UnderWay;
use raftoracle::wire::{LogTail, Members, View};

/// The server crashed where `crash_inside` said.
pub struct Crashed;

pub struct Server {
    node: RawNode<Disk>,
    pub disk: Disk,
    machine: Machine,
    pub clients: Clients,
    /// Followers that were sent a snapshot of which nothing was reported yet.
    awaiting: BTreeSet<u64>,
    /// How many writes and sends the server does yet before it crashes.
    pub fuse: Option<u64>,
    /// What left, and whether it had waited for a write.
    pub sent: Vec<(Message, bool)>,
    /// The configurations since the last view; the last one is in force.
    memberships: Vec<Members>,
    steps_down: bool,
    /// Whether leaders answer reads by leases, so that clocks count.
    has_leases: bool,
    shown: Option<View>,
    /// Whether writes complete when the schedule says, and what is under way.
    pub is_async: bool,
    queue: VecDeque<UnderWay>,
    is_late: bool,
    is_done: bool,
    has_snapshot: bool,
}

impl Server {
    /// Start from the disk; what was applied after the snapshot is applied again.
    pub fn start(id: u64, disk: Disk, settings: &Settings) -> Result<Server, String> {
        let snapshot = disk.read().snapshot.clone();
        let machine = Machine::of(&snapshot);
        disk.offer(snapshot);
        let applied = machine.applied;
        let logger = slog::Logger::root(slog::Discard, slog::o!());
        let config = settings.config(id, applied);
        disk.show_all();
        if settings.async_writes {
            disk.save_later();
        }
        let node =
            RawNode::new(&config, disk.clone(), &logger).map_err(|error| error.to_string())?;
        let mut server = Server {
            node,
            disk,
            machine,
            clients: Clients::default(),
            awaiting: BTreeSet::new(),
            fuse: None,
            sent: Vec::new(),
            memberships: Vec::new(),
            steps_down: settings.steps_down,
            has_leases: settings.lease_reads,
            shown: None,
            is_async: settings.async_writes,
            queue: VecDeque::new(),
            is_late: false,
            is_done: false,
            has_snapshot: false,
        };
        server.enforce(applied);
        Ok(server)
    }

    /// The election timer runs out; at a leader that is the time to check for a quorum. Where leases are
    /// relied on, it cannot have run out before an election timeout is over since the leader was heard.
    pub fn election_timeout(&mut self) {
        let raft = &self.node.raft;
        let has_leader = raft.leader_id != raft::INVALID_ID;
        if self.has_leases && has_leader && raft.election_elapsed < ELECTION_TICK {
            return;
        }
        self.node.raft.election_elapsed = ELECTION_TICK - 1;
        self.node.tick();
    }

    /// A heartbeat interval goes by.
    ///
    /// A snapshot that was not acknowledged by now is reported as failed, as raft-rs wants to be
    /// told of one or the other; it is sent again when the follower is heard.
    pub fn heartbeat_timeout(&mut self) {
        for peer in std::mem::take(&mut self.awaiting) {
            let progress = self.node.raft.prs().get(peer);
            if progress.is_some_and(|progress| progress.state == ProgressState::Snapshot) {
                self.node.report_snapshot(peer, SnapshotStatus::Failure);
            }
        }
        self.pass_time(1);
    }

    /// Hand in a command; raft-rs drops it where no leader is known, and the client may ask again.
    pub fn client_request(&mut self, command: &str) {
        let _ = self.node.propose(Vec::new(), command.as_bytes().to_vec());
    }

    /// Hand in a client's operation: a write goes through the log, a read asks raft-rs from which index
    /// on the state machine may answer. Of what raft-rs drops, the client cannot know.
    pub fn invoke(&mut self, client: u64, number: u64, command: &str) {
        let (name, is_read) = self.clients.ask(client, number, command);
        let is_taken = if is_read {
            self.read(name)
        } else {
            let entry = format!("{name}: {command}");
            self.node.propose(Vec::new(), entry.into_bytes()).is_ok()
        };
        if !is_taken {
            self.clients.give_up_last();
        }
    }

    /// Ask for a read index; whether anybody does. A leader drops reads before it has committed in its
    /// term, and whoever knows no leader does, too.
    fn read(&mut self, name: String) -> bool {
        let raft = &self.node.raft;
        let (leads, knows) = (
            raft.state == StateRole::Leader,
            raft.leader_id != raft::INVALID_ID,
        );
        let before = raft.pending_read_count() + raft.ready_read_count();
        self.node.read_index(name.into_bytes());
        let raft = &self.node.raft;
        knows && (!leads || raft.pending_read_count() + raft.ready_read_count() > before)
    }

    /// Deliver a message; raft-rs says so where it has no use for one.
    pub fn receive(&mut self, message: Message) {
        let _ = self.node.step(message);
    }

    pub fn transfer_leadership(&mut self, target: u64) {
        self.node.transfer_leader(target);
    }

    /// Propose the way from the present configuration to the wanted one, at a leader.
    pub fn change_membership(&mut self, voters: &[u64], learners: &[u64]) {
        let present = self.configuration();
        let learners: Vec<u64> = learners
            .iter()
            .copied()
            .filter(|id| !voters.contains(id))
            .collect();
        let is_wanted = |id: &u64| voters.contains(id) || learners.contains(id);
        let gone = [&present.voters[..], &present.learners[..]].concat();
        let gone = gone.into_iter().filter(|id| !is_wanted(id));
        let added = voters.iter().filter(|id| !present.voters.contains(id));
        let learning = learners.iter().filter(|id| !present.learners.contains(id));
        let mut change = ConfChangeV2::default();
        let mut put = |kind, id| change.mut_changes().push(single(kind, id));
        added.for_each(|id| put(ConfChangeType::AddNode, *id));
        learning.for_each(|id| put(ConfChangeType::AddLearnerNode, *id));
        gone.for_each(|id| put(ConfChangeType::RemoveNode, id));
        let is_leader = self.node.raft.state == StateRole::Leader;
        if is_leader && !voters.is_empty() && !change.changes.is_empty() {
            let _ = self.node.propose_conf_change(Vec::new(), change);
        }
    }

    /// Write a snapshot of all that is applied, and let the log begin `keep` entries before its end.
    pub fn compact(&mut self, keep: u64) {
        let applied = self.machine.applied;
        if applied > self.disk.read().snapshot.get_metadata().index {
            let fuse = self.fuse.take();
            let _ = self.complete_all(); // without a fuse, nothing crashes
            self.fuse = fuse;
            self.disk.compact(applied.saturating_sub(keep));
        }
    }

    /// Time goes by: a leader ticks, whoever else waits comes no further than the end of its timer.
    ///
    /// Election timers run out when `election_timeout` says so: with their random part gone, all
    /// would run out at once, for ever.
    pub fn pass_time(&mut self, ticks: u64) {
        for _ in 0..ticks {
            if self.node.raft.state == StateRole::Leader {
                self.node.tick();
            } else {
                let elapsed = self.node.raft.election_elapsed + 1;
                self.node.raft.election_elapsed = elapsed.min(ELECTION_TICK);
            }
        }
    }

    /// Handle every `Ready`, in the order that raft-rs's documentation asks for.
    pub fn settle(&mut self) -> Result<(), Crashed> {
        while self.node.has_ready() {
            let mut ready = self.node.ready();
            self.clients.confirm(ready.take_read_states());
            self.send(ready.take_messages())?;
            if !ready.snapshot().is_empty() {
                self.restore(ready.snapshot());
            }
            self.apply(ready.take_committed_entries());
            if self.is_async {
                self.persist_later(&mut ready)?;
                self.node.advance_append_async(ready);
                self.after_taken()?;
                self.node.advance_apply();
                self.step_down_if_removed();
                continue;
            }
            if !ready.snapshot().is_empty() || !ready.entries().is_empty() || ready.hs().is_some() {
                self.burn()?;
                self.disk.persist(&ready);
            }
            self.send(ready.take_persisted_messages())?;
            let light = self.node.advance(ready);
            self.finish(light)?;
        }
        self.clients.serve(&self.machine);
        Ok(())
    }

    fn finish(&mut self, mut light: LightReady) -> Result<(), Crashed> {
        if let Some(index) = light.commit_index() {
            self.burn()?;
            self.disk.persist_commit(index);
        }
        self.send(light.take_messages())?;
        self.apply(light.take_committed_entries());
        self.node.advance_apply();
        self.step_down_if_removed();
        Ok(())
    }

    /// A leader that is no voter any more gives up: raft-rs panics where it goes on to commit.
    fn step_down_if_removed(&mut self) {
        let raft = &mut self.node.raft;
        if self.steps_down && raft.state == StateRole::Leader && !raft.promotable() {
            raft.become_follower(raft.term, raft::INVALID_ID);
        }
    }

    fn send(&mut self, messages: Vec<Message>) -> Result<(), Crashed> {
        for message in messages {
            self.burn()?;
            if message.get_msg_type() == MessageType::MsgSnapshot {
                self.awaiting.insert(message.to);
            }
            self.sent.push((message, self.is_late));
        }
        Ok(())
    }

    /// One more write or send, unless the server crashes before it.
    fn burn(&mut self) -> Result<(), Crashed> {
        match self.fuse {
            Some(0) => return Err(Crashed),
            Some(left) => self.fuse = Some(left - 1),
            None => {}
        }
        Ok(())
    }

    fn restore(&mut self, snapshot: &Snapshot) {
        self.machine = Machine::of(snapshot);
        self.enforce(self.machine.applied);
        self.disk.offer(snapshot.clone());
    }

    /// A snapshot of the state machine as it is now.
    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot {
            data: self.machine.saved().into(),
            ..Snapshot::default()
        };
        snapshot.mut_metadata().index = self.machine.applied;
        snapshot.mut_metadata().term = self.machine.term;
        snapshot.mut_metadata().set_conf_state(self.configuration());
        snapshot
    }

    fn apply(&mut self, entries: Vec<Entry>) {
        for entry in &entries {
            self.machine.applied = entry.index;
            self.machine.term = entry.term;
            match entry.get_entry_type() {
                EntryType::EntryNormal => self.machine.apply(&entry.data),
                _ => self.apply_change(entry),
            }
        }
        if !entries.is_empty() {
            self.disk.offer(self.snapshot());
        }
    }

    fn apply_change(&mut self, entry: &Entry) {
        let mut change = ConfChangeV2::default();
        protobuf::Message::merge_from_bytes(&mut change, &entry.data).expect("a change");
        if let Err(error) = self.node.apply_conf_change(&change) {
            panic!("raft-rs refused to apply {:?}: {error}", content(entry));
        }
        self.enforce(entry.index);
    }

    /// Take note of the configuration that is in force since this index.
    fn enforce(&mut self, voters_since: u64) {
        let state = self.configuration();
        let names = |ids: &[u64]| ids.iter().copied().map(name).collect::<Vec<_>>();
        let (voters, old) = (names(&state.voters), names(&state.voters_outgoing));
        let is_joint = !old.is_empty();
        self.memberships.push(Members {
            voters: if is_joint { old } else { voters.clone() },
            learners: names(&[&state.learners[..], &state.learners_next[..]].concat()),
            new_voters: if is_joint { voters } else { Vec::new() },
            voters_since,
        });
    }

    /// The configuration in force, its members in ascending order.
    fn configuration(&self) -> ConfState {
        let mut state = self.node.raft.prs().conf().to_conf_state();
        state.voters.sort_unstable();
        state.learners.sort_unstable();
        state.voters_outgoing.sort_unstable();
        state.learners_next.sort_unstable();
        state
    }

    /// The view, if it changed since the last one.
    pub fn changed_view(&mut self) -> Option<View> {
        let mut view = self.view();
        let changed_from = self.disk.take_changed_from();
        if changed_from.is_none() && self.shown.as_ref() == Some(&view) {
            return None;
        }
        self.shown = Some(view.clone());
        view.earlier = self
            .memberships
            .drain(..self.memberships.len() - 1)
            .collect();
        view.log = changed_from.map(|from| self.log_tail(from));
        Some(view)
    }

    /// After a crash: as last seen, with the log that the disk holds now.
    pub fn last_view(&mut self) -> Option<View> {
        if self.is_async {
            self.disk.lose_unsaved();
        }
        let mut view = if self.is_async {
            self.owed_view()?
        } else {
            self.shown.clone()?
        };
        view.snapshot = self.disk.read().compacted;
        view.log = self
            .disk
            .take_changed_from()
            .map(|from| self.log_tail(from));
        Some(view)
    }

    fn log_tail(&self, from: u64) -> LogTail {
        let disk = self.disk.read();
        let from = from.max(disk.first_index());
        let entries = disk.entries_from(from).iter();
        let entries = entries.map(|entry| (entry.term, content(entry))).collect();
        LogTail { from, entries }
    }

    fn view(&self) -> View {
        let (matched, next) = self.replication().unzip();
        let membership = self.memberships.last().cloned().unwrap_or_default();
        let raft = &self.node.raft;
        View {
            role: role(raft.state),
            term: raft.term,
            vote: (raft.vote != raft::INVALID_ID).then(|| name(raft.vote)),
            commit: raft.raft_log.committed,
            applied: self.machine.applied,
            snapshot: self.disk.read().compacted,
            log: None,
            matched,
            next,
            digest: Some(format!("{:016x}", self.machine.content.digest)),
            members: Some(membership),
            earlier: Vec::new(),
            writes: self.queue.len(),
        }
    }

    /// What a leader knows of its followers.
    fn replication(&self) -> Option<(BTreeMap<String, u64>, BTreeMap<String, u64>)> {
        let raft = &self.node.raft;
        let followers = || raft.prs().iter().filter(|(id, _)| **id != raft.id);
        (raft.state == StateRole::Leader).then(|| {
            (
                followers()
                    .map(|(id, peer)| (name(*id), peer.matched))
                    .collect(),
                followers()
                    .map(|(id, peer)| (name(*id), peer.next_idx))
                    .collect(),
            )
        })
    }
}

fn role(state: StateRole) -> &'static str {
    match state {
        StateRole::Leader => "leader",
        StateRole::Candidate => "candidate",
        StateRole::Follower | StateRole::PreCandidate => "follower",
    }
}

fn single(kind: ConfChangeType, id: u64) -> ConfChangeSingle {
    let mut change = ConfChangeSingle::default();
    change.set_change_type(kind);
    change.node_id = id;
    change
}
