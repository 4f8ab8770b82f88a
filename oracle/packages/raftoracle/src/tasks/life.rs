//! One life of a server: a tokio runtime of its own, in which time stands still.
//!
//! tokio asks before its thread goes to sleep (`on_thread_park`): that is when no task can go on, and
//! with it a step is over. If the thread is let go to sleep all the same, the paused clock jumps to the
//! next timer; so time goes by timer by timer, and only then. A crash drops the runtime.

use std::future::{poll_fn, Future};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Poll, Waker};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;
use tokio::time::{sleep, Instant};

use super::chance;

/// What the runtime's thread finds when it would go to sleep.
#[derive(Default)]
struct Bed {
    /// How often it may sleep yet, which lets the clock jump to the next timer.
    jumps: AtomicUsize,
    /// Whether it was kept awake since somebody looked.
    is_idle: AtomicBool,
    waker: Mutex<Option<Waker>>,
    /// Whether a thread of its own was started, which nobody can wait for.
    has_threads: AtomicBool,
    clock: OnceLock<Clock>,
}

/// How the machine's clock follows the one of tokio.
struct Clock {
    /// What the machine's clock shows at the beginning, in nanoseconds.
    origin: u64,
    began: Instant,
}

impl Clock {
    fn follow(&self) {
        let since = Instant::now() - self.began;
        chance::set_now(self.origin + since.as_nanos() as u64);
    }
}

impl Bed {
    /// No task can go on: let the clock jump, or tell who waits for this moment.
    fn lie_down(&self) {
        let jumps = self.jumps.load(Relaxed);
        if jumps > 0 {
            self.jumps.store(jumps - 1, Relaxed);
            return;
        }
        self.is_idle.store(true, Relaxed);
        let waker = self.waker.lock().expect("nobody panics here").take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The time has moved, or this life goes on where another one was.
    fn follow(&self) {
        if let Some(clock) = self.clock.get() {
            clock.follow();
        }
    }

    /// Wait until no task can go on.
    async fn idle(&self) {
        poll_fn(|context| {
            if self.is_idle.swap(false, Relaxed) {
                return Poll::Ready(());
            }
            *self.waker.lock().expect("nobody panics here") = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// The runtime and the clock of one life.
pub struct Life {
    tasks: LocalSet,
    runtime: Runtime,
    bed: Arc<Bed>,
}

impl Life {
    /// A life whose clock begins at this moment.
    pub fn new(origin: Duration) -> Result<Life, String> {
        let origin = origin.as_nanos() as u64;
        chance::set_now(origin);
        let bed = Arc::new(Bed::default());
        let (parks, unparks, starts) = (bed.clone(), bed.clone(), bed.clone());
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .on_thread_park(move || parks.lie_down())
            .on_thread_unpark(move || unparks.follow())
            .thread_name_fn(move || {
                // Asked for in the thread that starts another one, and so in the midst of a step.
                starts.has_threads.store(true, Relaxed);
                "a thread of the server".to_string()
            })
            .build()
            .map_err(|error| format!("tokio does not start: {error}"))?;
        let began = runtime.block_on(async { Instant::now() });
        bed.clock.get_or_init(|| Clock { origin, began });
        Ok(Life {
            tasks: LocalSet::new(),
            runtime,
            bed,
        })
    }

    /// Let a task run until it and all others can go on no more.
    pub fn run(&self, task: impl Future<Output = ()> + 'static) {
        self.tasks.spawn_local(task);
        self.settle();
    }

    /// Let all tasks run until none can go on. No time goes by.
    pub fn settle(&self) {
        self.inside(self.bed.idle());
    }

    /// What a question is answered without any time going by; None where the answer does not come.
    pub fn ask<T>(&self, question: impl Future<Output = T>) -> Option<T> {
        self.inside(async {
            tokio::select! {
                biased;
                answer = question => Some(answer),
                () = self.bed.idle() => None,
            }
        })
    }

    /// What a question is answered while the clock goes on from timer to timer, so long at most.
    pub fn ask_within<T>(&self, limit: Duration, question: impl Future<Output = T>) -> Option<T> {
        self.while_time_passes(async { tokio::time::timeout(limit, question).await.ok() })
    }

    /// Let so much time go by, from timer to timer.
    pub fn pass(&self, span: Duration) {
        self.while_time_passes(async { sleep(span).await }); // a timer is made inside the runtime
    }

    /// Let a task run while so much time goes by.
    pub fn run_for(&self, span: Duration, task: impl Future<Output: Send> + Send + 'static) {
        self.while_time_passes(async {
            tokio::spawn(task);
            sleep(span).await;
        });
    }

    /// Let the clock jump to the next timer, and what waits for it go on; false where it is not due
    /// before that moment, and the clock stands there now.
    pub fn jump(&self, limit: Instant) -> bool {
        self.inside(async {
            let guard = tokio::time::sleep_until(limit);
            self.bed.jumps.store(1, Relaxed);
            tokio::select! {
                biased;
                () = self.bed.idle() => true,
                () = guard => false,
            }
        })
    }

    /// The time of this life.
    pub fn now(&self) -> Instant {
        self.runtime.block_on(async { Instant::now() })
    }

    /// Whether the server has handed work to another thread.
    pub fn has_threads(&self) -> bool {
        self.bed.has_threads.load(Relaxed)
    }

    fn while_time_passes<T>(&self, what: impl Future<Output = T>) -> T {
        self.bed.jumps.store(usize::MAX, Relaxed);
        let result = self.inside(what);
        self.bed.jumps.store(0, Relaxed);
        result
    }

    /// Do something in the runtime, with this life's clock as the machine's.
    fn inside<T>(&self, what: impl Future<Output = T>) -> T {
        self.bed.is_idle.store(false, Relaxed);
        self.runtime.block_on(async {
            self.bed.follow();
            self.tasks.run_until(what).await
        })
    }
}
