//! Where a server may crash inside a step: before a write, before a sync, or before a message leaves.

use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard};

#[derive(Default)]
struct State {
    /// How many writes, syncs and sends pass yet before the crash.
    crash_after: Option<u64>,
    /// How many writes succeed yet before one fails.
    fail_after: Option<u64>,
    crashed: bool,
    failed: bool,
}

/// What every write and every message of one life of a server passes.
#[derive(Clone, Default)]
pub struct Gate(Arc<Mutex<State>>);

/// The disk has refused a write. The server may stop, or go on without having written; it is down
/// when the step is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

impl Gate {
    pub fn crash_after(&self, passes: u64) {
        self.lock().crash_after = Some(passes);
    }

    pub fn fail_after(&self, writes: u64) {
        self.lock().fail_after = Some(writes);
    }

    /// The step is over; what was asked for its inside is forgotten.
    pub fn disarm(&self) {
        let mut state = self.lock();
        state.crash_after = None;
        state.fail_after = None;
    }

    /// Whether the server is down by now: by a crash, or since its disk has failed.
    pub fn is_down(&self) -> bool {
        let state = self.lock();
        state.crashed || state.failed
    }

    /// A message leaves, or a sync begins; after a crash none does, and whoever waits for it waits
    /// for ever.
    pub async fn pass(&self) {
        if !self.passes() {
            pending::<()>().await;
        }
    }

    /// Wait for ever where the server has crashed.
    pub async fn stay_up(&self) {
        let has_crashed = self.lock().crashed;
        if has_crashed {
            pending::<()>().await;
        }
    }

    /// A write to the disk, which may be refused. It says whether the disk gets it: after a crash
    /// nothing gets there any more.
    pub fn write(&self) -> Result<bool, Refused> {
        if !self.passes() {
            return Ok(false);
        }
        let mut state = self.lock();
        match state.fail_after {
            Some(0) => {
                state.fail_after = None;
                state.failed = true;
                Err(Refused)
            }
            Some(left) => {
                state.fail_after = Some(left - 1);
                Ok(true)
            }
            None => Ok(true),
        }
    }

    fn passes(&self) -> bool {
        let mut state = self.lock();
        if state.crash_after == Some(0) {
            state.crashed = true;
        }
        state.crash_after = state.crash_after.map(|left| left.saturating_sub(1));
        !state.crashed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nobody panics at the gate")
    }
}
