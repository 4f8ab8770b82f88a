//! A cluster of openraft servers behind raft-oracle's adapter protocol, version 1.
//!
//! One JSON object a line comes in, one goes out. openraft is a library of tasks that wait: each
//! server has a runtime of its own, in which nothing happens but what a command leads to.
//!
//! `protocol` is what goes over the wire, `cluster` does the commands, `server` is one life of a
//! server, `clock` its time, `calls` its network, `disk` what survives a crash, `gate` where a crash
//! may happen, `machine` what is applied, `view` what is shown, `message` names messages, `settings`
//! reads settings, and `types` says what the library is instantiated with.

mod calls;
mod clock;
mod cluster;
mod disk;
mod gate;
mod machine;
mod message;
mod protocol;
mod server;
mod settings;
mod types;
mod view;

use std::cell::RefCell;
use std::io::{self, BufRead, Write};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use cluster::Cluster;
use protocol::{Command, Reply};

thread_local! {
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

fn main() -> io::Result<()> {
    panic::set_hook(Box::new(remember));
    let mut cluster = Cluster::default();
    let mut output = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        serde_json::to_writer(&mut output, &answer(&mut cluster, &line?))?;
        output.write_all(b"\n")?;
        output.flush()?;
    }
    Ok(())
}

/// The reply to one line; a panic of the library is a finding, and becomes an error.
fn answer(cluster: &mut Cluster, line: &str) -> serde_json::Value {
    let reply = match serde_json::from_str::<Command>(line) {
        Ok(Command::Hello { protocol }) => return cluster::hello(protocol),
        Ok(command) => panic::catch_unwind(AssertUnwindSafe(|| cluster.perform(command)))
            .unwrap_or_else(|_| Err(LAST_PANIC.take())),
        Err(error) => Err(format!("found {line:?}, expected a command: {error}")),
    };
    let reply = reply.unwrap_or_else(Reply::error);
    serde_json::to_value(reply).expect("a reply is plain data")
}

/// Say what a task of the library said when it panicked; tokio catches that, and the others go on.
pub fn complain() -> Result<(), String> {
    match LAST_PANIC.take() {
        said if said.is_empty() => Ok(()),
        said => Err(said),
    }
}

/// Keep what a panic says and where; the file's name alone, since its folder differs by machine.
fn remember(info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| text.to_string())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_string());
    let place = info.location().map_or(String::new(), |place| {
        let file = place.file().rsplit(['/', '\\']).next().unwrap_or_default();
        format!(" at {file}:{}", place.line())
    });
    let said = format!("panicked{place}: {text}");
    eprintln!("{said}");
    LAST_PANIC.with_borrow_mut(|kept| {
        if kept.is_empty() {
            *kept = said;
        }
    });
}
