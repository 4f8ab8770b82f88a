//! Writes that complete when the schedule says: what one `Ready` persists is under way until then.
//!
//! raft-rs reads what it wrote at once, as from a cache, and is told by `on_persist_ready` when that is
//! safe. A crash leaves what was safe.

use raft::prelude::*;

use super::{Crashed, Server};
use crate::disk::Write;
use crate::message::name;
use raftoracle::wire::View;

/// What one `Ready` persists, and the messages that wait for it.
pub struct UnderWay {
    number: u64,
    write: Write,
    messages: Vec<Message>,
}

impl Server {
    /// Keep what a `Ready` persists under way; where there is nothing to write or to wait for, it is done.
    pub(super) fn persist_later(&mut self, ready: &mut Ready) -> Result<(), Crashed> {
        let is_snapshot = !ready.snapshot().is_empty();
        let is_empty = !is_snapshot && ready.entries().is_empty() && ready.hs().is_none();
        let is_done = is_empty && self.queue.is_empty();
        if !is_empty {
            self.disk.persist(ready);
        }
        self.queue.push_back(UnderWay {
            number: ready.number(),
            write: Write::of(ready),
            messages: ready.take_persisted_messages(),
        });
        self.is_done = is_done;
        self.has_snapshot = is_snapshot;
        Ok(())
    }

    /// What follows once raft-rs knows that a `Ready` is taken: some are done at once.
    pub(super) fn after_taken(&mut self) -> Result<(), Crashed> {
        if std::mem::take(&mut self.has_snapshot) {
            return self.complete_all();
        }
        if std::mem::take(&mut self.is_done) {
            let under_way = self.queue.pop_back().expect("the one that is done");
            self.send(under_way.messages)?;
            self.node.on_persist_ready(under_way.number);
        }
        Ok(())
    }

    /// The oldest write completes: what waited for it leaves, and raft-rs is told.
    pub fn complete_write(&mut self) -> Result<(), Crashed> {
        let Some(under_way) = self.queue.pop_front() else {
            return Ok(());
        };
        self.burn()?;
        self.disk.save(under_way.write);
        self.is_late = true;
        self.send(under_way.messages)?;
        self.is_late = false;
        self.node.on_persist_ready(under_way.number);
        Ok(())
    }

    /// All writes complete.
    pub fn complete_all(&mut self) -> Result<(), Crashed> {
        while !self.queue.is_empty() {
            self.complete_write()?;
        }
        Ok(())
    }

    /// After a crash: as last seen, but with the term and the vote of the disk, as nobody was told more.
    pub fn owed_view(&mut self) -> Option<View> {
        let mut view = self.shown.clone()?;
        let disk = self.disk.read();
        view.term = disk.hard_state.term;
        let vote = disk.hard_state.vote;
        view.vote = (vote != raft::INVALID_ID).then(|| name(vote));
        view.writes = 0;
        Some(view)
    }
}
