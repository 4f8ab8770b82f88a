"""Mistakes that students make are found in labs of many shapes, and shrunk to what shows them.

With RAFT_ORACLE_PROFILE=nightly every mistake is hunted; without it, one that is soon found and
shrunk in each of a few labs.
"""

import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.oracle.unmodified.idioms import (
    LABS,
    MISTAKES,
    PATIENT,
    Mistake,
    hunt,
    title,
    with_mistake,
)
from tests.require import needs

MOST_STEPS: Final = 200_000
"""Every mistake is found within so many, whatever the machine."""
QUICK: Final = (
    "candidate_saves_nothing",
    "vote_for_the_first_server_not_restored",
    "second_vote",
    "start_of_the_log_not_restored",
    "starts_again_as_if_all_were_applied",
)
"""What is hunted in every run of the tests."""
HUNTED: Final = [(lab, mistake) for lab, mistake in MISTAKES if PATIENT or mistake.name in QUICK]


@pytest.mark.parametrize(("lab", "mistake"), MISTAKES, ids=title)
def test_mistakes_are_described(lab: str, mistake: Mistake) -> None:
    """Each names one place in its lab, and says in a whole sentence what it is."""
    text = (LABS / lab / mistake.file).read_text(encoding="utf-8")
    assert text.count(mistake.old) == 1
    assert mistake.new != mistake.old
    assert mistake.summary.endswith(".")
    assert mistake.length > 0


def test_mistakes_have_names_of_their_own() -> None:
    """No two of all labs are called alike, and what is quick is among them."""
    names = [mistake.name for _, mistake in MISTAKES]
    assert sorted(set(names)) == sorted(names)
    assert set(QUICK) <= set(names)


@needs("go")
@pytest.mark.parametrize(("lab", "mistake"), MISTAKES, ids=title)
def test_mistakes_are_formatted(lab: str, mistake: Mistake, tmp_path: Path) -> None:
    """A lab with a mistake in it is still Go, as gofmt writes it."""
    planted = with_mistake(lab, mistake, tmp_path / "lab")
    done = subprocess.run(("gofmt", "-l", str(planted)), capture_output=True, text=True, check=True)
    assert done.stdout == ""


@needs("go")
@pytest.mark.parametrize(("lab", "mistake"), HUNTED, ids=title)
def test_mistakes_are_found(lab: str, mistake: Mistake, tmp_path: Path) -> None:
    """A hunt in the part of the lab finds what is listed, in no more steps than are listed."""
    planted = with_mistake(lab, mistake, tmp_path / "lab")
    settings = {"part": mistake.part, **mistake.settings}
    words = [word for name, text in settings.items() for word in ("--set", f"{name}={text}")]
    limits = ("--servers", str(mistake.servers), "--steps", str(MOST_STEPS))
    found = hunt(tmp_path, planted, *limits, *words)
    assert mistake.breaks in found.lengths, found.text
    assert found.lengths[mistake.breaks] <= mistake.length


@needs("go")
@pytest.mark.once
@pytest.mark.parametrize("lab", sorted({lab for lab, _ in MISTAKES}))
def test_mistakes_compile(lab: str, tmp_path: Path) -> None:
    """Every lab compiles with each of its mistakes: one that does not is found by nobody."""
    for each, mistake in MISTAKES:
        if each == lab:
            planted = with_mistake(lab, mistake, tmp_path / mistake.name)
            explained = hunt(tmp_path, planted, "--explain")
            assert explained.code == 0, explained.text
            assert "Recognised:" in explained.text
