//! What survives a crash: the log, the hard state, and the last snapshot, with raft-rs's `Storage`.
//!
//! Writes are synchronous. All that one `Ready` persists is one write, as in a write batch of a
//! database: raft-rs leaves the order inside it open, and its commit index may be ahead of the
//! entries that were there before.

use std::cell::{Ref, RefCell};
use std::rc::Rc;

use raft::prelude::*;
use raft::storage::Storage;
use raft::util::limit_size;
use raft::{Error, GetEntriesContext, RaftState, Result, StorageError};

#[derive(Default)]
pub struct Content {
    pub hard_state: HardState,
    pub snapshot: Snapshot,
    /// What `Storage::snapshot` gives: the state machine as it is now. It is not on the disk.
    pub current: Snapshot,
    /// Index and term of the last entry that the log does not hold any more.
    pub compacted: (u64, u64),
    pub entries: Vec<Entry>,
    /// The first index that changed since the last view.
    changed_from: Option<u64>,
    /// What is safe, where writes complete later: then the rest is what can be read before that.
    saved: Option<Box<Content>>,
}

/// What one `Ready` wants persisted.
pub struct Write {
    snapshot: Snapshot,
    entries: Vec<Entry>,
    hard_state: Option<HardState>,
}

impl Write {
    pub fn of(ready: &Ready) -> Write {
        Write {
            snapshot: ready.snapshot().clone(),
            entries: ready.entries().clone(),
            hard_state: ready.hs().cloned(),
        }
    }
}

/// A handle that the server and the library share.
#[derive(Clone, Default)]
pub struct Disk(Rc<RefCell<Content>>);

impl Disk {
    /// The disk of a new server, which knows nothing but the cluster's first configuration.
    pub fn formatted(configuration: ConfState) -> Disk {
        let disk = Disk::default();
        disk.0
            .borrow_mut()
            .snapshot
            .mut_metadata()
            .set_conf_state(configuration);
        disk
    }

    pub fn read(&self) -> Ref<'_, Content> {
        self.0.borrow()
    }

    /// Write what one `Ready` wants persisted, all of it or (after a crash) nothing.
    pub fn persist(&self, ready: &Ready) {
        self.0.borrow_mut().take(Write::of(ready));
    }

    /// Let what is written from now on be safe only once it is saved.
    pub fn save_later(&self) {
        let mut content = self.0.borrow_mut();
        content.saved = Some(Box::new(content.safe()));
    }

    /// What was written before is safe.
    pub fn save(&self, write: Write) {
        if let Some(saved) = &mut self.0.borrow_mut().saved {
            saved.take(write);
        }
    }

    /// A crash takes along what is not safe.
    pub fn lose_unsaved(&self) {
        let mut content = self.0.borrow_mut();
        if let Some(saved) = content.saved.take() {
            *content = *saved;
            content.changed_from = Some(content.first_index());
        }
    }

    pub fn persist_commit(&self, index: u64) {
        self.0.borrow_mut().hard_state.commit = index;
    }

    /// Let the library see a snapshot of the state machine as it is now.
    pub fn offer(&self, snapshot: Snapshot) {
        self.0.borrow_mut().current = snapshot;
    }

    /// Write the present snapshot, and keep of the log only what lies behind `compact_index`.
    pub fn compact(&self, compact_index: u64) {
        let mut content = self.0.borrow_mut();
        content.compact(compact_index);
        if content.saved.is_some() {
            content.saved = Some(Box::new(content.safe()));
        }
    }

    /// Take note that the whole log has to be shown.
    pub fn show_all(&self) {
        let mut content = self.0.borrow_mut();
        content.changed_from = Some(content.first_index());
    }

    /// The first index that changed since the last call, if any did.
    pub fn take_changed_from(&self) -> Option<u64> {
        self.0.borrow_mut().changed_from.take()
    }
}

impl Content {
    pub fn first_index(&self) -> u64 {
        self.compacted.0 + 1
    }

