//! The whole cluster, and what each command does to it.

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::calls::{Calls, Kind};
use super::disk::Disk;
use super::fresh::serve_fresh;
use super::gate::Gate;
use super::life::Life;
use super::packets::Packets;
use super::server::{Node, Program, Server, LATE};
use super::shown::Shown;
use super::slot::{Slot, Up};
use crate::serve::{complain, last_panic, Adapter};
use crate::settings::{check_names, Settings};
use crate::wire::{self, name, Answer, Command, Hello, Reply, Sent, VERSION};

/// The time, by a server's own clock, that its start may take.
const START_LIMIT: Duration = Duration::from_secs(60);
/// What a server's clock shows at the beginning of its first life; an hour more in each later one.
const HOUR: Duration = Duration::from_secs(3600);

/// Speak the protocol on standard input and output until the input ends.
pub fn run<S: Server>(program: Program) -> io::Result<()> {
    serve_fresh(&mut Cluster::<S> {
        program,
        slots: Vec::new(),
        settings: Arc::default(),
        packets: Packets::default(),
    })
}

/// All servers of a run, and the messages that they have sent.
struct Cluster<S: Server> {
    program: Program,
    slots: Vec<Slot<S>>,
    settings: Arc<Settings>,
    packets: Packets<S::Message>,
}

impl<S: Server> Adapter for Cluster<S> {
    fn hello(&self) -> Hello {
        let program = &self.program;
        Hello {
            protocol: VERSION,
            name: program.name.to_string(),
            version: program.version.to_string(),
            network: program.network,
            observes: program.observes.to_vec(),
            offers: program.offers.to_vec(),
            hides: program.hides.to_vec(),
            settings: program.settings(),
            summary: program.summary.to_string(),
            fresh: true,
        }
    }

    fn perform(&mut self, command: Command) -> Result<Reply, String> {
        match command {
            Command::Hello { .. } => Err("found hello, expected it to be answered".to_string()),
            Command::Reset { servers, settings } => self.reset(&servers, settings),
            Command::Crash { server } => self.crash(&server),
            Command::Restart { server } => {
                let id = self.id(&server)?;
                self.start(id)?;
                self.outcome(id, false)
            }
            Command::CrashInside {
                server,
                after,
                lost,
            } => {
                let slot = self.slot(&server)?;
                slot.lost = lost;
                slot.running()?.gate.crash_after(after);
                Ok(Reply::default())
            }
            Command::FailWrite { server, after } => {
                let up = self.slot(&server)?.running()?;
                up.gate.fail_after(after);
                Ok(Reply::default())
            }
            Command::Connect { .. } => Ok(Reply::default()),
            command => self.step(command),
        }
    }
}

impl<S: Server> Cluster<S> {
    fn reset(&mut self, names: &[String], settings: Settings) -> Result<Reply, String> {
        let is_late = self.check(&settings)?;
        self.settings = Arc::new(settings);
        self.packets = Packets::default();
        self.slots = (1..=names.len() as u64)
            .map(|id| Slot {
                id,
                disk: Disk::formatted(S::Disk::default(), is_late),
                up: None,
                shown: Shown::default(),
                lives: 0,
                last_call: id << 32,
                lost: 0,
            })
            .collect();
        let mut reply = Reply::default();
        for id in 1..=names.len() as u64 {
            self.start(id)?;
            let started = self.outcome(id, false)?;
            reply.sent.extend(started.sent);
            reply.views.extend(started.views);
        }
        if self.program.offers.contains(&"CompleteWrite") && !is_late {
            reply.without.push("CompleteWrite");
        }
        Ok(reply)
    }

    /// Whether disks are late, of settings that fit.
    fn check(&self, settings: &Settings) -> Result<bool, String> {
        check_names(settings, &self.program.settings())?;
        S::check(settings)?;
        LATE.switch(settings, "async_writes")
    }

    /// Begin a life of a server. Its clock follows from its place and from how many lives it has had.
    fn start(&mut self, id: u64) -> Result<(), String> {
        let servers = (1..=self.slots.len() as u64).collect();
        let slot = &mut self.slots[id as usize - 1];
        if slot.up.is_some() {
            return Err(format!(
                "found {} running, expected it to be down",
                name(id)
            ));
        }
        slot.lives += 1;
        slot.shown = Shown::default();
        let life = Life::new(HOUR * slot.lives + Duration::from_millis(37 * id))?;
        let gate = Gate::default();
        let calls = Calls::after(slot.last_call, gate.clone());
        let node = Node {
            id,
            servers,
            disk: slot.disk.in_life_of(gate.clone()),
            settings: self.settings.clone(),
            calls: calls.clone(),
            call_timeout: self.program.call_timeout,
        };
        let started = life.ask_within(START_LIMIT, S::start(node));
        complain()?;
        let server = started.ok_or(format!("{} does not start: it waits for ever", name(id)))?;
        life.settle();
        slot.up = Some(Up {
            server: Rc::new(server),
            life,
            gate,
            calls,
            busy: Rc::default(),
            answers: Rc::default(),
        });
        Ok(())
    }

    fn crash(&mut self, server: &str) -> Result<Reply, String> {
        let slot = self.slot(server)?;
        let up = slot.up.take();
        let up = up.ok_or_else(|| format!("found {server} down, expected it to run"))?;
        slot.last_call = up.calls.last();
        drop(up);
        let has_late = slot.disk.is_late();
        slot.disk.lose(usize::MAX);
        let owed = match has_late {
            true => slot.disk.read_safe(|disk| slot.shown.owed(disk)),
            false => None,
        };
        Ok(Reply {
            views: owed.map(|view| (name(slot.id), view)).into_iter().collect(),
            ..Reply::default()
        })
    }

