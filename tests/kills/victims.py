"""The commands that are killed, and what has to be there of each afterwards."""

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from attrs import frozen

from model.schedule import load_schedule
from oracle.processes.user_cache import cache_directory
from oracle.store.input_files import decompressed
from oracle.subjects.naming import read_subject
from tests.oracle.command import ADAPTERS, ROOT, Done, raft_oracle
from tests.require import require, require_bridge

LABS: Final = ROOT / "examples" / "labs"
OUT: Final = "found"
CHECKPOINT: Final = "checkpoint"
BOUNDS: Final = ("--max-inbox", "2", "--client-requests", "2")
COUNTS: Final = re.compile(r"([\d,]+) states \(([\d,]+) generated\) in (\d+) levels")
LINES: Final = 400_000
SUBJECT_FAILED: Final = "SubjectFailed"


@frozen
class Killed:
    """A command that has ended, one way or another, and what was there before that."""

    folder: Path
    done: Done
    had_checkpoint: bool
    is_by_kill: bool
    """Whether one of its processes was killed, which may look like a finding in a subject."""


@frozen(kw_only=True)
class Victim:
    """A command, how long it takes at least, and what nobody may lose of it."""

    words: Callable[[Path], Sequence[str]]
    seconds: float
    holds: Callable[[Killed], None]
    ready: Callable[[], None] = lambda: None
    """Skips where the machine lacks what it needs, and builds what is not to be killed."""
    variables: Callable[[Path], Mapping[str, str]] = lambda folder: {}


def hunted(*words: str) -> Callable[[Path], Sequence[str]]:
    """A hunt that goes on past what it finds, so that it is killed in all that hunts do."""
    options = ("--all", "--workers", "2", "--budget", "60s", "--out", OUT)
    return lambda folder: ("hunt", *options, *words)


def findings_are_kept(killed: Killed) -> None:
    """All that was told is stored, and what is stored runs again."""
    told = re.findall(r"^Found (\S+) after", killed.done.err, re.MULTILINE)
    stored = sorted((killed.folder / OUT).rglob("schedule.json"))
    saved = [load_schedule(each.read_bytes(), read_subject) for each in stored]
    assert len(stored) >= len(told), (told, stored)
    for path, schedule in list(zip(stored, saved, strict=True))[:1]:
        if schedule.property == SUBJECT_FAILED and killed.is_by_kill:
            continue  # what was killed was the subject's own process
        again = raft_oracle(killed.folder, "replay", str(path), variables=state(killed.folder))
        assert again.code == 1, again


def state(folder: Path) -> dict[str, str]:
    """Where a command remembers what was named, so that a replay may run it."""
    return {"XDG_STATE_HOME": str(folder / "state")}


def report_is_kept(killed: Killed) -> None:
    """A report that was told is whole, and so is what it names."""
    findings_are_kept(killed)
    if "Report:" in killed.done.out:
        json.loads((killed.folder / OUT / "report.json").read_bytes())


def search_goes_on(killed: Killed) -> None:
    """Taken up again, it ends as one that nobody has ended."""
    folder = killed.folder / CHECKPOINT
    is_there = any((folder / each).is_dir() for each in ("current", "before"))
    is_told = "--resume" in killed.done.out
    assert is_there or not (killed.had_checkpoint or is_told), killed
    if is_there:
        again = raft_oracle(killed.folder, "explore", "--resume", CHECKPOINT)
        assert counts_in(again) == counts_of_all()
        assert sorted(each.name for each in folder.iterdir()) in ([], ["current"])


@cache
def counts_of_all() -> tuple[str, ...]:
    """What a search counts that nobody ends."""
    return counts_in(raft_oracle(ROOT / "tests", "explore", *BOUNDS))


def counts_in(done: Done) -> tuple[str, ...]:
    """States, and levels, of a search that has come to its end."""
    found = COUNTS.search(done.out)
    assert found is not None, done
    assert done.out.startswith("Exhausted"), done
    return found.groups()


def page_is_whole(killed: Killed) -> None:
    """A page or a trace that was told is there to its end."""
    for path in re.findall(r"^(?:Page|Trace): +(\S+)$", killed.done.out, re.MULTILINE):
        with decompressed((killed.folder / path).open("rb")) as file:
            assert file.read().rstrip().endswith((b"</html>", b"}"))


def long_trace(folder: Path) -> Sequence[str]:
    """Check a trace that takes seconds, and whose last line is impossible."""
    lines = [
        '{"event":"start","server":"S1","term":0,"voters":["S1"],"last_index":0,"commit":0}',
        '{"event":"term","server":"S1","term":1,"voted_for":"S1"}',
        '{"event":"leader","server":"S1","term":1}',
        *(
            f'{{"event":"{event}","server":"S1","index":{index},"term":1}}'
            for index in range(1, LINES // 2)
            for event in ("append", "commit")
        ),
        '{"event":"term","server":"S1","term":0}',
    ]
    (folder / "trace.jsonl").write_text("\n".join(lines) + "\n")
    return ("check-trace", "trace.jsonl")


def cold(folder: Path) -> Mapping[str, str]:
    """A cache of our own that is empty, but for what Go has compiled."""
    go = cache_directory().parent / "go-build"
    return {"XDG_CACHE_HOME": str(folder / "cache"), "GOCACHE": str(go)}


def nothing(_: Killed) -> None:
    """Nothing is told before the end."""


CHILD: Final = (sys.executable, str(ADAPTERS / "reference_child.py"), "--mutant", "double-vote")

VICTIMS: Final = {
    "check-trace": Victim(words=long_trace, seconds=5, holds=page_is_whole),
    "child": Victim(words=hunted("--", *CHILD), seconds=14, holds=findings_are_kept),
    "explore": Victim(
        words=lambda folder: (
            *("explore", *BOUNDS, "--checkpoint", CHECKPOINT),
            *("--interval", "0.1"),
        ),
        seconds=6,
        holds=search_goes_on,
    ),
    "python": Victim(
        words=hunted("pysyncobj"),
        seconds=14,
        holds=findings_are_kept,
        ready=lambda: require("pysyncobj"),
    ),
    "etcd": Victim(
        words=hunted("etcd-raft", "--set", "async=on"),
        seconds=10,
        holds=findings_are_kept,
        ready=lambda: require_bridge("etcd-raft"),
    ),
    "directory": Victim(
        words=hunted(str(LABS / "single_select")),
        seconds=10,
        holds=findings_are_kept,
        ready=lambda: require("go"),
    ),
    "lab": Victim(
        words=lambda folder: (
            *("lab", "--steps", "3000", "--workers", "2", "--out", OUT),
            *(str(LABS / each) for each in ("tick_and_flags", "leader_by_vote")),
        ),
        seconds=12,
        holds=report_is_kept,
        ready=lambda: require("go"),
    ),
    "trace": Victim(
        words=lambda folder: ("trace", "hashicorp-raft", "--seconds", "20"),
        seconds=8,
        holds=page_is_whole,
        ready=lambda: require_bridge("hashicorp-raft"),
    ),
    "build": Victim(
        words=lambda folder: ("bridge", "etcd-raft", "--mutant", "double-vote"),
        seconds=5,
        holds=nothing,
        ready=lambda: require_bridge("etcd-raft"),
        variables=cold,
    ),
}
