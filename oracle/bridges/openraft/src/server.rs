//! One life of a server: openraft on a tokio runtime of its own, and what can be asked of it.
//!
//! What is asked is a task in that runtime, and the step is over when no task can go on: the paused
//! time moves on to the end of the step only then. A crash drops the runtime.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openraft::error::{InstallSnapshotError, RaftError};
use openraft::raft::InstallSnapshotRequest;
use openraft::{ChangeMembers, EmptyNode, Raft, ServerState};

use raftoracle::calls::{Calls, Kind, Packet};
use raftoracle::gate::Gate;
use raftoracle::life::Life;
use raftoracle::wire::Answer;

use crate::clock::Clock;
use crate::disk::Disk;
use crate::machine::Machine;
use crate::message::{last_of, Appended, Body, Installed};
use crate::network::Network;
use crate::settings::{library_version, Settings};
use crate::types::{place, Request, Types};
use crate::view::{look, Looked};

/// Longer than all waits of the library between two tries together.
const STEP: Duration = Duration::from_secs(2);
/// Longer than an election timeout and the lease of a leader together; not longer than what openraft
/// adds for a server that has seen a longer log, which stands at its second timeout.
const ELECTION: Duration = Duration::from_millis(601);
const HEARTBEAT: Duration = Duration::from_millis(60);

pub struct Server {
    life: Life,
    raft: Raft<Types>,
    clock: Clock,
    calls: Calls<Body>,
    for_reads: Arc<AtomicBool>,
    answers: Arc<Mutex<Vec<Answer>>>,
    sticky: bool,
    pub gate: Gate,
    pub disk: Disk,
    pub machine: Machine,
}

impl Server {
    /// Start from the disk; calls get numbers that no earlier life has used.
    pub fn start(
        id: u64,
        disk: &Disk,
        settings: &Settings,
        last_call: u64,
    ) -> Result<Server, String> {
        let life = Life::new(Duration::ZERO)?;
        let gate = Gate::default();
        let disk = disk.in_life_of(gate.clone());
        let machine = Machine::restored(disk.clone());
        let calls = Calls::after(last_call, gate.clone());
        let clock = Clock::default();
        clock.use_here();
        let for_reads = Arc::new(AtomicBool::new(false));
        let network = Network {
            calls: calls.clone(),
            for_reads: for_reads.clone(),
            guard: (!settings.deposed_sends).then(|| disk.clone()),
        };
        let starting = Raft::new(
            id,
            Arc::new(settings.config()),
            network,
            disk.clone(),
            machine.clone(),
        );
        let raft = life
            .ask_within(STEP, starting)
            .ok_or("openraft does not start: it waits")?
            .map_err(|error| format!("openraft does not start: {error}"))?;
        Ok(Server {
            life,
            for_reads,
            raft,
            clock,
            calls,
            answers: Arc::default(),
            sticky: settings.sticky,
            gate,
            disk,
            machine,
        })
    }

