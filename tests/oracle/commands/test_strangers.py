"""What strangers send: each is one line or a verdict, in no time, and runs or forges nothing.

SECURITY.md says what may run what; `make fuzz` looks for further inputs.
"""

import gzip
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from model.schedule import LONGEST_TEXT, MOST_ACTIONS
from oracle.commands.main import end_of, load_command, say
from oracle.store.trusted import STATE_VARIABLE
from tests.oracle.command import Done
from tests.oracle.terminal.test_hostile_text import HOSTILE, OBEYED

SECONDS: Final = 3
"""Of the processor; on a machine that does nothing else, each takes less than one."""
MOST: Final = 2**64 - 1
START: Final = {"event": "start", "server": "S1", "term": 0, "last_index": 5, "commit": 0}
NODE: Final = {
    "name": "Ready",
    "nid": "1",
    "state": {"term": 0, "vote": "0", "commit": 0},
    "role": "StateFollower",
    "log": 0,
    "conf": [["1"], []],
}
OPERATION: Final = {"client": 1, "command": "set x 1", "invoked": 1, "responded": 2, "output": ""}
SCHEDULE: Final = {
    "format": "raft-oracle schedule",
    "version": 1,
    "subject": "reference",
    "subject_version": "1",
    "servers": 3,
    "network": "any",
    "settings": {},
    "mutant": None,
    "ignore": [],
    "driver": "walker",
    "seed": 0,
    "property": None,
    "macro": [],
    "actions": [{"action": "ElectionTimeout", "server": "s1"}],
}
ELECT: Final = {"action": "Elect", "server": "s1"}
REQUEST: Final = {"action": "ClientRequest", "server": "s1"}
MESSAGE: Final = {"type": "append_entries", "term": 1, "leader_commit": MOST}
AFTER_FAR: Final = {"prev_log_index": MOST, "prev_log_term": 1, "entries": [[1, "x"]]}
MANY: Final = {"prev_log_index": 0, "prev_log_term": 0, "entries": [[1, "x"]] * 100_000}
FACTS: Final[tuple[dict[str, Any], ...]] = (
    {"event": "term", "term": 2**63},
    {"event": "commit", "index": MOST},
    {"event": "commit", "index": 2**64},
    {"event": "truncate", "from": -(10**15)},
    {"event": "snapshot", "index": 10**17, "term": 1},
    {"event": "members", "voters": [f"s{each}" for each in range(100_000)], "index": 1},
    {"event": "receive", "from": "S2", "message": {**MESSAGE, **AFTER_FAR}},
    {"event": "receive", "from": "S2", "message": {**MESSAGE, **MANY}},
    {"event": "term", "term": 1e3},
    {"event": "role", "role": HOSTILE, "term": 1},
)
NODES: Final[tuple[dict[str, Any], ...]] = (
    {"log": 10**15},
    {"state": {"term": 0, "vote": "0", "commit": MOST}},
    {"name": HOSTILE},
)
OPERATIONS: Final[tuple[dict[str, Any], ...]] = (
    {"invoked": 10**300},
    {"client": 10**30},
    {"command": f"get {HOSTILE}", "output": HOSTILE},
    {"invoked": 5},
    {"command": "drop x"},
)
SCHEDULES: Final[tuple[dict[str, Any], ...]] = (
    {"subject_version": HOSTILE},
    {"subject": HOSTILE},
    {"subject": "-- touch ran"},
    {"subject": "../ran.py"},
    {"subject": "raftos", "settings": {"version": "../../ran"}},
    {"subject": "pysyncobj", "settings": {"version": "9.9.9 --index-url http://[::1]"}},
    {"subject": "pysyncobj", "settings": {"version": "9.9.9"}},
    {"subject": "raft-rs", "settings": {"source": f"./{'x' * 300}"}},
    {"settings": {HOSTILE: "x"}},
    {"settings": {"max_entries": str(10**400)}},
    {"mutant": HOSTILE},
    {"ignore": [HOSTILE]},
    {"property": HOSTILE},
    {HOSTILE: 1},
    {"seed": 10**30},
    {"servers": 10**9},
    {"actions": [{"action": "HeartbeatTimeout", "server": "s1"}] * (MOST_ACTIONS + 1)},
    {"actions": [{"action": "Settle", "rounds": 10**9, "absent": ["s1", "s2"]}]},
    {"actions": [{"action": "PassTime", "server": "s1", "ticks": 10**12}]},
    {"actions": [{"action": "ClientRequest", "server": "s1", "command": HOSTILE}]},
    {"actions": [ELECT, *[{**REQUEST, "command": "v"}] * 50_000]},
    {"actions": [ELECT, *[{**REQUEST, "command": "v" * LONGEST_TEXT}] * 50]},
)
TEXTS: Final = ("heal; " * 20_000, "expect S1 term=1\n" * 10_001, "elect S1 " + "x" * 300_000)
ENDLESS: Final = ("/dev/zero", "/dev/urandom", "/proc/self/mem", "/")
READING: Final = ("check-trace", "check-history", "replay", "show")


