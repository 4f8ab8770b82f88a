//! The whole cluster, and what each command does to it.

use raft::prelude::ConfState;
use raftoracle::serve::Adapter;
use raftoracle::wire::{self, Command, Hello, Reply, VERSION};

use crate::disk::Disk;
use crate::message;
use crate::server::{Crashed, Server};
use crate::settings::{Settings, KNOWN};

const LOCK: &str = include_str!("../Cargo.lock");
const OBSERVES: [&str; 7] = [
    "voted_for",
    "next_index and match_index",
    "applied_digest",
    "snapshots",
    "message meanings",
    "client histories",
    "memberships",
];
const OFFERS: [&str; 7] = [
    "ChangeMembership",
    "Compact",
    "CompleteWrite",
    "CrashInside",
    "Invoke",
    "PassTime",
    "TransferLeadership",
];

#[derive(Default)]
pub struct Cluster {
    servers: Vec<Slot>,
    settings: Option<Settings>,
}

/// A server that runs, or the disk of one that crashed.
enum Slot {
    Up(Box<Server>),
    Down(Disk),
}

/// The version of raft-rs that this program was built with, from its lock file.
fn library_version() -> &'static str {
    let behind = LOCK.split("name = \"raft\"\nversion = \"").nth(1);
    behind
        .and_then(|rest| rest.split('"').next())
        .expect("the lock file names raft")
}

impl Adapter for Cluster {
    fn hello(&self) -> Hello {
        Hello {
            protocol: VERSION,
            name: "raft-rs".to_string(),
            version: library_version().to_string(),
            network: "any",
            observes: OBSERVES.to_vec(),
            offers: OFFERS.to_vec(),
            settings: KNOWN.described(),
            summary: "raft-rs, the Raft of TiKV".to_string(),
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
                self.act(&server, |server| server.client_request(&command))
            }
            Command::Receive {
                server, message, ..
            } => {
                let message = message::received(&message)?;
                self.act(&server, |server| server.receive(message))
            }
            Command::Crash { server } => self.crash(&server),
            Command::Restart { server } => self.restart(&server),
            Command::Compact { server, keep } => self.act(&server, |server| server.compact(keep)),
            Command::ChangeMembership {
                server,
                voters,
                learners,
            } => {
                let (voters, learners) = (self.ids(&voters)?, self.ids(&learners)?);
                self.act(&server, |server| {
                    server.change_membership(&voters, &learners)
                })
            }
            Command::Invoke {
                server,
                client,
                number,
                command,
            } => self.act(&server, |server| server.invoke(client, number, &command)),
            Command::TransferLeadership { server, target } => {
                let target = self.id(&target)?;
                self.act(&server, |server| server.transfer_leadership(target))
            }
            Command::CompleteWrite { server } => self.act_until(&server, Server::complete_write),
            Command::CrashInside { server, after, .. } => {
                let slot = self.id(&server)?;
                let Slot::Up(server) = &mut self.servers[slot as usize - 1] else {
                    return Err(format!("found {server} down, expected it to run"));
                };
                server.fuse = Some(after);
                Ok(Reply::default())
            }
            Command::PassTime { ticks, fast } => self.pass_time(ticks, &fast),
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
        let voters = if settings.voters == 0 {
            servers
        } else {
            settings.voters
        };
        let configuration = ConfState {
            voters: (1..=voters).collect(),
            ..ConfState::default()
        };
        self.servers = (0..servers)
            .map(|_| Slot::Down(Disk::formatted(configuration.clone())))
            .collect();
        let mut reply = Reply {
            // A server may know a change to be committed long before it has written and applied it.
            without: vec![if settings.async_writes {
                "ChangeMembership"
            } else {
                "CompleteWrite"
            }],
            ..Reply::default()
        };
        self.settings = Some(settings);
        for name in names {
            let started = self.restart(name)?;
            reply.sent.extend(started.sent);
            reply.views.extend(started.views);
        }
        Ok(reply)
    }

