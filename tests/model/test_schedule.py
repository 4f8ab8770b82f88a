"""Schedules on paper: they read back as what they were, and bad ones say what is wrong where."""

import json
import os
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from model.actions import ACTION_TYPES, Action, ClientRequest, Deliver, Elect, Schedule
from model.schedule import (
    NAMES,
    SavedSchedule,
    ScheduleError,
    dump_action,
    dump_schedule,
    json_of,
    load_action,
    load_schedule,
    servers_of,
)
from model.target import Bridge, Reference, Target
from raft_core import s1, s2, s3
from tests.model.arbitrary import actions_of, schedules

SAVED = SavedSchedule(
    target=Target(
        subject=Reference(),
        servers=3,
        network="any",
        settings={"max_entries": "1"},
        ignore=frozenset({"VoteOnce"}),
    ),
    subject_version="0.1.0",
    driver="walker",
    seed=7,
    property="LogMatching",
    actions=(Deliver(s1, s2, 1), ClientRequest(s1, "v1")),
    macro=(Elect(s1, (s3,)),),
)


def loaded(data: bytes) -> SavedSchedule:
    """A stored schedule, whatever its subject is called."""
    return load_schedule(data, lambda text: Reference() if text == "reference" else Bridge(text))


@pytest.mark.parametrize("kind", ACTION_TYPES)
def test_every_kind_of_action_is_drawn_as_it_may_stand_in_a_schedule(kind: type[Action]) -> None:
    """The strategy of the tests below gives actions of this kind, and only such as are accepted."""

    @given(actions_of(kind, 5))
    def draw(action: Action) -> None:
        assert type(action) is kind
        assert load_action(dump_action(action), "here", 5) == action

    draw()


def test_what_no_json_can_say_of_a_name_is_question_marks() -> None:
    """A file may be called what is no UTF-8, and what there is to tell is told, wherever it is."""
    odd = os.fsdecode(b"caf\xe9 \xc3\xa9")
    assert (
        json_of(({odd: [odd, 1, None]}, "\xe9"))
        == '[{"caf? \xe9":["caf? \xe9",1,null]},"\xe9"]'.encode()
    )
    saved = evolve(SAVED, target=evolve(SAVED.target, settings={"source": odd}))
    assert loaded(dump_schedule(saved)).target.settings == {"source": "caf? \xe9"}


@given(schedules())
def test_printed_schedule_evaluates_to_itself(schedule: Schedule) -> None:
    """What a person copies from a report runs as it stands."""
    assert eval(repr(schedule), dict(NAMES)) == schedule


@given(schedules(), schedules(), schedules(), st.integers(0, 2**63 - 1))
def test_saved_schedule_reads_back(
    actions: Schedule, macro: Schedule, found: Schedule, seed: int
) -> None:
    """All three lists and the provenance survive, and the text does not depend on anything else."""
    target = evolve(SAVED.target, servers=5)
    saved = evolve(SAVED, target=target, actions=actions, macro=macro, found=found, seed=seed)
    text = dump_schedule(saved)
    assert loaded(text) == saved
    assert dump_schedule(loaded(text)) == text


def test_saved_schedule_is_a_line_an_action() -> None:
    """A schedule can be read, and a difference between two of them too."""
    lines = dump_schedule(SAVED).decode().splitlines()
    assert '    {"action": "ClientRequest", "server": "s1", "command": "v1"}' in lines
    assert '    {"action": "Elect", "server": "s1", "unreachable": ["s3"]}' in lines
    assert lines[1:3] == ['  "format": "raft-oracle schedule",', '  "version": 1,']


def test_lists_may_be_left_out() -> None:
    """A schedule written by hand needs no macro schedule and none that was found."""
    raw = json.loads(dump_schedule(SAVED))
    del raw["macro"], raw["found"]
    assert loaded(json.dumps(raw).encode()) == evolve(SAVED, macro=())


def test_defaults_of_an_action_may_be_left_out() -> None:
    """A delivery without an age is of the oldest message."""
    raw = changed(actions=[{"action": "Deliver", "source": "s1", "destination": "s2"}])
    assert loaded(raw).actions == (Deliver(s1, s2, 0),)


def changed(**members: Any) -> bytes:
    """The saved schedule with some members changed; those set to `...` are missing."""
    raw = json.loads(dump_schedule(SAVED)) | members
    return json.dumps({key: value for key, value in raw.items() if value is not ...}).encode()


def with_action(**members: Any) -> bytes:
    """The saved schedule with this as the second of its actions."""
    first = {"action": "Heal"}
    return changed(actions=[first, members])


