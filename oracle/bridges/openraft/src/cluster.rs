//! The whole cluster, and what each command does to it.

use std::collections::{BTreeMap, BTreeSet};

use openraft::{EntryPayload, LogId, Membership};
use serde_json::{json, Value};

use crate::calls::Outgoing;
use crate::disk::Disk;
use crate::message::{Body, Message};
use crate::protocol::{Command, Reply, Sent, VERSION};
use crate::server::Server;
use crate::settings::{self, Settings};
use crate::types::{name, Entry};
use crate::view::{Shown, Standing};

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
    /// By sender, receiver and label.
    messages: BTreeMap<(u64, u64, String), Message>,
    /// By sender, receiver and what a label begins with: the calls that the messages belong to.
    labelled: BTreeMap<(u64, u64, String), Vec<u64>>,
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

/// Say what this bridge is.
pub fn hello(protocol: u64) -> Value {
    if protocol != VERSION {
        return json!({"error": format!("found protocol {protocol}, expected {VERSION}")});
    }
    json!({
        "protocol": VERSION,
        "name": "openraft",
        "version": settings::library_version(),
        "network": "any",
        "observes": OBSERVES,
        "offers": OFFERS,
        "settings": settings::described(),
        "summary": "openraft, the Raft of Databend, on tokio",
    })
}

impl Cluster {
    pub fn perform(&mut self, command: Command) -> Result<Reply, String> {
        match command {
            Command::Hello { .. } => Err("found hello, expected it to be answered".to_string()),
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
        }
    }

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
                disk: Disk::formatted(first, settings.saves_commits),
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
        let key = (from, to, label);
        let Some(message) = self.messages.get(&key).cloned() else {
            let found = &key.2;
            return Err(format!(
                "found message {found:?}, expected one that was sent before"
            ));
        };
        self.act(server, |server| server.receive(from, message))
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
        crate::complain()?;
        let mut outbox = server.take_outbox();
        let mut reply = Reply {
            answers: server.take_answers(),
            ..Reply::default()
        };
        slot.last_call = server.last_call();
        let down = server.gate.is_down();
        let (view, standing) = if down {
            slot.disk.lose(slot.lost);
            reply.crashed = Some(true);
            (slot.shown.last_view(server), slot.shown.standing())
        } else {
            slot.disk.settle();
            server.gate.disarm();
            let looked = server.look()?;
            crate::complain()?;
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
            if let Body::Appended(answer) = &mut each.message.body {
                answer.term = standing.term;
            }
        }
        reply.sent = outbox
            .into_iter()
            .map(|each| self.sent(id, each, &standing))
            .collect();
        Ok(reply)
    }

    /// A message that left, under a label that stands for it alone.
    fn sent(&mut self, from: u64, outgoing: Outgoing, standing: &Standing) -> Sent {
        let Outgoing { to, message } = outgoing;
        let beginning = message.body.label();
        let calls = self
            .labelled
            .entry((from, to, beginning.clone()))
            .or_default();
        let place = calls.iter().position(|call| *call == message.call);
        let place = place.unwrap_or_else(|| {
            calls.push(message.call);
            calls.len() - 1
        });
        let label = match place {
            0 => beginning,
            _ => format!("{beginning} #{}", place + 1),
        };
        let sent = Sent {
            from: name(from),
            to: name(to),
            message: label.clone(),
            label: label.clone(),
            meaning: message.body.meaning(),
            late: standing.is_over(&message.body),
        };
        self.messages.insert((from, to, label), message);
        sent
    }

    /// The next step of a server may end inside it.
    fn arm(&mut self, name: &str, lost: usize, how: impl FnOnce(&Server)) -> Result<Reply, String> {
        let place = self.id(name)? as usize - 1;
        let slot = &mut self.servers[place];
        let Some(server) = &slot.server else {
            return Err(format!("found {name} down, expected it to run"));
        };
        how(server);
        slot.disk.keep_journal();
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
        crate::complain()?;
        slot.server = Some(started?);
        slot.shown.restart();
        self.act(name, |server| server.settle())
    }

    fn ids(&self, names: &[String]) -> Result<BTreeSet<u64>, String> {
        names.iter().map(|name| self.id(name)).collect()
    }

    /// The number of a server of this cluster.
    fn id(&self, name: &str) -> Result<u64, String> {
        let servers = self.servers.len() as u64;
        name.strip_prefix('S')
            .and_then(|number| number.parse().ok())
            .filter(|id| (1..=servers).contains(id))
            .ok_or_else(|| format!("found server {name:?}, expected S1 to S{servers}"))
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