    /// Let a running server do something, and see to all that follows from it.
    fn act(&mut self, name: &str, deed: impl FnOnce(&mut Server)) -> Result<Reply, String> {
        self.act_until(name, |server| {
            deed(server);
            Ok(())
        })
    }

    /// The same with what may end in a crash.
    fn act_until(
        &mut self,
        name: &str,
        deed: impl FnOnce(&mut Server) -> Result<(), Crashed>,
    ) -> Result<Reply, String> {
        let place = self.id(name)? as usize - 1;
        let Slot::Up(server) = &mut self.servers[place] else {
            return Err(format!("found {name} down, expected it to run"));
        };
        let end = deed(server).and_then(|()| server.settle());
        server.fuse = None;
        let sent = server.sent.drain(..);
        let sent = sent
            .map(|(each, is_late)| message::sent(name, &each, is_late))
            .collect();
        let view = match end {
            Ok(()) => server.changed_view(),
            Err(Crashed) => server.last_view(),
        };
        let answers = match end {
            Ok(()) => server.clients.take(),
            Err(Crashed) => server.clients.give_up_all(),
        };
        let reply = Reply {
            sent,
            views: view
                .map(|view| (name.to_string(), view))
                .into_iter()
                .collect(),
            answers,
            crashed: end.is_err(),
            ..Reply::default()
        };
        if end.is_err() {
            self.servers[place] = Slot::Down(server.disk.clone());
        }
        Ok(reply)
    }

    /// Let all running servers tick; the clocks of `fast` ones run at twice the speed, unless leases rest on
    /// them.
    fn pass_time(&mut self, ticks: u64, fast: &[String]) -> Result<Reply, String> {
        let mut reply = Reply::default();
        let clocks_agree = self
            .settings
            .as_ref()
            .is_some_and(|settings| settings.lease_reads);
        for place in 0..self.servers.len() {
            if let Slot::Up(server) = &mut self.servers[place] {
                let fuse = server.fuse.take();
                let name = message::name(place as u64 + 1);
                let ticks = if fast.contains(&name) && !clocks_agree {
                    2 * ticks
                } else {
                    ticks
                };
                let acted = self.act(&name, |server| server.pass_time(ticks))?;
                reply.sent.extend(acted.sent);
                reply.views.extend(acted.views);
                reply.answers.extend(acted.answers);
                if let Slot::Up(server) = &mut self.servers[place] {
                    server.fuse = fuse;
                }
            }
        }
        Ok(reply)
    }

    fn crash(&mut self, name: &str) -> Result<Reply, String> {
        let place = self.id(name)? as usize - 1;
        let mut reply = Reply::default();
        if let Slot::Up(server) = &mut self.servers[place] {
            reply.answers = server.clients.give_up_all();
            if server.is_async {
                server.disk.lose_unsaved();
                reply.views = server
                    .owed_view()
                    .map(|view| (name.to_string(), view))
                    .into_iter()
                    .collect();
            }
            self.servers[place] = Slot::Down(server.disk.clone());
        }
        Ok(reply)
    }

    fn restart(&mut self, name: &str) -> Result<Reply, String> {
        let id = self.id(name)?;
        let place = id as usize - 1;
        let Slot::Down(disk) = &self.servers[place] else {
            return Err(format!("found {name} running, expected it to be down"));
        };
        let settings = self.settings.as_ref().ok_or("found restart before reset")?;
        let server = Server::start(id, disk.clone(), settings)?;
        self.servers[place] = Slot::Up(Box::new(server));
        self.act(name, |_| {})
    }

    fn ids(&self, names: &[String]) -> Result<Vec<u64>, String> {
        names.iter().map(|name| self.id(name)).collect()
    }

    /// The number of a server of this cluster.
    fn id(&self, name: &str) -> Result<u64, String> {
        wire::id(name, self.servers.len())
    }
}
