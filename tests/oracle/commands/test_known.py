"""A library author's repository in another clone: what is known replays, and the workflow runs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from oracle.commands.init import write_scaffold
from tests.oracle.command import ROOT, Done, environment, is_refused, raft_oracle
from tests.require import needs

PROGRAM = """#!/bin/sh
PYTHONSAFEPATH= exec python3 "$(dirname "$0")/adapter.py"
"""
TOOLS = """
raft-oracle() { "$PYTHON" -m oracle "${@/#--budget/--steps}"; }
pytest() { "$PYTHON" -m pytest -q -p no:cacheprovider -p no:randomly "$@"; }
seed=20261129 budget=2000
"""
"""Steps in place of seconds, in which a fast machine would find more than a slow one."""
IN_ITS_LANGUAGE = "cd adapter && PYTHONSAFEPATH= python3 -m unittest regression"
GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
RIGHT = "self.voted_for = source\n            self.persist()\n"
HUNT = ("hunt", "--steps", "2000", "--workers", "1")
ADAPTER = ("--", "adapter/adapter")


def workflow() -> dict[str, str]:
    """What judges something in the first workflow of docs/ci.md, by its first words."""
    text = (ROOT / "docs/ci.md").read_text("utf-8")
    found = re.findall(r"(?m)^ +(?:- run: )?((?:raft-oracle|pytest) .*)$", text)
    return {" ".join(each.split()[:2]): each for each in reversed(found)}


def run(cwd: Path, command: str) -> Done:
    """A command of the workflow, in a shell that has its tools."""
    done = subprocess.run(
        ["bash", "-c", f"{TOOLS}\n{command}"],
        cwd=cwd,
        env=environment(PYTHON=sys.executable),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def frames_of(out: str) -> list[str]:
    """The files whose frames pytest shows of a test that failed."""
    return re.findall(r"(?m)^(\S+\.py):\d+: ", out)


def git(cwd: Path, *words: str) -> None:
    """A command of git."""
    subprocess.run([*GIT, *words], cwd=cwd, check=True, capture_output=True)


def persists_vote(repository: Path, is_right: bool) -> None:
    """Make the adapter's mistake, or mend it."""
    toy = repository / "adapter" / "raft.py"
    wrong = RIGHT.replace("self.persist()", "pass")
    text = toy.read_text("utf-8")
    toy.write_text(text.replace(*((wrong, RIGHT) if is_right else (RIGHT, wrong))), "utf-8")


@pytest.fixture
def repository(made: Path, tmp_path: Path) -> Path:
    """A copy of the repository, in a folder of its own."""
    return shutil.copytree(made, tmp_path / "mine")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with an adapter that forgets its vote, where that was found and kept."""
    mine = tmp_path_factory.mktemp("author") / "mine"
    (mine / "regressions").mkdir(parents=True)
    write_scaffold("python", mine / "adapter")
    program = mine / "adapter" / "adapter"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    persists_vote(mine, is_right=False)
    git(mine, "init", "-q")
    done = raft_oracle(mine, *HUNT, "--out", "runs/one", *ADAPTER)
    assert done.code == 1, done
    (mine / "raft-oracle-known").mkdir()
    os.replace(mine / "runs/one/schedule.json", mine / "raft-oracle-known/vote.json")
    os.replace(mine / "runs/one/test_regression.py", mine / "regressions/test_vote.py")
    os.replace(mine / "runs/one/regression.py", mine / "adapter/regression.py")
    git(mine, "add", "adapter", "regressions", "raft-oracle-known")
    git(mine, "commit", "-q", "-m", "all of it")
    return mine


@needs("git")
def test_a_clone_elsewhere_knows_what_was_found(repository: Path, tmp_path: Path) -> None:
    """The workflow's commands fail or pass as they should, while the bug is there and after."""
    clone = tmp_path / "another place" / "clone"
    git(tmp_path, "clone", "-q", str(repository), str(clone))
    repository.rename(tmp_path / "gone")
    commands = workflow()
    assert str(tmp_path) not in (clone / "raft-oracle-known/vote.json").read_text("utf-8")
    assert run(clone, commands["raft-oracle check-adapter"]).code == 0
    kept = run(clone, commands["pytest regressions"])
    assert kept.code == 1, kept
    assert "VoteOnce violated at step 3" in kept.out
    assert frames_of(kept.out) == ["regressions/test_vote.py"]
    assert run(clone, IN_ITS_LANGUAGE).code == 1
    hunt = run(clone, commands["raft-oracle hunt"])
    assert hunt.code == 0, hunt
    assert hunt.out.startswith("Known:       raft-oracle-known/vote.json: still breaks VoteOnce at")
    assert "No further violation found" in hunt.out
    assert '<skipped message="still breaks VoteOnce' in (clone / "hunt.xml").read_text("utf-8")
    persists_vote(clone, is_right=True)
    assert run(clone, commands["pytest regressions"]).code == 0
    assert run(clone, IN_ITS_LANGUAGE).code == 0
    mended = run(clone, commands["raft-oracle hunt"])
    assert mended.code == 0
    assert mended.out.startswith(
        "Mended:      raft-oracle-known/vote.json: does not break VoteOnce"
    )
    (clone / "adapter" / "adapter").unlink()
    gone = run(clone, commands["pytest regressions"])
    assert frames_of(gone.out) == ["regressions/test_vote.py"]
    (said,) = re.findall(r"(?m)^E .*UsageError: .*$", gone.out)  # CI's summary says it again
    assert said.endswith("it is not found"), gone.out


@needs("git")
def test_what_is_known_is_of_one_subject_and_of_one_shape(repository: Path) -> None:
    """Another subject is not replayed; what breaks now in another way fails; --only ignores it."""
    other = raft_oracle(repository, "hunt", "reference", "--steps", "500")
    assert other.code == 0
    assert other.out.startswith("Elsewhere:   raft-oracle-known/vote.json: a finding in another")
    alone = raft_oracle(repository, *HUNT, "--only", "VoteOnce", *ADAPTER)
    assert alone.code == 1
    assert alone.out.startswith("VoteOnce violated")
    known = repository / "raft-oracle-known/vote.json"
    known.write_text(known.read_text("utf-8").replace('"VoteOnce"', '"LogMatching"'), "utf-8")
    changed = raft_oracle(repository, *HUNT, "--ignore", "VoteOnce", *ADAPTER)
    assert changed.code == 1
    assert changed.out.startswith("Changed:     raft-oracle-known/vote.json: breaks VoteOnce at")


@needs("git")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{}", "vote.json: format: found None"),
        (None, "found no *.json in "),
        ('"property": null', "vote.json: property: found null, expected what it breaks"),
        ('"settings": {"size": "1"}', "vote.json: "),
    ],
)
def test_known_findings_that_cannot_be_read_are_one_line(
    content: str | None, says: str, repository: Path
) -> None:
    """Which file, what was found, and what was expected."""
    known = repository / "raft-oracle-known/vote.json"
    text = known.read_text("utf-8")
    if content is None:
        known.unlink()
    elif content == "{}":
        known.write_text("{}")
    else:
        name = content.split(":")[0]
        known.write_text(re.sub(rf"{name}: [^,]*,", f"{content},", text, count=1), "utf-8")
    done = raft_oracle(repository, *HUNT, "--known", "raft-oracle-known", *ADAPTER)
    assert is_refused(done), done
    assert says in done.err
