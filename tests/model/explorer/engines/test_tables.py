"""Tables: pairs are found again, and numbers depend on the order of work alone."""

from random import Random
from typing import Final

import numpy as np
import pytest

from model.explorer.engines.tables import (
    CHANGE_IMPOSSIBLE,
    CHANGE_OUTSIDE,
    FIRST_BROKEN,
    MULTIPLIER,
    NO_RESULT,
    Column,
    PairTable,
    Tables,
    key_of,
    slot_of,
)
from model.explorer.systems.raft_tla import RaftTla
from model.explorer.systems.system import IMPOSSIBLE, OUTSIDE, Broken, System
from tests.model.explorer.cases import filled_tables, raft_order

SYSTEMS: Final[dict[str, System]] = {
    "Raft": raft_order(3, client_requests=1, drops=1).make(),
    "a mutant": raft_order(2, mutant="whole-log-acknowledged", client_requests=1).make(),
    "the specification": RaftTla(servers=2),
}
every_system = pytest.mark.parametrize("system", SYSTEMS.values(), ids=list(SYSTEMS))


def looked_up(table: PairTable, keys: list[int]) -> list[int]:
    """The results of keys."""
    return [int(each) for each in table.look_up(np.array(keys, dtype=np.int64))]


def test_pairs_are_found_again_after_the_table_grew() -> None:
    """Twenty thousand of them, many times the first room; what is not there is not known."""
    draws, table = Random(2), PairTable()
    pairs = [(value, label) for value in range(200) for label in range(100)]
    draws.shuffle(pairs)
    expected = {key_of(*pair): draws.randrange(-5, 1000) for pair in pairs}
    for key, result in expected.items():
        table.insert(key, result)
    assert looked_up(table, list(expected)) == list(expected.values())
    assert looked_up(table, [key_of(200, 1), key_of(1, 100)]) == [NO_RESULT, NO_RESULT]


def test_pairs_that_want_one_slot_are_kept_apart() -> None:
    """Keys of the last slot run on to the first ones, and a miss among them ends."""
    table, last = PairTable(), 2**64 - 1
    inverse = pow(MULTIPLIER, -1, 2**64)
    wanting = [((last - number) * inverse) & last for number in range(100)]
    keys = [key for key in wanting if key < 2**63][:8]
    assert {slot_of(key, table.bits) for key in keys} == {len(table.slots) - 1}
    for number, key in enumerate(keys[:7]):
        table.insert(key, number)
    assert looked_up(table, keys) == [*range(7), NO_RESULT]


def test_values_and_labels_do_not_run_into_each_other() -> None:
    """Each pair has a key of its own, and none is that of an empty slot."""
    keys = {key_of(value, label) for value in range(50) for label in range(50)}
    assert len(keys) == 2500
    assert 0 not in keys


def test_column_keeps_its_items() -> None:
    """A thousand rows, of one number or of two."""
    single, double = Column(np.int32), Column(np.uint64, 2)
    for number in range(1000):
        single.append(number)
        double.append([number, 2**64 - 1 - number])
    assert single.array.tolist() == list(range(1000))
    assert double.array.tolist() == [[each, 2**64 - 1 - each] for each in range(1000)]


@every_system
def test_same_order_of_work_gives_the_same_numbers(system: System) -> None:
    """What a checkpoint rests on: filled again in the same order, all is as it was."""
    first, again = filled_tables(system), Tables(system, True)
    again.fill(first.filled.array.tolist())
    assert again.values == first.values
    for name in ("hashes", "offer_event", "change_label", "outcome_value", "outcome_flag"):
        assert getattr(again, name).array.tolist() == getattr(first, name).array.tolist()
    assert again.pairs.slots.tolist() == first.pairs.slots.tolist()


@every_system
def test_no_value_has_two_numbers_and_no_two_a_hash(system: System) -> None:
    """Content of one place has one number; no renaming of another has its hash."""
    tables = filled_tables(system)
    places = tables.place_of.array.tolist()
    known = [
        (place, system.encode(place, value, system.renamings[0]))
        for place, value in zip(places, tables.values, strict=True)
    ]
    assert len(set(known)) == len(known)
    assert len(set(tables.hashes.array[:, 0].tolist())) == len(known)


@every_system
def test_tables_say_what_the_system_says(system: System) -> None:
    """Every pair that was worked out, held against the system's own answer."""
    tables = filled_tables(system)
    for key in tables.filled.array.tolist():
        result = looked_up(tables.pairs, [key])[0]
        value, (is_event, label) = (key >> 32) - 1, tables._labels[key & 0xFFFFFFFF]
        place, content = int(tables.place_of.array[value]), tables.values[value]
        if is_event:
            first, last = tables.reaction_first.array[result], tables.reaction_last.array[result]
            numbers = tables.outcome_value.array[first:last].tolist()
            expected = [each.value for each in system.react(place, content, label)]
            assert [same(system, place, tables.values[each]) for each in numbers] == [
                same(system, place, each) for each in expected
            ]
        else:
            assert result_of(system, tables, place, result) == comparable_change(
                system, place, system.change(place, content, label)
            )


def same(system: System, place: int, value: object) -> bytes:
    """The bytes that decide whether two values of a place are the same."""
    return system.encode(place, value, system.renamings[0])


def result_of(system: System, tables: Tables, place: int, result: int) -> object:
    """What the number of a change stands for."""
    if result in (CHANGE_IMPOSSIBLE, CHANGE_OUTSIDE):
        return (IMPOSSIBLE, OUTSIDE)[CHANGE_IMPOSSIBLE - result]
    if result <= FIRST_BROKEN:
        return tables.broken[FIRST_BROKEN - result].property
    return same(system, place, tables.values[result])


def comparable_change(system: System, place: int, changed: object) -> object:
    """The result of a change, in a form that can be compared with `result_of`."""
    if changed is IMPOSSIBLE or changed is OUTSIDE:
        return changed
    return changed.property if isinstance(changed, Broken) else same(system, place, changed)
