"""Essence: histories that are taken for one judge whatever follows alike."""

from collections import defaultdict
from typing import Any, Final

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from model.explorer.systems.deciding_part import DECIDING_PARTS, deciding_part_of
from model.explorer.systems.raft import RaftSystem, UpdateHistory
from model.explorer.systems.raft_order import RaftOrder
from model.explorer.systems.system import successors
from properties.checker import BY_NAME
from properties.facts import EntriesAppended, Fact
from properties.property import Breach, Property
from raft_core import SERVERS, Entry, Log, Server, s1, s2, s3
from tests.model.explorer.cases import explored_by, raft_order, reachable
from tests.properties.arbitrary import facts_of

WITNESSED: Final = ("LogMatching", "MachinesAgree", "MembershipAgrees")
"""Their histories know nothing of servers but who was seen first."""
GROWING: Final = {"single_server_changes": "on", "initial_voters": "2"}
EXPLORED: Final = {
    "two terms": raft_order(2, client_requests=2, max_term=2, restarts=1),
    "a server joins": raft_order(3, GROWING, client_requests=1, membership_changes=1),
}
explored = pytest.mark.parametrize("made", EXPLORED.values(), ids=list(EXPLORED))


def check_all(checked: Property, facts: list[Fact]) -> Any:
    """The history after facts, or the first breach."""
    history: Any = checked.initial(3)
    for fact in facts:
        history = checked.check(history, fact)
        if isinstance(history, Breach):
            return history
    return history


def of_another(fact: Any, witnesses: list[Server]) -> Any:
    """The same fact about another server."""
    return evolve(fact, server=witnesses[fact.server])


@pytest.mark.parametrize("name", WITNESSED)
@given(data=st.data())
def test_witnesses_decide_nothing(name: str, data: st.DataObject) -> None:
    """The same facts about other servers: the same verdict after each, and the same part."""
    checked = BY_NAME[name]
    facts = data.draw(st.lists(facts_of(*checked.facts), max_size=5))
    witnesses = data.draw(st.permutations(SERVERS[:3]))
    others = [of_another(fact, witnesses) for fact in facts]
    first, second = check_all(checked, facts), check_all(checked, others)
    assert isinstance(first, Breach) == isinstance(second, Breach)
    if not isinstance(first, Breach):
        assert deciding_part_of(name, first) == deciding_part_of(name, second)


def met(
    system: RaftSystem,
) -> tuple[dict[int, dict[Any, None]], dict[int, dict[UpdateHistory, None]]]:
    """By place, the histories of all states, compared in full, and all updates of them."""
    histories: dict[int, dict[Any, None]] = defaultdict(dict)
    updates: dict[int, dict[UpdateHistory, None]] = defaultdict(dict)
    for state in reachable(system):
        for place in system.layout.property_at:
            histories[place][state[place]] = None
        for successor in successors(system, state):
            for change in successor.outcome.changes if successor.outcome else ():
                if isinstance(change.label, UpdateHistory):
                    updates[change.place][change.label] = None
    return histories, updates


def judged(system: RaftSystem, place: int, history: Any, update: UpdateHistory) -> Any:
    """The verdict of a step, or the deciding part of the next history."""
    name, after = system.layout.property_at[place].name, system.change(place, history, update)
    return getattr(after, "property", None) or deciding_part_of(name, after)


@explored
def test_histories_of_one_essence_judge_every_step_alike(made: RaftOrder) -> None:
    """All histories of small explorations, with all updates that any step makes."""
    system = made.make()
    histories, updates = met(system)
    verdicts = []
    for place, known in histories.items():
        name = system.layout.property_at[place].name
        first_of: dict[Any, Any] = {}
        for history in known:
            first = first_of.setdefault(deciding_part_of(name, history), history)
            if first is not history:
                for update in updates[place]:
                    verdicts.append(judged(system, place, history, update))
                    assert verdicts[-1] == judged(system, place, first, update)
    assert {isinstance(each, str) for each in verdicts} == {True, False}


def appended(server: Server, command: str) -> EntriesAppended:
    """A server has this command as its first entry, of term 1."""
    entries = (Entry(1, command),)
    return EntriesAppended(server, 1, entries, 0, Log.of(entries))


def test_deciding_part_keeps_the_entries() -> None:
    """Two entries under one index and term break Log Matching, whichever server had the first."""
    checked = BY_NAME["LogMatching"]
    for witness in (s1, s2):
        history = check_all(checked, [appended(witness, "x")])
        assert isinstance(checked.check(history, appended(s3, "y")), Breach)
    one, other = (check_all(checked, [appended(s1, each)]) for each in ("x", "y"))
    assert deciding_part_of("LogMatching", one) != deciding_part_of("LogMatching", other)


def test_deciding_part_keeps_which_entry_stood_before() -> None:
    """One entry after two different ones breaks Log Matching too."""
    checked, behind = BY_NAME["LogMatching"], (Entry(2, "x"),)
    facts = [EntriesAppended(s1, 2, behind, term, Log()) for term in (1, 2)]
    one, other = (check_all(checked, [fact]) for fact in facts)
    assert isinstance(checked.check(one, facts[1]), Breach)
    assert not isinstance(checked.check(other, facts[1]), Breach)
    assert deciding_part_of("LogMatching", one) != deciding_part_of("LogMatching", other)


def test_every_deciding_part_is_of_a_property() -> None:
    """A name that no property has would leave its history as it is, unseen."""
    assert set(DECIDING_PARTS) <= set(BY_NAME)
    assert all(BY_NAME[name].initial(3) is not None for name in DECIDING_PARTS)


def test_other_histories_are_kept_whole() -> None:
    """Of a property that has no entry in the table, the whole history decides."""
    assert deciding_part_of("ElectionSafety", (None, s1)) == (None, s1)


@explored
def test_deciding_parts_make_fewer_states(made: RaftOrder) -> None:
    """States that differ in witnesses alone are one."""
    system = made.make()
    assert explored_by("numpy", system, symmetry=False).distinct < len(list(reachable(system)))
