//! The whole cluster, and what each command does to it.

use std::collections::BTreeSet;

use openraft::{EntryPayload, LogId, Membership};
use raftoracle::packets::Packets;
use raftoracle::serve::{complain, Adapter};
use raftoracle::wire::{self, Command, Hello, Reply, VERSION};

use crate::disk::Disk;
use crate::message::Body;
use crate::server::Server;
use crate::settings::{self, Settings};
use crate::types::Entry;
use crate::view::Shown;

const OBSERVES: [&str; 7] = [
    "voted_for",
    "next_index and match_index",
    "applied_digest",
    "snapshots",
    "message meanings",
    "memberships",
    "client histories",
];
const OFFERS: [&str; 6] = [
    "ChangeMembership",
    "Compact",
    "CrashInside",
    "FailWrite",
    "Invoke",
    "Retry",
];

/// A cluster, and the messages that its servers have sent.
#[derive(Default)]
pub struct Cluster {
    servers: Vec<Slot>,
    settings: Option<Settings>,
    packets: Packets<Body>,
}

/// A server, running or not, with its disk.
struct Slot {
    server: Option<Server>,
    disk: Disk,
    shown: Shown,
    last_call: u64,
    /// Writes that a crash inside the next step loses.
    lost: usize,
}

impl Adapter for Cluster {
    fn hello(&self) -> Hello {
        Hello {
            protocol: VERSION,
            name: "openraft".to_string(),
            version: settings::library_version().to_string(),
            network: "any",
            observes: OBSERVES.to_vec(),
            offers: OFFERS.to_vec(),
            settings: settings::described(),
            summary: "openraft, the Raft of Databend, on tokio".to_string(),
            ..Hello::default()
        }
    }

    fn perform(&mut self, command: Command) -> Result<Reply, String> {
        match command {
            Command::Reset { servers, settings } => {
                self.reset(&servers, Settings::read(&settings)?)
            }
            Command::ElectionTimeout { server } => self.act(&server, Server::election_timeout),
            Command::HeartbeatTimeout { server } => self.act(&server, Server::heartbeat_timeout),
            Command::ClientRequest { server, command } => {
                self.act(&server, |server| server.client_request(command))
            }
            Command::Receive {
                server,
                from,
                message,
            } => self.receive(&server, &from, message),
            Command::Crash { server } => self.crash(&server),
            Command::Restart { server } => self.restart(&server),
            Command::Compact { server, keep } => self.act(&server, |server| server.compact(keep)),
            Command::ChangeMembership {
                server,
                voters,
                learners,
            } => {
                let (voters, learners) = (self.ids(&voters)?, self.ids(&learners)?);
                self.act(&server, |server| server.change_membership(voters, learners))
            }
            Command::Invoke {
                server,
                client,
                number,
                command,
            } => self.act(&server, |server| server.invoke(client, number, command)),
            Command::CrashInside {
                server,
                after,
                lost,
            } => self.arm(&server, lost, |server| server.gate.crash_after(after)),
            Command::FailWrite { server, after } => {
                self.arm(&server, 0, |server| server.gate.fail_after(after))
            }
            _ => Err("found a command that is not offered, expected another one".to_string()),
        }
    }
}

impl Cluster {
    fn reset(&mut self, names: &[String], settings: Settings) -> Result<Reply, String> {
        let servers = names.len() as u64;
        if settings.voters > servers {
            let found = settings.voters;
            return Err(format!(
                "setting voters: found {found}, expected at most {servers}"
            ));
        }
        let voters = match settings.voters {
            0 => servers,
            some => some,
        };
        let formatted = |id| {
            let first = (id <= voters).then(|| first_entry(voters));
            Slot {
                server: None,
                disk: Disk::formatted(first, &settings),
                shown: Shown::default(),
                last_call: id << 32,
                lost: 0,
            }
        };
        *self = Cluster {
            servers: (1..=servers).map(formatted).collect(),
            settings: Some(settings),
            ..Cluster::default()
        };
        let mut reply = Reply::default();
        for name in names {
            let started = self.restart(name)?;
            reply.sent.extend(started.sent);
            reply.views.extend(started.views);
        }
        Ok(reply)
    }

