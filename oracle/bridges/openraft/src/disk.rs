//! What survives a crash: vote, log and the last snapshot, with openraft's `RaftLogStorage`.
//!
//! A vote, entries, a snapshot and the commit index are synced before the library is told that they
//! are saved. A truncation and a purge are not: they are on the disk with the next sync, or when the
//! step is over. A crash inside a step may lose what is not synced yet, from the
//! end on.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::ops::RangeBounds;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use openraft::storage::{LogFlushed, RaftLogStorage};
use openraft::{
    AnyError, EmptyNode, ErrorSubject, ErrorVerb, LogId, LogState, OptionalSend, RaftLogReader,
    SnapshotMeta, StorageError, StorageIOError, Vote,
};
use raftoracle::gate::{Gate, Refused};

use crate::settings::Settings;
use crate::types::{place, Entry, Types};

pub type Fallible<T> = Result<T, StorageError<u64>>;

/// A snapshot, as it is stored and as it is sent.
#[derive(Clone)]
pub struct Image {
    pub meta: SnapshotMeta<u64, EmptyNode>,
    pub data: Vec<u8>,
}

#[derive(Clone, Default)]
pub struct Content {
    pub vote: Option<Vote<u64>>,
    pub log: BTreeMap<u64, Entry>,
    pub purged: Option<LogId<u64>>,
    pub committed: Option<LogId<u64>>,
    pub snapshot: Option<Image>,
    /// What was purged for a snapshot that is not saved yet, and comes back where a crash loses that;
    /// None where it does not.
    uncovered: Option<Purged>,
    purges_uncovered: bool,
}

/// Entries that were purged, and what was purged before them.
#[derive(Clone)]
struct Purged {
    before: Option<LogId<u64>>,
    entries: BTreeMap<u64, Entry>,
}

/// One write.
enum Write {
    Vote(Vote<u64>),
    Append(Vec<Entry>),
    Truncate(u64),
    Purge(LogId<u64>),
    Committed(Option<LogId<u64>>),
    Snapshot(Image),
}

/// Entries are synced when no task can go on without it: whoever does not wait for that comes before.
const SYNCING: Duration = Duration::from_millis(1);

/// A handle that the library and the bridge share.
#[derive(Clone)]
pub struct Disk {
    disk: raftoracle::Disk<Content>,
    gate: Gate,
    /// The first index, as openraft counts, that changed since the last view.
    changed_from: Arc<Mutex<Option<u64>>>,
    saves_commits: bool,
}

impl Disk {
    /// The disk of a new server; members of the first configuration hold it as their first entry.
    pub fn formatted(first: Option<Entry>, settings: &Settings) -> Disk {
        let mut content = Content {
            purges_uncovered: settings.purges_uncovered,
            ..Content::default()
        };
        content.log.extend(first.map(|entry| (0, entry)));
        Disk {
            disk: raftoracle::Disk::formatted(content, false),
            gate: Gate::default(),
            changed_from: Arc::default(),
            saves_commits: settings.saves_commits,
        }
    }

    /// The same disk in another life of its server.
    pub fn in_life_of(&self, gate: Gate) -> Disk {
        *self.changed_from() = Some(0);
        Disk {
            disk: self.disk.in_life_of(gate.clone()),
            gate,
            ..self.clone()
        }
    }

    pub fn read<T>(&self, look: impl FnOnce(&Content) -> T) -> T {
        self.disk.read(look)
    }

    /// The step is over, and all of its writes are on the disk.
    pub fn settle(&self) {
        self.disk.settle();
    }

    /// The server has crashed: of its last writes, so many that are not synced are lost.
    pub fn lose(&self, lost: usize) {
        self.disk.lose(lost);
        let after = self.disk.in_life_of(Gate::default());
        let _ = after.write(Content::bring_back); // no gate of a new life refuses
        after.settle();
        *self.changed_from() = Some(0);
    }

    /// The first index that changed since the last call, if any did.
    pub fn take_changed_from(&self) -> Option<u64> {
        self.changed_from().take()
    }

    /// Store a snapshot.
    pub async fn save_snapshot(&self, image: Image) -> Fallible<()> {
        self.write(Write::Snapshot(image), ErrorSubject::Snapshot(None))
            .await?;
        self.disk.sync().await;
        Ok(())
    }

    async fn write(&self, write: Write, subject: ErrorSubject<u64>) -> Fallible<()> {
        let changed = write.changed_from();
        if let Err(Refused) = self.disk.write(move |content| content.take(&write)) {
            let refusal = io::Error::other("the disk refuses a write");
            let error = StorageIOError::new(subject, ErrorVerb::Write, AnyError::new(&refusal));
            return Err(error.into());
        }
        self.gate.stay_up().await;
        if let Some(index) = changed {
            let mut before = self.changed_from();
            *before = Some(before.unwrap_or(index).min(index));
        }
        Ok(())
    }

