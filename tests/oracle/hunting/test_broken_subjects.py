"""Subjects that raise, hang, die or answer nonsense are findings, and never our tracebacks."""

from pathlib import Path

import pytest

from model.schedule import load_schedule
from oracle.subjects.naming import read_subject
from tests.oracle.command import BROKEN, flat, raft_oracle

HANGS = frozenset({"sleeps", "spins", "spins-in-c"})
IMPATIENT = {"RAFT_ORACLE_PATIENCE": "1.5"}
PATIENT = {"RAFT_ORACLE_PATIENCE": "60"}
"""Where nothing hangs, a busy machine must not look as if something did."""

FAILURES = [
    ("raises", "receive", "receive() raised RuntimeError: broken at <object object at 0x...>"),
    ("raises", "crash", "crash() raised RuntimeError"),
    ("raises", "restart", "restart() raised RuntimeError"),
    ("raises", "reset", "reset() raised RuntimeError"),
    ("raises", "close", "close() raised RuntimeError"),
    ("sys-exit", "receive", "receive() raised SystemExit: 7"),
    ("recurses", "receive", "receive() raised RecursionError"),
    ("exhausts", "receive", "receive() raised MemoryError"),
    ("none", "receive", "receive() returned None, expected a tuple of packets"),
    ("none", "view", "view() returned what cannot be read"),
    ("view-of-text", "view", "view() returned role 'leader', expected a Role"),
    ("packet-from-9", "receive", "receive() sent a packet with source s9"),
    ("packet-to-int", "receive", "receive() sent a packet with destination 1"),
    ("unhashable", "receive", "whose label [] cannot be hashed"),
    ("not-a-packet", "receive", "receive() sent 'packet', expected a Packet"),
    ("os-exit", "receive", "receive() ended its process with exit code 3"),
    ("exits-with-0", "view", "view() ended its process with exit code 0"),
    ("os-exit", "crash", "crash() ended its process with exit code 3"),
    ("os-exit", "close", "close() ended its process with exit code 3"),
    ("crashes", "restart", "restart() ended its process: killed by SIGSEGV"),
    ("sleeps", "receive", "receive() did not return"),
    ("sleeps", "reset", "reset() did not return"),
    ("spins", "receive", "receive() did not return"),
    ("spins-in-c", "receive", "receive() did not return"),
]


@pytest.mark.parametrize(("how", "where", "detail"), FAILURES, ids=lambda text: str(text)[:20])
def test_failure_of_a_subject_is_found_shrunk_and_replayed(
    how: str, where: str, detail: str, tmp_path: Path
) -> None:
    """The call that failed is named; the schedule is short, and a replay shows the same."""
    chosen = ("--set", f"how={how}", "--set", f"where={where}")
    limits = ("--budget", "60s", "--workers", "1", "--out", "found")
    variables = IMPATIENT if how in HANGS else PATIENT
    done = raft_oracle(tmp_path, "hunt", BROKEN, *chosen, *limits, variables=variables)
    assert done.code == 1, done
    assert "Traceback" not in done.err  # progress may be, where it takes long
    assert detail in flat(done.out)
    saved = load_schedule((tmp_path / "found/schedule.json").read_bytes(), read_subject)
    assert saved.property == "SubjectFailed"
    assert len(saved.actions) <= 4
    again = raft_oracle(tmp_path, "replay", "found/schedule.json", variables=variables)
    assert (again.code, again.err) == (1, ""), again
    assert detail in flat(again.out)


def test_subject_that_prints_a_lot_leaves_the_output_as_it_is(tmp_path: Path) -> None:
    """What a subject prints during a hunt is dropped."""
    done = raft_oracle(tmp_path, "hunt", BROKEN, "--set", "how=chatters", "--budget", "1s")
    assert "chatter chatter" not in done.out + done.err
    assert done.out.startswith("No violation found")


def test_views_that_change_later_are_copied(tmp_path: Path) -> None:
    """A subject that shows one object again and again is judged as any other."""
    chosen = ("--set", "how=mutable-view", "--set", "where=view")
    done = raft_oracle(tmp_path, "hunt", BROKEN, *chosen, "--steps", "30000", "--workers", "1")
    assert done.code == 0, done
    assert "entry committed" in done.out


def test_subject_that_fails_by_chance_is_refused_in_one_line(tmp_path: Path) -> None:
    """The line says what differed and where the schedule is; the exit code is 2."""
    done = raft_oracle(tmp_path, "hunt", BROKEN, "--set", "how=sometimes", "--budget", "20s")
    assert done.code == 2
    assert done.err.count("\n") == 2  # the first one is what was found
    assert "not deterministic" in done.err.splitlines()[1]
    assert "gave first SubjectFailed (" in done.err
    assert "), then " in done.err
    assert (tmp_path / ".raft-oracle/latest/schedule.json").is_file()
    assert done.out == ""


@pytest.mark.parametrize(
    ("how", "code", "budget"),
    [("raises", 0, ("--steps", "3000")), ("os-exit", 2, ("--budget", "1s"))],
)
def test_failures_can_be_ignored(
    how: str, code: int, budget: tuple[str, str], tmp_path: Path
) -> None:
    """With --ignore SubjectFailed the hunt goes on; where nothing was reached it says so."""
    words = ("hunt", BROKEN, "--set", f"how={how}", "--ignore", "SubjectFailed", "--workers", "1")
    done = raft_oracle(tmp_path, *words, *budget)
    assert done.code == code, done
    assert "No violation found" in done.out
