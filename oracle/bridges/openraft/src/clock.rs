//! The runtime that openraft runs on: tokio, with a clock that moves only when the bridge says so.
//!
//! Each server has a tokio runtime of its own, whose paused time goes on by itself when nothing else
//! is left to do; short waits of the library, such as between two tries, are over at once that way.
//! What openraft reads as the time (`Instant`) is another clock, one for each server. Its ticker
//! sleeps until the bridge wakes it, and a call has no time limit but the one that the bridge sets.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::pin::Pin;
use std::time::Duration;

use openraft::{AsyncRuntime, OptionalSend, TokioRuntime};
use rand::rngs::mock::StepRng;
use tokio::sync::watch;

/// The first moment of every server's clock; there is time before it.
const BEGINNING: u64 = 1 << 40;
/// Longer than any run takes.
const NEVER: Duration = Duration::from_secs(1 << 30);

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(BEGINNING) };
    static TICKER: RefCell<Option<watch::Receiver<()>>> = const { RefCell::new(None) };
}

/// The clock and the ticker of one server.
pub struct Clock {
    now: u64,
    ticker: watch::Sender<()>,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock {
            now: BEGINNING,
            ticker: watch::Sender::new(()),
        }
    }
}

impl Clock {
    /// From here on it is this server that acts.
    pub fn use_here(&self) {
        NOW.set(self.now);
        TICKER.set(Some(self.ticker.subscribe()));
    }

    /// Move the clock on.
    pub fn pass(&mut self, time: Duration) {
        self.now += time.as_millis() as u64;
    }

    /// Wake the ticker of the library.
    pub fn tick(&self) {
        self.ticker.send_replace(());
    }
}

/// A moment of a server's clock, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(u64);

impl openraft::Instant for Instant {
    fn now() -> Self {
        Instant(NOW.get())
    }
}

impl Add<Duration> for Instant {
    type Output = Self;
    fn add(self, by: Duration) -> Self {
        Instant(self.0 + by.as_millis() as u64)
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;
    fn sub(self, by: Duration) -> Self {
        Instant(self.0 - by.as_millis() as u64)
    }
}

impl Sub for Instant {
    type Output = Duration;
    fn sub(self, other: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(other.0))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, by: Duration) {
        *self = *self + by;
    }
}

impl SubAssign<Duration> for Instant {
    fn sub_assign(&mut self, by: Duration) {
        *self = *self - by;
    }
}

/// tokio, but for the time and for chance.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Runtime;

impl AsyncRuntime for Runtime {
    type JoinError = tokio::task::JoinError;
    type JoinHandle<T: OptionalSend + 'static> = tokio::task::JoinHandle<T>;
    type Sleep = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;
    type Instant = Instant;
    type TimeoutError = tokio::time::error::Elapsed;
    type Timeout<R, T: Future<Output = R> + OptionalSend> = tokio::time::Timeout<T>;
    type ThreadLocalRng = StepRng;
    type OneshotSender<T: OptionalSend> = <TokioRuntime as AsyncRuntime>::OneshotSender<T>;
    type OneshotReceiver<T: OptionalSend> = tokio::sync::oneshot::Receiver<T>;
    type OneshotReceiverError = tokio::sync::oneshot::error::RecvError;

    fn spawn<T>(future: T) -> Self::JoinHandle<T::Output>
    where
        T: Future + OptionalSend + 'static,
        T::Output: OptionalSend + 'static,
    {
        tokio::task::spawn(future)
    }

    /// A wait between two tries.
    fn sleep(duration: Duration) -> Self::Sleep {
        Box::pin(tokio::time::sleep(duration))
    }

    /// The ticker's wait, and nothing else in the library: until the bridge wakes it.
    fn sleep_until(_deadline: Self::Instant) -> Self::Sleep {
        let mut ticker = TICKER
            .with_borrow(Clone::clone)
            .expect("a server is at work");
        ticker.mark_unchanged();
        Box::pin(async move {
            if ticker.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }

    fn timeout<R, F: Future<Output = R> + OptionalSend>(
        _: Duration,
        future: F,
    ) -> Self::Timeout<R, F> {
        tokio::time::timeout(NEVER, future)
    }

    fn timeout_at<R, F: Future<Output = R> + OptionalSend>(
        _: Self::Instant,
        future: F,
    ) -> Self::Timeout<R, F> {
        tokio::time::timeout(NEVER, future)
    }

    fn is_panic(error: &Self::JoinError) -> bool {
        error.is_panic()
    }

    /// Election timeouts are drawn with it, and pass all the same when the bridge lets them.
    fn thread_rng() -> Self::ThreadLocalRng {
        StepRng::new(0, 0)
    }

    fn oneshot<T>() -> (Self::OneshotSender<T>, Self::OneshotReceiver<T>)
    where
        T: OptionalSend,
    {
        TokioRuntime::oneshot()
    }
}