    /// Let a task run in this server until no task can go on.
    fn run<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) {
        self.clock.use_here();
        self.life.run_for(STEP, task);
    }

    /// What is to be done without being asked: what a start leads to.
    pub fn settle(&self) {
        self.run(std::future::ready(()));
    }

    /// The election timer runs out. A leader has none; it looks whether it is a member still.
    pub fn election_timeout(&mut self) {
        self.clock.pass(ELECTION);
        self.raft.runtime_config().elect(true);
        self.clock.tick();
        self.settle();
        self.raft.runtime_config().elect(false);
    }

    /// A heartbeat interval goes by, which is also how long a leader waits for an answer.
    pub fn heartbeat_timeout(&mut self) {
        self.clock.pass(HEARTBEAT);
        self.calls.expire();
        self.settle();
        self.raft.runtime_config().heartbeat(true);
        self.clock.tick();
        self.settle();
        self.raft.runtime_config().heartbeat(false);
        self.leave_joint();
    }

    /// Ask a leader to leave a joint configuration whose administrator was lost with an earlier
    /// leader: openraft leaves that to its users.
    fn leave_joint(&self) {
        let raft = self.raft.clone();
        let last_half = {
            let metrics = raft.metrics();
            let metrics = metrics.borrow();
            let members = metrics.membership_config.membership();
            let is_joint = members.get_joint_config().len() > 1;
            let leads = metrics.state == ServerState::Leader;
            members
                .get_joint_config()
                .last()
                .filter(|_| is_joint && leads)
                .cloned()
        };
        if let Some(voters) = last_half {
            let change = ChangeMembers::ReplaceAllVoters(voters);
            self.run(async move { raft.change_membership(change, true).await.map(drop) });
        }
    }

    /// A command whose answer nobody waits for.
    pub fn client_request(&mut self, command: String) {
        let raft = self.raft.clone();
        let request = Request {
            name: None,
            command,
        };
        self.run(async move { raft.client_write_ff(request).await.map(drop) });
    }

    /// A client's operation: a read when this server is known to lead still, a write by the log.
    pub fn invoke(&mut self, client: u64, number: u64, command: String) {
        let (raft, answers, machine) = (
            self.raft.clone(),
            self.answers.clone(),
            self.machine.clone(),
        );
        self.for_reads.store(true, Ordering::Relaxed);
        self.run(async move {
            let output = match command.strip_prefix("get ") {
                Some(key) => {
                    let confirmed = raft.ensure_linearizable().await;
                    confirmed.ok().map(|_| machine.value(key))
                }
                None => {
                    let name = Some((client, number));
                    let request = Request { name, command };
                    let written = raft.client_write(request).await;
                    written.ok().map(|written| written.data)
                }
            };
            if let Some(output) = output {
                let mut answers = answers.lock().expect("nobody panics with the answers");
                answers.push(Answer {
                    client,
                    number,
                    output: Some(output),
                });
            }
        });
        self.for_reads.store(false, Ordering::Relaxed);
    }

    /// A message arrives. Before a request for a vote the lease of a leader is over, unless servers
    /// are to keep to their leader.
    pub fn receive(&mut self, from: u64, packet: Packet<Body>) {
        if matches!(packet.message, Body::Vote(_)) && !self.sticky {
            self.clock.pass(ELECTION);
        }
        if packet.kind == Kind::Answer {
            self.calls.resolve(from, packet.call, packet.message);
            return self.settle();
        }
        let (raft, calls, call) = (self.raft.clone(), self.calls.clone(), packet.call);
        match packet.message {
            Body::Append(request) => self.run(async move {
                let (last, term) = (last_of(&request), request.vote.leader_id.term);
                if let Ok(response) = raft.append_entries(request).await {
                    let answer = Body::Appended(Appended::to(last, term, response));
                    calls.answer(from, call, answer).await;
                }
            }),
            Body::Vote(request) => self.run(async move {
                let asked = request.vote;
                if let Ok(mut response) = raft.vote(request).await {
                    // 0.9.14 says so nowhere else: to it, whoever names the candidate's vote gives it.
                    response.vote_granted |=
                        library_version() == "0.9.14" && response.vote == asked;
                    calls.answer(from, call, Body::Voted(response)).await;
                }
            }),
            Body::Install(request) => self.run(async move {
                if let Some(answer) = install(&raft, request).await {
                    calls.answer(from, call, answer).await;
                }
            }),
            answer => unreachable!("{answer:?} is no request"),
        }
    }

    /// Take a snapshot of all that is applied, and discard the log but for its last entries.
    pub fn compact(&mut self, keep: u64) {
        let raft = self.raft.clone();
        let upto = self.machine.applied().saturating_sub(keep);
        self.run(async move { raft.trigger().snapshot().await });
        if upto > 0 {
            let raft = self.raft.clone();
            self.run(async move { raft.trigger().purge_log(upto - 1).await });
        }
    }

    /// Ask for a configuration, in the steps that openraft has: learners come, voters change by way
    /// of a joint configuration, and who is neither goes.
    pub fn change_membership(&mut self, voters: BTreeSet<u64>, learners: BTreeSet<u64>) {
        let raft = self.raft.clone();
        self.run(async move { change(&raft, voters, learners).await });
    }

    /// What has left since the last call.
    pub fn take_outbox(&self) -> Vec<Packet<Body>> {
        self.calls.take_outbox()
    }

    pub fn take_answers(&self) -> Vec<Answer> {
        std::mem::take(&mut self.answers.lock().expect("nobody panics with the answers"))
    }

    pub fn last_call(&self) -> u64 {
        self.calls.last()
    }

    /// What the library shows of its state; what it says where it has given up.
    pub fn look(&self) -> Result<Looked, String> {
        self.clock.use_here();
        let state = self.life.ask_within(STEP, self.raft.with_raft_state(look));
        let state = state.ok_or("openraft does not say how it stands")?;
        let mut looked = state.map_err(|fatal| format!("openraft stops: {fatal}"))?;
        let metrics = self.raft.metrics();
        let metrics = metrics.borrow();
        looked.vote = metrics.vote;
        if metrics.state == ServerState::Leader {
            let replication = metrics.replication.iter().flatten();
            looked.matched = Some(
                replication
                    .map(|(id, log_id)| (*id, place(*log_id).0))
                    .collect(),
            );
        }
        Ok(looked)
    }
}

/// Take a chunk of a snapshot; what is in place after the last one has its answer say so.
async fn install(raft: &Raft<Types>, request: InstallSnapshotRequest<Types>) -> Option<Body> {
    let (vote, last, done) = (
        request.vote,
        place(request.meta.last_log_id).0,
        request.done,
    );
    match raft.install_snapshot(request).await {
        Ok(response) => {
            let outcome = match response.vote > vote {
                true => Installed::HigherVote,
                false if done => Installed::InPlace(last),
                false => Installed::Taken,
            };
            let vote = response.vote;
            Some(Body::Installed { vote, outcome })
        }
        Err(RaftError::APIError(InstallSnapshotError::SnapshotMismatch(mismatch))) => {
            Some(Body::Mismatch(mismatch.into()))
        }
        Err(RaftError::Fatal(_)) => None,
    }
}

/// The steps of a change; where one is refused, the rest is given up.
async fn change(raft: &Raft<Types>, voters: BTreeSet<u64>, learners: BTreeSet<u64>) -> Option<()> {
    let present = raft.metrics().borrow().membership_config.clone();
    let members = present.membership();
    let known: BTreeSet<u64> = members.nodes().map(|(id, _)| *id).collect();
    let wanted: BTreeSet<u64> = voters.union(&learners).copied().collect();
    let halves = members.get_joint_config().clone();
    let mut steps = Vec::new();
    let new: BTreeMap<u64, EmptyNode> = wanted
        .difference(&known)
        .map(|id| (*id, EmptyNode::default()))
        .collect();
    if !new.is_empty() {
        steps.push(ChangeMembers::AddNodes(new));
    }
    if halves != [voters.clone()] {
        steps.push(ChangeMembers::ReplaceAllVoters(voters));
    }
    let gone: BTreeSet<u64> = known.difference(&wanted).copied().collect();
    if !gone.is_empty() {
        steps.push(ChangeMembers::RemoveNodes(gone));
    }
    for step in steps {
        raft.change_membership(step, true).await.ok()?;
    }
    Some(())
}