def inputs(folder: Path) -> Iterator[tuple[str, str]]:
    """Commands, each with a file that nobody would send who means well."""
    for fact in FACTS:
        yield "check-trace", stored(folder, START, {"server": "S1", **fact})
    for node in NODES:
        events = [{"tag": "trace", "event": each} for each in (NODE, {**NODE, **node})]
        yield "check-trace", stored(folder, *events)
    for operation in OPERATIONS:
        yield "check-history", stored(folder, {**OPERATION, **operation})
    for schedule in SCHEDULES:
        yield "replay", stored(folder, {**SCHEDULE, **schedule})
    for text in TEXTS:
        yield "replay", file(folder, text.encode())
    broken = stored(folder, START, {"event": "commit", "server": "S1", "index": MOST})
    yield "check-trace", str(Path(broken).rename(folder / os.fsdecode(b"caf\xe9")))
    for command in READING:
        for path in ENDLESS:
            yield command, path
        yield command, file(folder, b"[" * 200_000)
        yield command, file(folder, gzip.compress(b"x" * (20 << 20)))


def stored(folder: Path, *objects: object) -> str:
    """A file with one JSON object a line."""
    return file(folder, "".join(f"{json.dumps(each)}\n" for each in objects).encode())


def file(folder: Path, content: bytes) -> str:
    """A file with this content."""
    path = folder / f"input-{len(list(folder.iterdir()))}"
    path.write_bytes(content)
    return str(path)


def is_answered(done: Done) -> bool:
    """Whether a command has ended as documented, with nothing that a terminal would obey."""
    is_one_line = done.code not in (2, 64) or done.out or done.err.count("\n") == 1
    is_plain = not any(each in done.out + done.err for each in OBEYED)
    is_ours = "Traceback" not in done.err and "a mistake of raft-oracle" not in done.err
    return done.code in (0, 1, 2, 64) and bool(is_one_line) and is_plain and is_ours


def ended(command: str, path: str, capsys: pytest.CaptureFixture[str]) -> Done:
    """How a command ends, in this process: whole processes would take a minute for all of these."""
    code = 0
    try:
        load_command(command).main([path], standalone_mode=False)
    except SystemExit as done:
        code = int(done.code or 0)
    except Exception as error:
        code, line = end_of(error)
        say(line)
    return Done(code, *capsys.readouterr())


def test_whatever_is_sent_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line or a verdict, with a code that is documented, in seconds, and nothing is run."""
    (tmp_path / "inputs").mkdir()
    (tmp_path / "ran.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "state"))
    for command, path in inputs(tmp_path / "inputs"):
        before = time.process_time()
        done = ended(command, path, capsys)
        assert is_answered(done), (command, path, done)
        assert time.process_time() - before < SECONDS, (command, path)
    assert not (tmp_path / "ran").exists()
