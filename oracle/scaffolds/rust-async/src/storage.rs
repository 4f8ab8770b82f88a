//! The storage: a disk in memory, on which a write is safe once it is synced. A crash loses the rest.

use raftoracle::{Disk, Stored};

use crate::raft::{Saved, Storage};
use crate::view::shown;

/// The disk of a server. Forgetting to sync is what `--set mistake=unsynced` shows.
pub struct InMemory {
    pub disk: Disk<Saved>,
    pub forgets_to_sync: bool,
}

impl Storage for InMemory {
    fn load(&self) -> Saved {
        self.disk.read(Saved::clone)
    }

    /// Where the disk refuses a write, the server stops.
    fn write(&self, saved: Saved) {
        if self.disk.read(|disk| *disk != saved) {
            let write = move |disk: &mut Saved| *disk = saved.clone();
            self.disk.write(write).expect("the disk takes a write");
        }
    }

    async fn sync(&self) {
        if !self.forgets_to_sync {
            self.disk.sync().await;
        }
    }
}

/// What a crash leaves, as raft-oracle reads it.
impl Stored for Saved {
    fn term(&self) -> u64 {
        self.term
    }

    fn vote(&self) -> Option<u64> {
        self.voted_for
    }

    fn log(&self) -> Vec<raftoracle::Entry> {
        self.log.iter().map(shown).collect()
    }
}
