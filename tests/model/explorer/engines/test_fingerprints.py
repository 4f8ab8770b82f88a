"""The set of fingerprints holds what was added, says what was new, and keeps it when it grows."""

from random import Random
from typing import Final, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from model.explorer.engines.fingerprints import FULL, FingerprintSet
from model.explorer.engines.kernel import CompiledSet, load_library
from model.explorer.engines.numpy_engine import fingerprints_of
from model.explorer.engines.tables import MULTIPLIER, Tables
from model.explorer.systems.raft import RaftSystem
from model.explorer.systems.system import Renaming, State
from tests.model.explorer.cases import COMPILED_OR_NOT, reachable, system
from tests.model.explorer.renaming import orbit, place_renamed, renamed

MASK: Final = 2**64 - 1
INVERSE: Final = pow(MULTIPLIER, -1, 2**64)
either_set = pytest.mark.parametrize("kind", COMPILED_OR_NOT)


def empty_set(kind: str) -> FingerprintSet:
    """An empty set with few slots."""
    library = load_library() if kind == "kernel" else None
    return FingerprintSet(4) if library is None else CompiledSet(library, 4)


def batch(items: list[int]) -> NDArray[np.uint64]:
    """Fingerprints as an array."""
    return np.array(items, dtype=np.uint64)


@either_set
def test_set_says_what_is_new(kind: str) -> None:
    """As Python's own set does, over many batches in which most come again."""
    draws, held, known = Random(1), empty_set(kind), set[int]()
    pool = [draws.getrandbits(64) | 1 for _ in range(3_000)]
    for _ in range(40):
        items = draws.sample(pool, 200)
        expected = [item not in known for item in items]
        assert held.add(batch(items)).tolist() == expected
        known.update(items)
        assert held.length == len(known)
    assert set(held.slots.tolist()) - {0} == known
    assert held.length <= FULL * len(held.slots)


@either_set
def test_neighbours_do_not_push_each_other_out(kind: str) -> None:
    """Fingerprints that all want the last slot go on from the first one."""
    items = [((MASK - number) * INVERSE) & MASK for number in range(9)]
    held = empty_set(kind)
    assert held.add(batch(items)).all()
    assert not held.add(batch(items)).any()
    assert set(held.slots.tolist()) - {0} == set(items)


def test_no_fingerprint_is_the_mark_of_an_empty_slot() -> None:
    """A sum of 0 is a fingerprint of 1."""

    class Zeros:
        """Tables with one value, the hashes of which are 0 under both renamings."""

        class hashes:  # noqa: N801  # as the column is called
            """Its column."""

            array = np.zeros((1, 2), dtype=np.uint64)

        width = 1

    found = fingerprints_of(cast(Tables, Zeros()), np.zeros((3, 1), dtype=np.int32))
    assert found.tolist() == [1, 1, 1]


def test_renamed_states_have_one_fingerprint_and_others_have_others() -> None:
    """A row for each renaming of a state: all have its fingerprint, and no other orbit does."""
    made = system(3, client_requests=1, drops=1)
    tables = Tables(made, symmetry=True)
    by_fingerprint = {}
    for state in list(reachable(made))[:200]:
        rows = np.array([row_of(made, tables, state, each) for each in made.renamings])
        found = set(fingerprints_of(tables, rows).tolist())
        assert len(found) == 1
        by_fingerprint[found.pop()] = orbit(made, state)
    assert len(set(by_fingerprint.values())) == len(by_fingerprint) > 30


def row_of(made: RaftSystem, tables: Tables, state: State, renaming: Renaming) -> list[int]:
    """A renamed state in numbers."""
    row = [0] * len(state)
    for place, value in enumerate(state):
        there = place_renamed(made, place, renaming)
        row[there] = tables._number_of_value(there, renamed(value, renaming))
    return row
