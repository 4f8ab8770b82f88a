//! What a server would learn from the machine: the time and random numbers, which are the run's own.
//!
//! The standard library and everything above it ask the C library for both. In a program on Linux the
//! functions here stand in front of the C library's, so that `Instant::now()`, `SystemTime::now()`,
//! the order of a `HashMap`, `rand` and the choices of `tokio::select!` are the same in each run of a
//! schedule. Elsewhere only tokio's own clock is the run's. Until a run begins nothing is changed.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Whether a run has begun in this process.
static IS_RUN: AtomicBool = AtomicBool::new(false);
/// The time of the server that acts, in nanoseconds.
static NOW: AtomicU64 = AtomicU64::new(0);
/// What random numbers are made of.
static DICE: AtomicU64 = AtomicU64::new(0);
/// What the wall clock shows when the other one shows nothing: a moment of the year 2023.
const WALL_SECONDS: u64 = 1_700_000_000;
const BILLION: u64 = 1_000_000_000;

/// From here on time and chance are the run's.
pub(crate) fn begin() {
    DICE.store(0, Relaxed);
    IS_RUN.store(true, Relaxed);
}

/// The time that the server which acts now reads.
pub(crate) fn set_now(nanoseconds: u64) {
    NOW.store(nanoseconds, Relaxed);
}

/// Eight random bits: one number of SplitMix64.
fn random_byte() -> u8 {
    const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut mixed = DICE.fetch_add(STEP, Relaxed).wrapping_add(STEP);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) as u8
}

#[cfg(target_os = "linux")]
mod in_front_of_libc {
    use std::ffi::CStr;
    use std::mem::transmute;

    use libc::{c_int, c_long, c_uint, c_void, clockid_t, size_t, ssize_t, timespec};

    use super::*;

    /// The C library's own function of this name, which ours hides.
    ///
    /// # Safety
    /// `F` has to be the type of that function.
    unsafe fn hidden<F: Copy>(name: &CStr) -> F {
        let found = libc::dlsym(libc::RTLD_NEXT, name.as_ptr());
        assert!(!found.is_null(), "the C library has {name:?}");
        std::mem::transmute_copy(&found)
    }

    /// # Safety
    /// `into` has to be writable, as for the C library's function.
    #[no_mangle]
    unsafe extern "C" fn clock_gettime(clock: clockid_t, into: *mut timespec) -> c_int {
        if !IS_RUN.load(Relaxed) {
            type Real = unsafe extern "C" fn(clockid_t, *mut timespec) -> c_int;
            return hidden::<Real>(c"clock_gettime")(clock, into);
        }
        let now = NOW.load(Relaxed);
        let is_wall = matches!(
            clock,
            libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE | libc::CLOCK_TAI
        );
        let since = if is_wall { WALL_SECONDS } else { 0 };
        (*into).tv_sec = (since + now / BILLION) as _;
        (*into).tv_nsec = (now % BILLION) as _;
        0
    }

    /// # Safety
    /// `into` has to be writable for so many bytes, as for the C library's function.
    #[no_mangle]
    unsafe extern "C" fn getrandom(into: *mut c_void, count: size_t, flags: c_uint) -> ssize_t {
        if !IS_RUN.load(Relaxed) {
            type Real = unsafe extern "C" fn(*mut c_void, size_t, c_uint) -> ssize_t;
            return hidden::<Real>(c"getrandom")(into, count, flags);
        }
        for place in 0..count {
            into.cast::<u8>().add(place).write(random_byte());
        }
        count as ssize_t
    }

    type SystemCall =
        unsafe extern "C" fn(c_long, usize, usize, usize, usize, usize, usize) -> c_long;

    /// Older versions of the crate getrandom call the system by number. The C library's function takes
    /// what its caller gives, up to six words; those that are not given are not looked at.
    ///
    /// # Safety
    /// As for the system call of that number.
    #[no_mangle]
    unsafe extern "C" fn syscall(
        number: c_long,
        first: usize,
        second: usize,
        third: usize,
        fourth: usize,
        fifth: usize,
        sixth: usize,
    ) -> c_long {
        if number == libc::SYS_getrandom {
            return getrandom(first as *mut c_void, second, third as c_uint) as c_long;
        }
        static REAL: AtomicU64 = AtomicU64::new(0);
        if REAL.load(Relaxed) == 0 {
            REAL.store(hidden::<usize>(c"syscall") as u64, Relaxed);
        }
        let real = transmute::<usize, SystemCall>(REAL.load(Relaxed) as usize);
        real(number, first, second, third, fourth, fifth, sixth)
    }
}