    pub fn last_index(&self) -> u64 {
        self.compacted.0 + self.entries.len() as u64
    }

    pub fn entries_from(&self, index: u64) -> &[Entry] {
        &self.entries[(index - self.first_index()) as usize..]
    }

    pub fn term_at(&self, index: u64) -> Result<u64> {
        if index == self.compacted.0 {
            Ok(self.compacted.1)
        } else if index < self.compacted.0 {
            Err(Error::Store(StorageError::Compacted))
        } else if index > self.last_index() {
            Err(Error::Store(StorageError::Unavailable))
        } else {
            Ok(self.entries_from(index)[0].term)
        }
    }

    /// A copy of all that is on the disk.
    fn safe(&self) -> Content {
        Content {
            hard_state: self.hard_state.clone(),
            snapshot: self.snapshot.clone(),
            current: self.snapshot.clone(),
            compacted: self.compacted,
            entries: self.entries.clone(),
            changed_from: None,
            saved: None,
        }
    }

    fn take(&mut self, write: Write) {
        if !write.snapshot.is_empty() {
            self.install(write.snapshot);
        }
        self.append(&write.entries);
        if let Some(hard_state) = write.hard_state {
            self.hard_state = hard_state;
        }
    }

    fn compact(&mut self, compact_index: u64) {
        self.snapshot = self.current.clone();
        if compact_index > self.compacted.0 {
            let count = (compact_index - self.compacted.0) as usize;
            let term = self.entries[count - 1].term;
            self.entries.drain(..count);
            self.compacted = (compact_index, term);
        }
    }

    fn install(&mut self, snapshot: Snapshot) {
        let metadata = snapshot.get_metadata();
        self.compacted = (metadata.index, metadata.term);
        self.entries.clear();
        self.snapshot = snapshot;
        self.changed_from = Some(self.first_index());
    }

    fn append(&mut self, entries: &[Entry]) {
        let Some(first) = entries.first() else { return };
        assert!(
            first.index >= self.first_index() && first.index <= self.last_index() + 1,
            "found an entry with index {} to persist, expected {} to {}",
            first.index,
            self.first_index(),
            self.last_index() + 1
        );
        let kept = (first.index - self.first_index()) as usize;
        self.entries.truncate(kept);
        self.entries.extend_from_slice(entries);
        let changed_from = self.changed_from.unwrap_or(first.index);
        self.changed_from = Some(changed_from.min(first.index));
    }
}

impl Storage for Disk {
    /// The configuration of the snapshot: from there on the log is applied again.
    fn initial_state(&self) -> Result<RaftState> {
        let content = self.read();
        let configuration = content.snapshot.get_metadata().get_conf_state().clone();
        Ok(RaftState::new(content.hard_state.clone(), configuration))
    }

    fn entries(
        &self,
        low: u64,
        high: u64,
        max_size: impl Into<Option<u64>>,
        _context: GetEntriesContext,
    ) -> Result<Vec<Entry>> {
        let content = self.read();
        if low < content.first_index() {
            return Err(Error::Store(StorageError::Compacted));
        }
        assert!(
            high <= content.last_index() + 1,
            "found a read of entries before index {high}, expected at most {}",
            content.last_index() + 1
        );
        let mut entries = content.entries_from(low)[..(high - low) as usize].to_vec();
        limit_size(&mut entries, max_size.into());
        Ok(entries)
    }

    fn term(&self, index: u64) -> Result<u64> {
        self.read().term_at(index)
    }

    fn first_index(&self) -> Result<u64> {
        Ok(self.read().first_index())
    }

    fn last_index(&self) -> Result<u64> {
        Ok(self.read().last_index())
    }

    fn snapshot(&self, request_index: u64, _to: u64) -> Result<Snapshot> {
        let content = self.read();
        if content.current.get_metadata().index < request_index.max(1) {
            return Err(Error::Store(StorageError::SnapshotTemporarilyUnavailable));
        }
        Ok(content.current.clone())
    }
}
