//! A conversation in which each run has a process of its own, so that nothing of a run stays.
//!
//! A reset replaces the process by itself (`exec`), which takes a millisecond. What servers keep in
//! statics, how often a thread has made a `HashMap`, and all else that a process remembers is then the
//! same at the beginning of each run.

use std::env;
use std::fs::File;
use std::io::{self, BufRead, Write};
use std::os::fd::FromRawFd;
use std::os::unix::process::CommandExt;
use std::process::Command as Program;

use serde_json::Value;

use super::chance;
use crate::serve::{answer, watch_panics, write, Adapter};

/// The environment in which a process is replaced by itself.
const RESET: &str = "RAFT_ORACLE_RESET";
const OUT: &str = "RAFT_ORACLE_OUT";

/// Answer commands until there are no more; each reset is a new process.
pub(crate) fn serve_fresh(adapter: &mut impl Adapter) -> io::Result<()> {
    let (descriptor, mut output) = own_output()?;
    let begins_with = env::var(RESET);
    env::remove_var(RESET);
    env::remove_var(OUT);
    watch_panics();
    if let Ok(line) = begins_with {
        chance::begin();
        write(&mut output, &answer(adapter, &line))?;
    }
    for line in io::stdin().lock().lines() {
        let line = line?;
        if is_reset(&line) {
            return Err(replace(&line, descriptor));
        }
        write(&mut output, &answer(adapter, &line))?;
    }
    Ok(())
}

fn is_reset(line: &str) -> bool {
    line.contains("\"reset\"")
        && serde_json::from_str::<Value>(line).is_ok_and(|asked| asked["op"] == "reset")
}

/// Put a fresh process in the place of this one, which begins with the reset.
fn replace(line: &str, descriptor: i32) -> io::Error {
    let own = match cfg!(target_os = "linux") {
        true => "/proc/self/exe".into(), // also where the file was built anew meanwhile
        false => match env::current_exe() {
            Ok(path) => path,
            Err(error) => return error,
        },
    };
    let mut words = env::args_os();
    let mut program = Program::new(own);
    if let Some(name) = words.next() {
        program.arg0(name);
    }
    program
        .args(words)
        .env(RESET, line)
        .env(OUT, descriptor.to_string())
        .exec()
}

/// Keep standard output for replies: what servers print there goes to standard error.
fn own_output() -> io::Result<(i32, impl Write)> {
    let known = env::var(OUT).ok().and_then(|number| number.parse().ok());
    let descriptor = match known {
        Some(descriptor) => descriptor,
        None => moved_output()?,
    };
    // SAFETY: the descriptor is open, and nothing else owns it.
    let file = unsafe { File::from_raw_fd(descriptor) };
    Ok((descriptor, io::BufWriter::new(file)))
}

/// Another descriptor for standard output, whose own one is from now on that of standard error.
fn moved_output() -> io::Result<i32> {
    // SAFETY: these calls take numbers, and touch no memory.
    let descriptor = unsafe { libc::dup(libc::STDOUT_FILENO) };
    if descriptor < 0 || unsafe { libc::dup2(libc::STDERR_FILENO, libc::STDOUT_FILENO) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(descriptor)
}
