"""A lab that fails where Raft has no part in it has one clear outcome, and leaves nothing behind.

Each failure is planted in a copy of the smallest lab: it hangs, spins, panics, ends its program,
prints without end, reaches for the network, for files or for other programs, or does not compile.
"""

import os
import subprocess
from pathlib import Path

import pytest

from tests.oracle.unmodified.idioms import FAILURES, Failure, files_in, hunt, title, with_failure
from tests.require import needs


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
    outside = tmp_path / "outside"
    here = tmp_path / "here"
    outside.mkdir()
    here.mkdir()
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
