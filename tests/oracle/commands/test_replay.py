"""What `raft-oracle replay --bisect` tells git, and a checkout that is bisected with it."""

import json
import subprocess
from pathlib import Path
from unittest.mock import Mock

import pytest

from model.failures import NotReproducedError
from oracle.bridging.build import library_source
from oracle.bridging.description import find_bridge
from oracle.commands.replay import ForGit, told_git
from oracle.terminal.exit_codes import Exit
from tests.oracle.command import command_line, environment, raft_oracle
from tests.require import needs, needs_bridge

SAVED = {
    "format": "raft-oracle schedule",
    "version": 1,
    "subject": "reference",
    "subject_version": "",
    "servers": 3,
    "network": "any",
    "settings": {},
    "mutant": "vote-not-persisted",
    "ignore": [],
    "driver": "",
    "seed": 0,
    "property": "VoteOnce",
    "actions": [
        {"action": "ElectionTimeout", "server": "s1"},
        {"action": "Deliver", "source": "s1", "destination": "s3", "age": 0},
        {"action": "Restart", "server": "s3"},
    ],
}


@pytest.mark.parametrize(
    ("changes", "expected", "said"),
    [
        ({}, ForGit.BAD, "bad: VoteOnce: S3 voted for S1 in term 1; that vote is forgotten"),
        ({"mutant": None}, ForGit.GOOD, "good: the schedule does not break VoteOnce"),
        ({"mutant": "no-such"}, ForGit.SKIP, "skip: mutant: found 'no-such'"),
        ({"subject": "./gone.py", "mutant": None}, ForGit.END, "which was never named"),
        ({"property": None}, ForGit.END, "end: schedule"),
        ({"actions": 3}, ForGit.END, "end: schedule"),
    ],
)
def test_git_is_told_what_it_needs(
    changes: dict[str, object],
    expected: ForGit,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What cannot be run is skipped, and what cannot be read ends the bisection."""
    path = tmp_path / "schedule.json"
    path.write_text(json.dumps({**SAVED, **changes}))
    assert told_git(path, (), False) == expected
    out = capsys.readouterr().out
    assert said in out
    assert out.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotReproducedError("it differs"), "end: the subject is not deterministic: it differs"),
        (OSError(24, "Too many open files"), "end: Too many open files"),
        (AssertionError("ours"), "end: a mistake of raft-oracle itself"),
    ],
)
def test_git_is_told_of_no_commit_what_we_could_not_see(
    error: Exception,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It would take the exit code of other commands, 2, for a commit that is bad."""
    path = tmp_path / "schedule.json"
    path.write_text(json.dumps(SAVED))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("oracle.commands.replay.replayed", Mock(side_effect=error))
    assert told_git(path, (), False) == ForGit.END
    assert said in capsys.readouterr().out


def git(folder: Path, *words: str) -> str:
    """Run git there."""
    who = ("-c", "user.name=author", "-c", "user.email=author@example.org")
    done = subprocess.run(
        ("git", *who, *words),
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@needs("git")
@needs_bridge("etcd-raft")
def test_a_commit_is_named_that_broke_a_library(tmp_path: Path) -> None:
    """An author hunts a checkout; one commit of it does not build, and another one is wrong."""
    bridge = find_bridge("etcd-raft")
    assert bridge.library is not None
    home = tmp_path / "raft"
    subprocess.run(
        ("cp", "-r", str(library_source(bridge, bridge.library, bridge.folder, None)), str(home)),
        check=True,
    )
    subprocess.run(("chmod", "-R", "u+w", str(home)), check=True)
    git(tmp_path, "init", "-q", str(home))
    raft, util = home / "raft.go", home / "util.go"
    right = raft.read_text()
    wrong = right.replace("(r.Vote == None && r.lead == None)", "r.lead == None")
    assert wrong != right
    helper = util.read_text()
    for text, more in ((right, ""), (right, "broken"), (right, "// "), (wrong, ""), (wrong, "// ")):
        raft.write_text(text)
        util.write_text(f"{helper}{more}\n")
        git(home, "add", ".")
        git(home, "commit", "-q", "--allow-empty", "-m", f"more {more!r}, {text == right}")
    found = raft_oracle(home, "hunt", "etcd-raft", "--set", "source=.", "--only", "VoteOnce")
    assert found.code == Exit.VIOLATION, found.err
    saved = json.loads((home / ".raft-oracle/latest/schedule.json").read_text())
    assert saved["settings"] == {"source": "../.."}
    git(home, "bisect", "start", "HEAD", "HEAD~4")
    replay = command_line("replay", "--bisect", ".raft-oracle/latest/schedule.json")
    said = git(home, "bisect", "run", *replay)
    assert "first bad commit" in said
    assert "more '', False" in said
