"""The catalogue of mutants: each is one known mistake, and the walker catches every one."""

import pytest
from attrs import evolve

from model.drivers.walker import walk
from model.mutants import MUTANT_BY_NAME, MUTANTS, Mutant
from model.reference.cluster import ReferenceFactory
from model.world.fair_schedule import PROGRESS_NAMES
from properties.checker import BY_NAME
from properties.rules.conforms import RULE_NAMES
from tests.model.fakes import drawn_setup_of, setup_of
from tests.sources import ROOT

SEED = 5
SEEDS = {
    "rewrites-suffix": 0,
    "snapshot-drops-suffix": 3,
    "snapshot-keeps-conflict": 0,
    "snapshot-complete-by-flag": 1,
    "joint-elects-by-union": 3,
    "restarted-voter-breaks-lease": 0,
    "lease-without-drift": 2,
    "copy-answered-with-latest": 1,
    "discards-before-snapshot": 0,
    "learner-stands": 4,
    "older-timeout-now-obeyed": 0,
    "up-to-date-wants-both": 7,
    "last-term-zero-in-request": 3,
    "commits-older-term-with-no-op": 2,
    "match-index-survives": 0,
    "read-confirmed-by-one-less": 0,
}
"""Seeds from which a mutant is caught within 1,500 runs, where SEED takes longer: to keep the test
short. `raft-oracle mutants --score` hunts them all from any seed."""
RUNS = 5_000
"""More than three times what the hardest mutant needs from its seed."""

in_every_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: str(each.name))


def first_caught(mutant: Mutant, runs: int = RUNS) -> str | None:
    """The property that the walker's first failing run breaks, or None where none fails."""
    cluster = drawn_setup_of(mutant.name).cluster()
    for number in range(runs):
        violation, _ = walk(cluster, SEEDS.get(mutant.name, SEED), number, mutant.turns)
        if violation is not None:
            return violation.property
    return None


def test_catalogue_is_numbered_without_gaps() -> None:
    """There are 34 that were asked for and more, in order, and no two have the same name."""
    assert [mutant.number for mutant in MUTANTS] == list(range(1, len(MUTANTS) + 1))
    assert len(MUTANTS) >= 34 + 10
    assert len(MUTANT_BY_NAME) == len(MUTANTS)


def test_page_has_two_rows_for_each_mutant() -> None:
    """One says what finds it with nothing set but its feature, and one by which shapes of runs."""
    rows = (ROOT / "docs" / "mutants.md").read_text().splitlines()
    found = [row.split(" | ") for row in rows if row.startswith("| ")]
    names = [cells[0].removeprefix("| ") for cells in found if cells[0] != "| Mutant"]
    assert names == [mutant.name for mutant in MUTANTS] * 2
    turned_on = {cells[0].removeprefix("| "): cells[1] for cells in reversed(found)}
    assert all(turned_on[each.name] == (", ".join(each.feature()) or "-") for each in MUTANTS)


@in_every_mutant
def test_mutant_says_what_it_breaks(mutant: Mutant) -> None:
    """The listed property or rule exists, and the broken rule is described."""
    assert mutant.listed_property in {*BY_NAME, *PROGRESS_NAMES, *RULE_NAMES}
    assert mutant.rule
    assert MUTANT_BY_NAME[mutant.name] is mutant


def test_feature_of_a_mutant_is_what_it_cannot_do_without() -> None:
    """Sizes and no-ops are drawn, but for the mistake that is about no-ops alone."""
    features = {mutant.name: mutant.feature() for mutant in MUTANTS}
    assert features["commits-past-last-new-entry"] == {}
    assert features["learners-counted"] == {"single_server_changes": "on"}
    assert features["commits-older-term-with-no-op"] == {"no_op": "on"}
    assert "no_op" not in features["lease-without-drift"]
    assert {value for each in features.values() for value in each.values()} == {"on"}


@in_every_mutant
def test_walker_catches_mutant(mutant: Mutant) -> None:
    """Some property fails within a bounded number of random runs."""
    assert first_caught(mutant) is not None


@in_every_mutant
def test_same_runs_break_nothing_in_the_reference(mutant: Mutant) -> None:
    """It is the mistake that is caught: the reference survives runs on the mutant's terms."""
    cluster = evolve(setup_of(mutant), factory=ReferenceFactory(), mutant=None).cluster()
    for number in range(20):
        assert walk(cluster, 1, number, mutant.turns)[0] is None
