"""Right labs in the shapes of many years are recognised, hunted and driven without configuration.

Each of tests/data/labs is a small Raft of our own that works, in a shape that public ones have.
What a hunt reports in them is a mistake of ours.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.oracle.unmodified.idioms import (
    LABS,
    MISTAKES,
    NAMES,
    PATIENT,
    VARIATIONS,
    Variation,
    files_in,
    hunt,
    raft_of,
    title,
    with_mistake,
    with_variation,
)
from tests.require import needs

pytestmark = needs("go")

CLEAN_STEPS: Final = 1_000_000 if PATIENT else 4000
FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "atomics_2023": {"role": "role", "log": "log", "commit index": "commitIndex"},
    "elections_2023": {"role": "state", "vote": "votedFor", "log": "not found"},
    "gopath_2017": {
        "role": "state",
        "vote": "votedFor",
        "log": "log",
        "commit index": "commitIndex",
        "next index": "nextIndex",
        "match index": "matchIndex",
    },
    "locked_calls_2021": {"vote": "votedFor", "log": "log", "commit index": "commitIndex"},
    "module_2021": {
        "log": "log.Entries",
        "last index of the snapshot": "log.Base",
        "last term of the snapshot": "log.BaseTerm",
    },
    "odd_names_2019": {
        "log": "items_",
        "commit index": "commit_id_ +1",
        "next index": "upcoming_ +1",
        "match index": "confirmed_ +1",
    },
    "prevote_2024": {
        "vote": "vote.For",
        "log": "entries",
        "last term of the snapshot": "covered.Term",
    },
    "progress_2022": {"role": "status", "vote": "votedFor", "log": "logs"},
    "relative_2020": {"vote": "votedFor", "log": "records", "match index": "matchIdx"},
    "stages_2018": {"vote": "voteFor", "log": "log", "commit index": "commitIndex"},
    "tester_2025": {
        "vote": "Durable.VotedFor",
        "log": "Durable.Log",
        "commit index": "now.committed",
        "next index": "lead.next",
    },
}
"""What has to be found in each lab, under the names that --explain gives it."""
PARTS: Final[Mapping[str, str]] = {
    "atomics_2023": "D",
    "elections_2023": "A",
    "gopath_2017": "C",
    "locked_calls_2021": "C",
    "module_2021": "D",
    "odd_names_2019": "C",
    "prevote_2024": "D",
    "progress_2022": "C",  # no snapshots: its CondInstallSnapshot has a fourth argument
    "relative_2020": "C",
    "stages_2018": "B",
    "tester_2025": "D",
}
"""How far each lab has come."""
REACHED: Final[Mapping[str, str]] = {"A": "leader elected", "B": "entry committed"}


@pytest.mark.parametrize("lab", NAMES)
def test_fields_are_learned(lab: str, tmp_path: Path) -> None:
    """Whatever they are called and wherever they lie; a directory alone says all that is needed."""
    explained = hunt(tmp_path, raft_of(LABS / lab), "--explain")
    assert explained.code == 0, explained.text
    for what, name in FIELDS[lab].items():
        assert explained.says(what).startswith(name), explained.text
    assert f"A to {PARTS[lab]}" in explained.text


@pytest.mark.parametrize("lab", NAMES)
def test_right_labs_are_clean(lab: str, tmp_path: Path) -> None:
    """Nothing is found in them, and nothing is written but what the hunt found."""
    before = files_in(LABS / lab)
    found = hunt(tmp_path, raft_of(LABS / lab), "--steps", str(CLEAN_STEPS), "--out", "found")
    assert found.code == 0, found.text
    assert found.lengths == {}, found.text
    assert REACHED.get(PARTS[lab], "entry committed") in found.text
    assert ("The scripted run went no further: " in found.text) is (PARTS[lab] == "A")
    assert files_in(LABS / lab) == before
    assert not [path for path in tmp_path.iterdir() if path.name != "found"]


@pytest.mark.parametrize(("lab", "variation"), VARIATIONS, ids=title)
def test_right_variations_are_clean(lab: str, variation: Variation, tmp_path: Path) -> None:
    """What breaks a rule of thumb but none of Raft's is no finding, not even an untidy one."""
    assert variation.summary.endswith(".")
    varied = with_variation(lab, variation, tmp_path / "lab")
    if variation.finds:
        explained = hunt(tmp_path, varied, "--explain")
        for what, name in variation.finds.items():
            assert explained.says(what).startswith(name), explained.text
    found = hunt(tmp_path, varied, "--steps", str(CLEAN_STEPS // 2))
    assert found.code == 0, found.text
    assert found.lengths == {}, found.text
    assert REACHED.get(PARTS[lab], "entry committed") in found.text


def test_a_vote_is_found_in_a_lab_that_forgets_it(tmp_path: Path) -> None:
    """A mistake, which hunts can tell only if they look at the vote."""
    mistake = next(
        each for _, each in MISTAKES if each.name == "vote_forgotten_on_hearing_the_leader"
    )
    forgetful = with_mistake("gopath_2017", mistake, tmp_path / "lab")
    assert hunt(tmp_path, forgetful, "--explain").says("vote") == "votedFor"


def test_a_log_is_found_in_a_lab_that_loses_of_it_with_a_snapshot(tmp_path: Path) -> None:
    """Another mistake for hunts; they ask for snapshots all the same, and say what was seen."""
    mistake = next(each for _, each in MISTAKES if each.name == "last_entry_lost_with_a_snapshot")
    losing = with_mistake("module_2021", mistake, tmp_path / "lab")
    explained = hunt(tmp_path, losing, "--explain")
    assert explained.says("log") == "log.Entries"
    assert "A to D" in explained.text
    assert "leaves fewer entries in the log than come after the index" in explained.text


@pytest.mark.parametrize(
    ("lab", "what", "field", "not_checked"),
    [
        ("gopath_2017", "vote", "me", "VoteOnce (not observed: voted_for)"),
        ("progress_2022", "commit", "lastIncludedIndex", "CommitMonotonic (not observed: commit"),
    ],
)
def test_wrong_guesses_are_dropped(
    lab: str, what: str, field: str, not_checked: str, tmp_path: Path
) -> None:
    """What a lab shows by itself contradicts them: that is told, and costs no more than a check."""
    guess = ("--set", f"fields={what}={field}")
    found = hunt(tmp_path, raft_of(LABS / lab), *guess, "--steps", str(CLEAN_STEPS // 4))
    assert found.code == 0, found.text
    assert f"guess: {what}={field}: it says" in found.text
    assert f"Not checked: {not_checked}" in found.text
    assert set(found.lengths) == {"SubjectFailed"}, found.text