    fn changed_from(&self) -> MutexGuard<'_, Option<u64>> {
        let changed_from = self.changed_from.lock();
        changed_from.expect("nobody panics with the disk")
    }
}

impl Write {
    /// The first index at which the log is another one after it.
    fn changed_from(&self) -> Option<u64> {
        match self {
            Write::Append(entries) => entries.first().map(|entry| entry.log_id.index),
            Write::Truncate(from) => Some(*from),
            Write::Purge(_) | Write::Snapshot(_) => Some(0),
            Write::Vote(_) | Write::Committed(_) => None,
        }
    }
}

impl Content {
    fn take(&mut self, write: &Write) {
        match write {
            Write::Vote(vote) => self.vote = Some(*vote),
            Write::Append(entries) => {
                let entries = entries.iter().cloned();
                self.log
                    .extend(entries.map(|entry| (entry.log_id.index, entry)));
            }
            Write::Truncate(from) => drop(self.log.split_off(from)),
            Write::Purge(upto) => self.purge(*upto),
            Write::Committed(committed) => self.committed = *committed,
            Write::Snapshot(image) => {
                self.snapshot = Some(image.clone());
                self.uncovered = None;
            }
        }
    }

    fn purge(&mut self, upto: LogId<u64>) {
        let rest = self.log.split_off(&(upto.index + 1));
        let entries = std::mem::replace(&mut self.log, rest);
        let image = self.snapshot.as_ref();
        let covered = image.and_then(|image| image.meta.last_log_id);
        if covered < Some(upto) && !self.purges_uncovered {
            let before = self.purged;
            self.uncovered = Some(Purged { before, entries });
        }
        self.purged = Some(upto);
    }

    /// After a crash: what no snapshot stands for is in the log again.
    fn bring_back(&mut self) {
        if let Some(purged) = self.uncovered.take() {
            self.log.extend(purged.entries);
            self.purged = purged.before;
        }
    }

    /// The last entry that the log does not hold any more: what is purged, or all that a snapshot
    /// covers where the log does not reach it.
    pub fn compacted(&self) -> Option<LogId<u64>> {
        let image = self
            .snapshot
            .as_ref()
            .and_then(|image| image.meta.last_log_id);
        let last = self.log.keys().next_back().copied();
        let covers_all = image.is_some_and(|image| last.is_none_or(|last| last < image.index));
        if covers_all && place(image) > place(self.purged) {
            image
        } else {
            self.purged
        }
    }
}

impl RaftLogReader<Types> for Disk {
    async fn try_get_log_entries<R: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: R,
    ) -> Fallible<Vec<Entry>> {
        Ok(self.read(|content| {
            content
                .log
                .range(range)
                .map(|(_, entry)| entry.clone())
                .collect()
        }))
    }
}

impl RaftLogStorage<Types> for Disk {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Fallible<LogState<Types>> {
        Ok(self.read(|content| {
            let last = content.log.values().next_back().map(|entry| entry.log_id);
            LogState {
                last_purged_log_id: content.purged,
                last_log_id: last.or(content.purged),
            }
        }))
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote<u64>) -> Fallible<()> {
        self.write(Write::Vote(*vote), ErrorSubject::Vote).await?;
        self.disk.sync().await;
        Ok(())
    }

    async fn read_vote(&mut self) -> Fallible<Option<Vote<u64>>> {
        Ok(self.read(|content| content.vote))
    }

    async fn save_committed(&mut self, committed: Option<LogId<u64>>) -> Fallible<()> {
        if self.saves_commits {
            self.write(Write::Committed(committed), ErrorSubject::Store)
                .await?;
            self.disk.sync().await;
        }
        Ok(())
    }

    async fn read_committed(&mut self) -> Fallible<Option<LogId<u64>>> {
        Ok(self.read(|content| content.committed))
    }

    async fn append<I>(&mut self, entries: I, callback: LogFlushed<Types>) -> Fallible<()>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let entries: Vec<Entry> = entries.into_iter().collect();
        self.write(Write::Append(entries), ErrorSubject::Logs)
            .await?;
        let disk = self.disk.clone();
        tokio::spawn(async move {
            tokio::time::sleep(SYNCING).await;
            disk.sync().await;
            callback.log_io_completed(Ok(()));
        });
        Ok(())
    }

    async fn truncate(&mut self, from: LogId<u64>) -> Fallible<()> {
        self.write(Write::Truncate(from.index), ErrorSubject::Logs)
            .await
    }

    async fn purge(&mut self, upto: LogId<u64>) -> Fallible<()> {
        self.write(Write::Purge(upto), ErrorSubject::Logs).await
    }
}