    fn receive(&mut self, server: &str, from: &str, label: String) -> Result<Reply, String> {
        let (from, to) = (self.id(from)?, self.id(server)?);
        let packet = self.packets.find(from, to, label)?;
        self.act(server, |server| server.receive(from, packet))
    }

    /// Let a running server do something, and see to all that follows from it.
    fn act(&mut self, name: &str, deed: impl FnOnce(&mut Server)) -> Result<Reply, String> {
        let id = self.id(name)?;
        let slot = &mut self.servers[id as usize - 1];
        let Some(server) = &mut slot.server else {
            return Err(format!("found {name} down, expected it to run"));
        };
        deed(server);
        self.outcome(id, name)
    }

    /// What a step came to: messages, answers, and a view; or a crash that was asked for.
    fn outcome(&mut self, id: u64, name: &str) -> Result<Reply, String> {
        let slot = &mut self.servers[id as usize - 1];
        let server = slot.server.as_ref().expect("it has acted");
        complain()?;
        let mut outbox = server.take_outbox();
        let mut reply = Reply {
            answers: server.take_answers(),
            ..Reply::default()
        };
        slot.last_call = server.last_call();
        let down = server.gate.is_down();
        let (view, standing) = if down {
            slot.disk.lose(slot.lost);
            reply.crashed = true;
            (slot.shown.last_view(server), slot.shown.standing())
        } else {
            slot.disk.settle();
            server.gate.disarm();
            let looked = server.look()?;
            complain()?;
            let standing = looked.standing();
            (
                slot.shown.changed_view(id, server, looked, &outbox),
                standing,
            )
        };
        slot.lost = 0;
        if down {
            slot.server = None;
        }
        reply
            .views
            .extend(view.map(|view| (name.to_string(), view)));
        for each in &mut outbox {
            if let Body::Appended(answer) = &mut each.message {
                answer.set_standing(standing.term);
            }
        }
        for each in outbox {
            let late = standing.is_over(&each.message);
            let mut sent = self.packets.sent(id, each);
            sent.late = late;
            reply.sent.push(sent);
        }
        Ok(reply)
    }

    /// The next step of a server may end inside it.
    fn arm(&mut self, name: &str, lost: usize, how: impl FnOnce(&Server)) -> Result<Reply, String> {
        let place = self.id(name)? as usize - 1;
        let slot = &mut self.servers[place];
        let Some(server) = &slot.server else {
            return Err(format!("found {name} down, expected it to run"));
        };
        how(server);
        slot.lost = lost;
        Ok(Reply::default())
    }

    fn crash(&mut self, name: &str) -> Result<Reply, String> {
        let place = self.id(name)? as usize - 1;
        self.servers[place].server = None;
        self.servers[place].disk.settle();
        Ok(Reply::default())
    }

    fn restart(&mut self, name: &str) -> Result<Reply, String> {
        let id = self.id(name)?;
        let settings = self.settings.as_ref().ok_or("found restart before reset")?;
        let slot = &mut self.servers[id as usize - 1];
        if slot.server.is_some() {
            return Err(format!("found {name} running, expected it to be down"));
        }
        let started = Server::start(id, &slot.disk, settings, slot.last_call);
        complain()?;
        slot.server = Some(started?);
        slot.shown.restart();
        self.act(name, |server| server.settle())
    }

    fn ids(&self, names: &[String]) -> Result<BTreeSet<u64>, String> {
        names.iter().map(|name| self.id(name)).collect()
    }

    /// The number of a server of this cluster.
    fn id(&self, name: &str) -> Result<u64, String> {
        wire::id(name, self.servers.len())
    }
}

/// What `Raft::initialize` writes: the first configuration.
fn first_entry(voters: u64) -> Entry {
    let members = Membership::new(vec![(1..=voters).collect()], None);
    Entry {
        log_id: LogId::default(),
        payload: EntryPayload::Membership(members),
    }
}
