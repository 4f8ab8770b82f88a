//! The conversation: one JSON object a line comes in, one goes out.

use std::cell::RefCell;
use std::io::{self, BufRead, Write};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use serde_json::{json, Value};

use crate::wire::{Command, Hello, Reply, VERSION};

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A cluster that does what commands say.
pub trait Adapter {
    /// Say what this program is.
    fn hello(&self) -> Hello;
    /// Do a command; an error is one line that says what was found, and what was expected.
    fn perform(&mut self, command: Command) -> Result<Reply, String>;
}

/// Answer commands until there are no more.
pub fn serve(adapter: &mut impl Adapter) -> io::Result<()> {
    watch_panics();
    let mut output = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        write(&mut output, &answer(adapter, &line?))?;
    }
    Ok(())
}

pub(crate) fn write(output: &mut impl Write, reply: &Value) -> io::Result<()> {
    serde_json::to_writer(&mut *output, reply)?;
    output.write_all(b"\n")?;
    output.flush()
}

/// The reply to one line; a panic is a finding, and becomes an error.
pub(crate) fn answer(adapter: &mut impl Adapter, line: &str) -> Value {
    let reply = match serde_json::from_str::<Command>(line) {
        Ok(Command::Hello { protocol }) if protocol == VERSION => return json!(adapter.hello()),
        Ok(Command::Hello { protocol }) => {
            Err(format!("found protocol {protocol}, expected {VERSION}"))
        }
        Ok(command) => match command.offer() {
            Some(word) if !adapter.hello().offers.contains(&word) => Err(format!(
                "found a command for {word}, expected one that hello offers"
            )),
            _ => panic::catch_unwind(AssertUnwindSafe(|| adapter.perform(command)))
                .unwrap_or_else(|_| Err(last_panic())),
        },
        Err(error) => Err(format!("found {line:?}, expected a command: {error}")),
    };
    json!(reply.unwrap_or_else(Reply::error))
}

/// Say what a task said when it panicked; tokio catches that, and the others go on.
pub fn complain() -> Result<(), String> {
    match last_panic() {
        said if said.is_empty() => Ok(()),
        said => Err(said),
    }
}

/// What the first panic said since somebody asked; nothing where there was none.
pub fn last_panic() -> String {
    PANIC.take()
}

pub(crate) fn watch_panics() {
    panic::set_hook(Box::new(remember));
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
    PANIC.with_borrow_mut(|kept| {
        if kept.is_empty() {
            *kept = said;
        }
    });
}
