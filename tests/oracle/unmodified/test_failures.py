"""A lab that fails where Raft has no part in it has one clear outcome, and leaves nothing behind.

Each failure is planted in a copy of the smallest lab: it hangs, spins, panics, ends its program,
prints without end, reaches for the network, for files or for other programs, or does not compile.
"""

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

from oracle.hunting.process_end_shrink import ENDLESS_VARIABLE
from tests.oracle.unmodified.idioms import FAILURES, Failure, files_in, hunt, title, with_failure
from tests.require import needs

AS_LONG_AS_BY_DEFAULT: Final = {"loops_from_the_start", "prints_a_gigabyte"}
"""Failures with which a loop may run for as long as it may by default: the one is told after
that, and the other, which is no loop, needs more than a second of a processor."""


@pytest.mark.parametrize("failure", FAILURES, ids=title)
def test_failures_are_described(failure: Failure) -> None:
    """In a whole sentence, and with what a hunt says; those that are called have what is called."""
    assert failure.summary.endswith(".")
    assert failure.says
    assert ("func fail(rf *Raft) {" in failure.source) or failure.at == "nowhere"


def processes_of(folder: Path) -> list[str]:
    """The command lines of all processes that run below a folder, or name it."""
    listed = subprocess.run(("ps", "-eo", "args"), capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if str(folder) in line]


@needs("go")
@pytest.mark.parametrize("failure", FAILURES, ids=title)
def test_failures_have_one_outcome(
    failure: Failure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exit code and a line that says what happened; no process and no file is left."""
    monkeypatch.setenv("GOPROXY", "off")
    if failure.name not in AS_LONG_AS_BY_DEFAULT:
        monkeypatch.setenv(ENDLESS_VARIABLE, "1000")
    monkeypatch.setenv("RAFT_ORACLE_SCRATCH", str(tmp_path / "scratch"))
    outside = tmp_path / "outside"
    here = tmp_path / "here"
    for folder in (outside, here, tmp_path / "scratch"):
        folder.mkdir()
    raft = with_failure(failure, tmp_path / "lab", outside)
    before = files_in(tmp_path / "lab")
    found = hunt(here, raft, "--steps", "300", "--workers", "1", "--out", "found")
    assert found.code == failure.code, found.text
    assert failure.says in " ".join(found.text.split()), found.text
    assert "Traceback" not in found.text
    assert files_in(tmp_path / "lab") == before
    assert files_in(outside) == {}
    assert set(os.listdir(here)) <= {"found"}
    assert processes_of(tmp_path) == []