    /// Do a command that leaves a server running.
    fn step(&mut self, command: Command) -> Result<Reply, String> {
        let (id, was_busy) = {
            let slot = self.slot(server_of(&command)?)?;
            (slot.id, slot.running()?.busy.get() > 0)
        };
        let is_received = matches!(command, Command::Receive { .. });
        match command {
            Command::Receive { from, message, .. } => {
                let from = self.id(&from)?;
                let packet = self.packets.find(from, id, message)?;
                self.slots[id as usize - 1].running()?.receive(from, packet);
            }
            Command::ElectionTimeout { .. } => self.slots[id as usize - 1].election_timeout()?,
            Command::HeartbeatTimeout { .. } => self.slots[id as usize - 1].heartbeat_timeout()?,
            Command::CompleteWrite { .. } => {
                let slot = &self.slots[id as usize - 1];
                slot.disk.complete_sync();
                slot.running()?.life.settle();
            }
            Command::Disconnect { peer, .. } => {
                let peer = self.id(&peer)?;
                let up = self.slots[id as usize - 1].running()?;
                up.calls.hang_up(peer);
                up.life.settle();
            }
            other => self.ask(id, other)?,
        }
        let up = self.slots[id as usize - 1].running()?;
        up.let_pass(self.program.poll);
        let is_busy = is_received && up.busy.get() > 0;
        self.outcome(id, was_busy || is_busy)
    }

    /// Ask a running server for what its author has written.
    fn ask(&mut self, id: u64, command: Command) -> Result<(), String> {
        let target = match &command {
            Command::TransferLeadership { target, .. } => self.id(target)?,
            _ => 0,
        };
        let ids = |names: &[String]| names.iter().map(|each| self.id(each)).collect();
        let up = self.slots[id as usize - 1].running()?;
        let server = up.server.clone();
        match command {
            Command::ClientRequest { command, .. } => up.life.run(server.propose(command)),
            Command::Compact { keep, .. } => up.life.run(server.compact(keep)),
            Command::ChangeMembership {
                voters, learners, ..
            } => {
                let (voters, learners): (Result<_, String>, Result<_, String>) =
                    (ids(&voters), ids(&learners));
                up.life.run(server.change_membership(voters?, learners?));
            }
            Command::TransferLeadership { .. } => up.life.run(server.transfer_leadership(target)),
            Command::Invoke {
                client,
                number,
                command,
                ..
            } => {
                let answers = up.answers.clone();
                up.life.run(async move {
                    let output = server.invoke(client, number, command).await;
                    answers.borrow_mut().push(Answer {
                        client,
                        number,
                        output,
                    });
                });
            }
            _ => return Err("found a command that nobody knows here".to_string()),
        }
        Ok(())
    }

    /// What a step came to: messages, answers, and a view; or a crash that was asked for.
    fn outcome(&mut self, id: u64, overlapping: bool) -> Result<Reply, String> {
        let slot = &mut self.slots[id as usize - 1];
        let up = slot.up.as_ref().expect("it has acted");
        let before = slot.shown.term();
        let (outbox, answers) = (up.calls.take_outbox(), up.answers.take());
        slot.last_call = up.calls.last();
        let is_down = up.gate.is_down();
        if is_down {
            last_panic(); // a server may stop where its disk fails, or goes on though it has crashed
        }
        complain()?;
        let asks: Vec<bool> = outbox
            .iter()
            .map(|each| each.kind == Kind::Request)
            .collect();
        let mut sent: Vec<Sent> = outbox
            .into_iter()
            .map(|packet| self.packets.sent(id, packet))
            .collect();
        sent.iter().for_each(|each| slot.shown.tell(&each.meaning));
        let view = match is_down {
            true => slot.go_down(),
            false => Some(slot.show()?),
        };
        let after = view.as_ref().map_or(before, |view| view.term);
        for (each, is_asked) in sent.iter_mut().zip(asks) {
            // What a task asks in an earlier term it has begun then: it has not heard of the new one.
            let term = each.meaning["term"].as_u64();
            let is_old = |term| term < after && (is_asked || before <= term);
            each.late = overlapping || term.is_some_and(is_old);
        }
        Ok(Reply {
            sent,
            views: view.map(|view| (name(id), view)).into_iter().collect(),
            answers,
            crashed: is_down,
            overlapping,
            ..Reply::default()
        })
    }

    fn id(&self, name: &str) -> Result<u64, String> {
        wire::id(name, self.slots.len())
    }

    fn slot(&mut self, name: &str) -> Result<&mut Slot<S>, String> {
        let id = self.id(name)?;
        Ok(&mut self.slots[id as usize - 1])
    }
}

/// The server that a command is about.
fn server_of(command: &Command) -> Result<&str, String> {
    match command {
        Command::ElectionTimeout { server }
        | Command::HeartbeatTimeout { server }
        | Command::ClientRequest { server, .. }
        | Command::Receive { server, .. }
        | Command::Disconnect { server, .. }
        | Command::Compact { server, .. }
        | Command::ChangeMembership { server, .. }
        | Command::TransferLeadership { server, .. }
        | Command::Invoke { server, .. }
        | Command::CompleteWrite { server } => Ok(server),
        _ => Err("found a command that is about no server, expected one that is".to_string()),
    }
}
