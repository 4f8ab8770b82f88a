//! A disk in memory, which may finish later: what is written is lost in a crash until it is synced.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::oneshot;

use super::gate::{Gate, Refused};

/// A write: it changes what the disk holds, first in the cache, and then for good.
type Change<C> = Arc<dyn Fn(&mut C) + Send + Sync>;

/// A sync that is under way: how many writes it makes safe, and who waits for it.
struct UnderWay {
    writes: usize,
    waiting: Vec<oneshot::Sender<()>>,
}

struct State<C> {
    /// With all that was written: what the server reads.
    written: C,
    /// What a crash leaves.
    safe: C,
    /// What was written and is not safe.
    changes: VecDeque<Change<C>>,
    /// Whether a sync is complete only when the schedule says so.
    is_late: bool,
    under_way: VecDeque<UnderWay>,
}

/// The disk of a server, in one of its lives. A clone is another handle of the same disk.
#[derive(Clone)]
pub struct Disk<C> {
    state: Arc<Mutex<State<C>>>,
    gate: Gate,
}

impl<C: Clone + Send + 'static> Disk<C> {
    /// A disk that holds this much.
    pub fn formatted(content: C, is_late: bool) -> Disk<C> {
        let state = State {
            written: content.clone(),
            safe: content,
            changes: VecDeque::new(),
            is_late,
            under_way: VecDeque::new(),
        };
        Disk {
            state: Arc::new(Mutex::new(state)),
            gate: Gate::default(),
        }
    }

    /// The same disk in another life of its server.
    pub fn in_life_of(&self, gate: Gate) -> Disk<C> {
        Disk {
            state: self.state.clone(),
            gate,
        }
    }

    /// Look at what was written, safe or not.
    pub fn read<T>(&self, look: impl FnOnce(&C) -> T) -> T {
        look(&self.lock().written)
    }

    /// Look at what a crash would leave.
    pub fn read_safe<T>(&self, look: impl FnOnce(&C) -> T) -> T {
        look(&self.lock().safe)
    }

    /// Write something. It can be read at once, and is lost in a crash before a sync has made it
    /// safe.
    pub fn write(&self, change: impl Fn(&mut C) + Send + Sync + 'static) -> Result<(), Refused> {
        if self.gate.write()? {
            let mut state = self.lock();
            change(&mut state.written);
            state.changes.push_back(Arc::new(change));
        }
        Ok(())
    }

    /// Wait until all that was written before is safe.
    pub async fn sync(&self) {
        self.gate.stay_up().await;
        let waiting = {
            let mut state = self.lock();
            let writes = state.changes.len();
            if writes == 0 {
                return;
            }
            state.wait_for(writes)
        };
        self.gate.pass().await;
        match waiting {
            None => self.lock().make_safe(usize::MAX),
            Some(done) => {
                // It ends with an error where the server crashes, and nobody is left then.
                let _ = done.await;
            }
        }
    }

    /// Whether a sync is complete only when the schedule says so.
    pub fn is_late(&self) -> bool {
        self.lock().is_late
    }

    /// How many syncs are under way.
    pub fn under_way(&self) -> usize {
        self.lock().under_way.len()
    }

    /// The oldest sync that is under way is complete, and who waits for it goes on.
    pub fn complete_sync(&self) {
        let mut state = self.lock();
        let Some(sync) = state.under_way.pop_front() else {
            return;
        };
        state.make_safe(sync.writes);
        for other in &mut state.under_way {
            other.writes -= sync.writes;
        }
        for waiting in sync.waiting {
            let _ = waiting.send(());
        }
    }

    /// All that was written is safe, whether anybody has waited for it or not.
    pub fn settle(&self) {
        self.lock().make_safe(usize::MAX);
    }

    /// The server has crashed: of what is not safe, the last `lost` writes are lost.
    pub fn lose(&self, lost: usize) {
        let mut state = self.lock();
        let kept = state.changes.len().saturating_sub(lost);
        state.make_safe(kept);
        state.changes.clear();
        state.under_way.clear();
        state.written = state.safe.clone();
    }

    fn lock(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().expect("nobody panics with the disk")
    }
}

impl<C> State<C> {
    /// Begin to wait for so many writes, unless a sync is over at once.
    fn wait_for(&mut self, writes: usize) -> Option<oneshot::Receiver<()>> {
        if !self.is_late {
            return None;
        }
        let (done, waiting) = oneshot::channel();
        match self.under_way.back_mut() {
            Some(last) if last.writes == writes => last.waiting.push(done),
            _ => self.under_way.push_back(UnderWay {
                writes,
                waiting: vec![done],
            }),
        }
        Some(waiting)
    }

    /// The oldest writes, so many of them, are safe from now on.
    fn make_safe(&mut self, count: usize) {
        let count = count.min(self.changes.len());
        for change in self.changes.drain(..count) {
            change(&mut self.safe);
        }
    }
}