MALFORMED: list[tuple[bytes, str]] = [
    (b"", "not JSON"),
    (b"{", "not JSON"),
    (b"\xff", "not JSON"),
    (b"[]", "format: found 'list', expected 'raft-oracle schedule'"),
    (b"null", "format: found 'NoneType'"),
    (b"{}", "format: found None"),
    (changed(format="other"), "format: found 'other', expected 'raft-oracle schedule'"),
    (changed(version=2), "version: found 2, expected 1"),
    (changed(version=...), "version: found None, expected 1"),
    (changed(version=True), "version: found True, expected 1"),
    (changed(version="1"), "version: found '1', expected 1"),
    (changed(extra=1), "unknown field 'extra'"),
    (changed(servers=0), "servers: found 0, expected 1 to 9"),
    (changed(servers=10), "servers: found 10, expected 1 to 9"),
    (changed(servers="3"), "servers: found '3', expected 1 to 9"),
    (changed(servers=...), "servers: found None, expected 1 to 9"),
    (changed(network="tcp"), r"network"),
    (changed(seed="7"), r"seed"),
    (changed(subject=...), "subject"),
    (changed(settings={"max_entries": 1}), "settings"),
    (changed(ignore="VoteOnce"), "ignore"),
    (changed(actions={}), "actions: found dict, expected a list of actions"),
    (changed(macro=None), "macro: found NoneType, expected a list of actions"),
    (changed(found="x"), "found: found str, expected a list of actions"),
    (changed(actions=[1]), r'actions\[0\]: expected an object with an "action"'),
    (with_action(server="s1"), r'actions\[1\]: expected an object with an "action"'),
    (with_action(action="Explode"), r"actions\[1\]: found unknown action 'Explode', expected one"),
    (with_action(action=1), r"actions\[1\]: found unknown action 1"),
    (with_action(action="Heal", server="s1"), r"actions\[1\]: Heal has no field 'server'"),
    (with_action(action="Crash"), r"actions\[1\]: Crash: .*`server`"),
    (with_action(action="Crash", server="s0"), r"actions\[1\]: Crash: found 's0', expected a ser"),
    (with_action(action="Crash", server=1), r"actions\[1\]: Crash: .*1"),
    (with_action(action="Crash", server="s4"), r"actions\[1\]: Crash: found s4 in a cluster of 3"),
    (with_action(action="Sync", server="s1", unreachable=["s9"]), r"Sync: found s9 in a cluster"),
    (with_action(action="Cut", source="s1", destination="s1"), r"Cut: both ends are s1"),
    (with_action(action="Exchange", server="s2", peer="s2"), r"Exchange: both ends are s2"),
    (
        with_action(action="Deliver", source="s1", destination="s2", age="old"),
        r"actions\[1\]: Deliver: .*age",
    ),
    (with_action(action="ClientRequest", server="s1", command=1), r"ClientRequest: .*command"),
    (with_action(action="Settle", rounds=-1), "Settle: rounds: found -1, expected 0 or more"),
    (
        with_action(action="ClientRequest", server="s1", command="x" * 100_001),
        "ClientRequest: command: found 100,001 characters, expected at most 100,000",
    ),
    (with_action(action="Settle", rounds=101), "Settle: rounds: found 101, expected at most 100"),
]


@pytest.mark.parametrize(("data", "message"), MALFORMED, ids=lambda value: str(value)[:40])
def test_bad_schedule_says_what_is_wrong_and_where(data: bytes, message: str) -> None:
    """Nothing but a ScheduleError, whatever a file holds."""
    with pytest.raises(ScheduleError, match=message):
        loaded(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["s1", "s4"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["action", "server", "age", "source"]), inner)
    ),
    max_leaves=5,
)


def read_or_refused(data: bytes) -> tuple[SavedSchedule | None, str]:
    """The schedule, or what is wrong with it."""
    try:
        return loaded(data), ""
    except ScheduleError as error:
        return None, str(error)


@given(st.sampled_from(sorted(json.loads(dump_schedule(SAVED)))), JSON)
def test_any_value_in_any_place_is_read_or_refused(name: str, value: Any) -> None:
    """A hand-edited file is never a crash."""
    found, message = read_or_refused(changed(**{name: value}))
    assert message or (found and loaded(dump_schedule(found)) == found)


@given(st.sampled_from(["Deliver", "Elect", "Partition", "ClientRequest"]), JSON, JSON)
def test_any_value_in_an_action_is_read_or_refused(name: str, one: Any, other: Any) -> None:
    """The same for what an action is made of."""
    members = {"Deliver": ("source", "age"), "Elect": ("server", "unreachable")}
    first, second = members.get(name, ("side", "command"))
    loaded, message = read_or_refused(with_action(action=name, **{first: one, second: other}))
    assert loaded or "actions[1]" in message


def test_servers_of_an_action_are_those_that_it_names() -> None:
    """Sets of servers count, one by one."""
    assert servers_of(Elect(s1, (s2, s3))) == (s1, s2, s3)
    assert servers_of(Deliver(s3, s1)) == (s3, s1)
