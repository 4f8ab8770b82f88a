"""The labs in examples/labs are right as they are, and every mistake listed beside them is one.

`make labs` hunts each lab for a million steps, and every mistake; without it, hunts are short, and
one mistake of each lab is hunted.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.oracle.command import raft_oracle
from tests.oracle.unmodified.idioms import HUNT_SECONDS
from tests.oracle.unmodified.labs import ALL, LABS, NAMES, Mistake, copy_of, plant, title
from tests.require import needs

PATIENT: Final = os.environ.get("RAFT_ORACLE_PROFILE") == "nightly"
CLEAN_STEPS: Final = 1_000_000 if PATIENT else 3000
MOST_STEPS: Final = 120_000
"""Every mistake is found within so many, whatever the machine."""
QUICK: Final = (
    "leads_by_its_vote_alone",
    "keeps_votes_from_an_earlier_candidacy",
    "counts_votes_of_any_term",
    "match_index_from_the_log_at_reply_time",
)
"""What is hunted in every run of the tests: of each lab, one that is soon found and shrunk."""
HUNTED: Final = [each for each in ALL if PATIENT or each[1].name in QUICK]


def run_go(folder: Path, *words: str) -> None:
    """Run `go` in a folder; the test fails with what it prints if it does not succeed."""
    done = subprocess.run(("go", *words), cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_labs() -> None:
    """At least one for each of the four notes, with several mistakes each."""
    assert len(NAMES) >= 4
    assert min(sum(lab == name for lab, _ in ALL) for name in NAMES) >= 3


@pytest.mark.parametrize(("lab", "mistake"), ALL, ids=title)
def test_mistakes_are_described(lab: str, mistake: Mistake) -> None:
    """Each names one place in its lab, says in whole sentences what it is, and how it is found."""
    text = (LABS / lab / mistake.file).read_text(encoding="utf-8")
    assert text.count(mistake.old) == 1
    assert mistake.new != mistake.old
    assert mistake.summary.endswith(".")
    assert mistake.note.endswith((".", "?"))
    assert mistake.length > 0


def test_mistakes_have_names_of_their_own() -> None:
    """No two of all labs are called alike, so that a name says which."""
    names = [mistake.name for _, mistake in ALL]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.once
@needs("go")
def test_mistakes_compile(tmp_path: Path) -> None:
    """With any of them in it, a lab is still a program without complaints."""
    module = copy_of(tmp_path / "module")
    for lab, mistake in ALL:
        planted = module / f"{lab}_{mistake.name}"
        shutil.copytree(LABS / lab, planted)
        plant(mistake, planted)
    run_go(module, "vet", "./...")


@pytest.mark.once
@needs("go")
def test_labs_pass_their_own_tests() -> None:
    """In real time, on the network of the labs themselves."""
    run_go(LABS, "test", "./...")


def hunt(cwd: Path, lab: Path, *words: str) -> tuple[int, str]:
    """The exit code of a hunt in a lab, and all that it printed."""
    words = ("hunt", str(lab), "--out", "found", *words)
    done = raft_oracle(cwd, *words, seconds=HUNT_SECONDS)
    return done.code, done.out + done.err


def lengths_of(output: str) -> Mapping[str, int]:
    """How many steps each finding takes that a report tells of."""
    unsafe = re.findall(r"^(\w+) violated at step (\d+)", output, flags=re.MULTILINE)
    untidy = re.findall(r"^(\w+) in (\d+) steps, untidy", output, flags=re.MULTILINE)
    return {name: int(steps) for name, steps in (*unsafe, *untidy)}


@needs("go")
@pytest.mark.parametrize("lab", NAMES)
def test_labs_are_clean(lab: str, tmp_path: Path) -> None:
    """A hunt elects and commits, has commit, next and match indexes to check, and finds nothing."""
    code, printed = hunt(tmp_path, LABS / lab, "--steps", str(CLEAN_STEPS))
    assert code == 0, printed
    assert lengths_of(printed) == {}
    assert "leader elected, entry committed" in printed
    checked = printed.partition("Checked:")[2].partition("Not checked:")[0]
    for name in ("LeaderCompleteness", "VoteOnce", "NextAboveMatch", "Progress", "Conforms"):
        assert name in checked


@needs("go")
@pytest.mark.parametrize(("lab", "mistake"), HUNTED, ids=title)
def test_mistakes_are_found(lab: str, mistake: Mistake, tmp_path: Path) -> None:
    """A hunt in the part of the lab finds what is listed, in no more steps than are listed."""
    planted = copy_of(tmp_path / "module") / lab
    plant(mistake, planted)
    words = ("--set", f"part={mistake.part}", "--servers", str(mistake.servers))
    _, printed = hunt(tmp_path, planted, "--steps", str(MOST_STEPS), *words)
    assert mistake.breaks in lengths_of(printed), printed
    assert lengths_of(printed)[mistake.breaks] <= mistake.length
