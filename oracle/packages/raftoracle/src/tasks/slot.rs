//! One server of a cluster: its disk, its present life, and how its clock moves.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::calls::{Calls, Kind, Packet};
use super::disk::Disk;
use super::gate::Gate;
use super::life::Life;
use super::server::{Server, View};
use super::shown::Shown;
use crate::serve::complain;
use crate::wire::{self, name, Answer};

/// The time, by a server's own clock, that its timers may take.
const ELECTION_LIMIT: Duration = Duration::from_secs(60);
const HEARTBEAT_LIMIT: Duration = Duration::from_secs(2);

/// A server: its disk stays, its lives come and go.
pub(crate) struct Slot<S: Server> {
    pub(crate) id: u64,
    pub(crate) disk: Disk<S::Disk>,
    pub(crate) up: Option<Up<S>>,
    pub(crate) shown: Shown,
    pub(crate) lives: u32,
    pub(crate) last_call: u64,
    /// Writes that a crash inside the next step loses.
    pub(crate) lost: usize,
}

/// One life of a server. What it has spawned goes before its runtime does.
pub(crate) struct Up<S: Server> {
    pub(crate) server: Rc<S>,
    pub(crate) life: Life,
    pub(crate) gate: Gate,
    pub(crate) calls: Calls<S::Message>,
    /// How many requests it has not done with.
    pub(crate) busy: Rc<Cell<usize>>,
    pub(crate) answers: Rc<RefCell<Vec<Answer>>>,
}

impl<S: Server> Slot<S> {
    pub(crate) fn running(&self) -> Result<&Up<S>, String> {
        let up = self.up.as_ref();
        up.ok_or_else(|| format!("found {} down, expected it to run", name(self.id)))
    }

    /// The server as it is after a step.
    pub(crate) fn show(&mut self) -> Result<wire::View, String> {
        self.running()?.gate.disarm();
        self.lost = 0;
        let view = self.look()?;
        Ok(self.shown.next(view, self.disk.under_way()))
    }

    /// The server has crashed inside a step: as others may count on it.
    pub(crate) fn go_down(&mut self) -> Option<wire::View> {
        self.up = None;
        let is_late = self.disk.is_late();
        let lost = std::mem::take(&mut self.lost);
        self.disk.lose(if is_late { usize::MAX } else { lost });
        self.disk
            .read_safe(|disk| self.shown.after_crash(disk, is_late))
    }

    /// What the server shows.
    pub(crate) fn look(&self) -> Result<View, String> {
        let up = self.running()?;
        let view = up.life.ask(up.server.view());
        complain()?;
        if up.life.has_threads() {
            return Err(format!(
                "{}: found a thread of its own (spawn_blocking, tokio::fs), expected tasks alone",
                name(self.id)
            ));
        }
        view.ok_or_else(|| {
            format!(
                "{}: view waits for what does not come while every task waits, such as a lock",
                name(self.id)
            )
        })
    }

    /// Let the clock go on until the server stands for election: it sends or writes, or its term
    /// changes. A leader's election timer does not run.
    pub(crate) fn election_timeout(&self) -> Result<(), String> {
        let up = self.running()?;
        if self.shown.leads() {
            return Ok(());
        }
        let (sends, writes) = (up.calls.sends(), self.disk.under_way());
        let limit = up.life.now() + ELECTION_LIMIT;
        while up.life.jump(limit) {
            let acts = up.calls.sends() > sends || self.disk.under_way() > writes;
            if acts || up.gate.is_down() || self.look()?.term != self.shown.term() {
                return Ok(());
            }
        }
        up.life.settle();
        Ok(())
    }

    /// Let a leader's clock go on until it has sent its heartbeats.
    pub(crate) fn heartbeat_timeout(&self) -> Result<(), String> {
        let up = self.running()?;
        if !self.shown.leads() {
            return Ok(());
        }
        let limit = up.life.now() + HEARTBEAT_LIMIT;
        while up.life.jump(limit) {
            if up.calls.sends() > 0 || up.gate.is_down() {
                return Ok(());
            }
        }
        up.life.settle();
        Ok(())
    }
}

impl<S: Server> Up<S> {
    pub(crate) fn let_pass(&self, span: Duration) {
        if span > Duration::ZERO {
            self.life.pass(span);
            self.life.settle();
        }
    }

    /// Let a message arrive.
    pub(crate) fn receive(&self, from: u64, packet: Packet<S::Message>) {
        if packet.kind == Kind::Answer {
            self.calls.resolve(from, packet.call, packet.message);
            self.life.settle();
            return;
        }
        self.let_pass(self.server.time_before(&packet.message));
        self.busy.set(self.busy.get() + 1);
        let (server, calls, busy) = (self.server.clone(), self.calls.clone(), self.busy.clone());
        self.life.run(async move {
            if let Some(answer) = server.receive(from, packet.message).await {
                match packet.kind {
                    Kind::OneWay => calls.send(from, answer).await,
                    _ => calls.answer(from, packet.call, answer).await,
                }
            }
            busy.set(busy.get() - 1);
        });
    }
}
