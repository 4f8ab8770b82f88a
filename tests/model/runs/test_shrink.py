"""Shrinking: what is left breaks the same property, and nothing in it can go."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.actions import (
    Action,
    ClientRequest,
    Crash,
    Deliver,
    Duplicate,
    Elect,
    ElectionTimeout,
    Heal,
    HeartbeatTimeout,
    MacroAction,
    Schedule,
    Settle,
    Sync,
)
from model.drivers.walker import walk
from model.failures import SUBJECT_FAILED, NotReproducedError, failure_of_subject
from model.runs import shrink as shrinking
from model.runs.run import Run, rerun, run
from model.runs.shrink import (
    Names,
    Shrunk,
    ddmin,
    is_same,
    names_of,
    shrink,
    simplified,
)
from model.subject import Sent
from model.world.macro_actions import Cluster
from model.world.records import Happening
from properties.checker import Checker
from properties.property import Violation
from raft_core import Server, s1, s2, s3
from tests.model.fakes import NotingSubject, noted, reference_cluster, setup_of

Found = tuple[Cluster, Schedule, Violation]

SHRUNK = (
    "double-vote",
    "no-up-to-date-check",
    "up-to-date-by-term",
    "stale-vote-counted",
    "vote-not-persisted",
    "truncates-without-conflict",
    "keeps-conflicting-entry",
    "match-index-falls",
    "commits-older-term",
    "floor-half-commits",
)
PLENTY = 1_000_000
"""More attempts than any of these takes."""
in_every_mutant = pytest.mark.parametrize("name", SHRUNK)


def found_in(name: str) -> Found:
    """The first violation that the walker finds in a mutant."""
    cluster = setup_of(name).cluster()
    for number in range(1000):
        violation, schedule = walk(cluster, 1, number)
        if violation is not None:
            return cluster, schedule, violation
    raise AssertionError(f"{name} is not caught")


@given(st.sets(st.integers(0, 30)), st.integers(0, 31))
def test_ddmin_leaves_what_is_needed(needed: set[int], length: int) -> None:
    """Where a set of items is needed, that set is left, in its order."""
    needed = {item for item in needed if item < length}
    assert list(ddmin(range(length), lambda items: needed <= set(items))) == sorted(needed)


@given(st.lists(st.integers(0, 20), max_size=25), st.integers(0, 60), st.integers(1, 5))
def test_no_single_item_can_go_from_what_ddmin_leaves(
    items: list[int], total: int, modulus: int
) -> None:
    """Also where items may stand in for each other, and a longer part need not break."""

    def breaks(part: Sequence[int]) -> bool:
        return sum(part) >= total and sum(part) % modulus == sum(items) % modulus

    if not breaks(items):
        return
    left = ddmin(items, breaks)
    assert breaks(left)
    assert not any(breaks([*left[:place], *left[place + 1 :]]) for place in range(len(left)))


@pytest.mark.parametrize("fewer", [1, 6])
def test_a_fair_schedule_is_shrunk_with_fewer_rounds(
    fewer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left breaks the same with all of them; in one round nothing can come about at all."""
    cluster, found, violation = found_in("hint-never-backs-up")
    steps = {}
    for rounds in (fewer, 20):
        monkeypatch.setattr(shrinking, "FEWER_ROUNDS", rounds)
        before = cluster.micro_steps
        small = shrink(cluster, found, violation)
        steps[rounds] = cluster.micro_steps - before
        assert small.macro[-1] == small.micro[-1] == Settle(absent=(s2,))
        assert is_same(run(cluster, small.macro).violation, violation)
        assert is_same(run(cluster, small.micro).violation, violation)
        assert len(small.micro) == 7
    assert (steps[fewer] < steps[20]) is (fewer == 6)


def test_ddmin_of_what_always_breaks_is_nothing() -> None:
    """Where the empty list breaks already, all can go."""
    assert list(ddmin(range(9), lambda items: True)) == []


def test_ddmin_asks_few_times() -> None:
    """Leaving out chunks first costs far less than one item at a time."""
    asked = 0

    def breaks(items: Sequence[int]) -> bool:
        nonlocal asked
        asked += 1
        return 777 in items

    assert list(ddmin(range(1024), breaks)) == [777]
    assert asked < 60


@in_every_mutant
def test_shrunk_schedules_break_the_same_property_by_themselves(name: str) -> None:
    """A plain run of either schedule, in a new cluster, ends like the one that was found."""
    cluster, schedule, violation = found_in(name)
    shrunk = shrink(cluster, schedule, violation)
    again = setup_of(name).cluster()
    assert run(again, shrunk.micro).violation == shrunk.violation
    broken = run(again, shrunk.macro).violation
    assert broken is not None
    assert broken.property == shrunk.violation.property == violation.property
    assert len(shrunk.micro) <= len(run(again, shrunk.macro).records)
    assert len(shrunk.macro) <= len(schedule)
    assert shrunk.found == schedule


@in_every_mutant
def test_no_single_micro_action_can_go(name: str) -> None:
    """Without any one of its actions, the micro schedule does not break the property."""
    cluster, schedule, violation = found_in(name)
    left = shrink(cluster, schedule, violation).micro
    for place in range(len(left)):
        shorter = run(cluster, (*left[:place], *left[place + 1 :])).violation
        assert shorter is None or shorter.property != violation.property, left[place]


@in_every_mutant
def test_micro_schedule_has_no_macro_in_it(name: str) -> None:
    """The trace shows single happenings, and all of them."""
    shrunk = shrink(*found_in(name))
    assert not any(isinstance(each, MacroAction) for each in shrunk.micro)
    assert len(shrunk.micro) == len(shrunk.run.records)
    assert shrunk.run.violation == shrunk.violation


def test_shrinking_is_deterministic() -> None:
    """The same schedule shrinks to the same schedules."""
    results: list[Shrunk] = [shrink(*found_in("keeps-conflicting-entry")) for _ in range(2)]
    assert results[0].micro == results[1].micro
    assert results[0].macro == results[1].macro


def test_no_happenings_are_run_again_that_broke_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known not to fail, whole or as what came of it, costs no second run."""
    in_vain: set[Names] = set()

    def once(cluster: Cluster, candidate: Sequence[Happening]) -> Run:
        assert names_of(candidate) not in in_vain
        outcome = rerun(cluster, candidate)
        if outcome.violation is None:
            in_vain.update((names_of(candidate), names_of(outcome.happenings)))
        return outcome

    monkeypatch.setattr(shrinking, "rerun", once)
    shrink(*found_in("commits-older-term"))
    assert in_vain


@in_every_mutant
def test_who_remembers_finds_what_who_forgets_finds(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left out without a run would not have failed."""
    found = found_in(name)
    remembered = shrink(*found, attempts=PLENTY)
    monkeypatch.setattr(shrinking, "names_of", lambda _: (object(),))
    forgotten = shrink(*found, attempts=PLENTY)
    assert (remembered.macro, remembered.micro) == (forgotten.macro, forgotten.micro)


def test_every_server_of_a_pair_matters() -> None:
    """The smallest schedule of a lost vote is known: stand, and start again."""
    shrunk = shrink(*found_in("vote-not-persisted"))
    assert [type(each).__name__ for each in shrunk.micro] == ["ElectionTimeout", "Restart"]


def test_without_attempts_nothing_is_left_out() -> None:
    """The budget bounds the candidates; the result still fails."""
    cluster, schedule, violation = found_in("double-vote")
    shrunk = shrink(cluster, schedule, violation, attempts=0)
    assert shrunk.macro == schedule
    assert shrunk.violation.property == violation.property
    assert run(cluster, shrunk.micro).violation == shrunk.violation


def test_another_property_does_not_count() -> None:
    """A schedule that breaks two properties keeps the one that was found."""
    world = noted()
    world.subject.raises["heartbeat_timeout"] = ValueError("heartbeat")
    schedule: Schedule = (Heal(), Elect(s1), HeartbeatTimeout(s2), Heal())
    violation = run(world.cluster, schedule).violation
    assert violation is not None
    shrunk = shrink(world.cluster, schedule, violation)
    assert shrunk.macro == shrunk.micro == (HeartbeatTimeout(s2),)


class FailingAtFirst(NotingSubject):
    """Raises at its first elections, and behaves from then on."""

    failures = 1

    def election_timeout(self, server: Server) -> Sent:
        """Fails while there are failures left."""
        if self.failures:
            self.failures -= 1
            raise ValueError("once")
        return ()


def flaky(failures: int) -> Cluster:
    """A cluster of a subject that fails so many times."""
    subject = FailingAtFirst()
    subject.failures = failures
    return Cluster(subject, 3, "any", Checker(3, frozenset()))


def test_subject_that_does_not_fail_again_is_not_reproduced() -> None:
    """The error tells both outcomes apart."""
    cluster = flaky(1)
    schedule: Schedule = (ElectionTimeout(s1), Crash(s2))
    violation = run(cluster, schedule).violation
    assert violation is not None
    with pytest.raises(NotReproducedError, match="of 2 actions first gave SubjectFailed, then no"):
        shrink(cluster, schedule, violation)


def test_subject_that_fails_otherwise_is_not_reproduced() -> None:
    """The same property with another story is another outcome."""
    world = noted()
    world.subject.raises["election_timeout"] = ValueError("first")
    violation = run(world.cluster, (ElectionTimeout(s1),)).violation
    assert violation is not None
    assert violation.property == SUBJECT_FAILED
    world.subject.raises["election_timeout"] = ValueError("second")
    with pytest.raises(NotReproducedError):
        shrink(world.cluster, (ElectionTimeout(s1),), violation)


def test_failures_are_the_same_where_the_same_call_raised_the_same_kind_of_error() -> None:
    """The words of the error may differ; the call, and the type of the error, may not."""
    wanted = failure_of_subject(ValueError("index 3"), "receive")
    assert is_same(failure_of_subject(ValueError("index 4"), "receive"), wanted)
    assert not is_same(failure_of_subject(ValueError("index 3"), "restart"), wanted)
    assert not is_same(failure_of_subject(KeyError("index 3"), "receive"), wanted)
    assert not is_same(None, wanted)


def test_subject_that_stops_failing_meanwhile_keeps_what_failed() -> None:
    """Shrinking goes on from the last run that was seen to fail, and invents nothing."""
    cluster = flaky(2)
    schedule: Schedule = (ElectionTimeout(s1),)
    violation = run(cluster, schedule).violation
    assert violation is not None
    shrunk = shrink(cluster, schedule, violation)
    assert shrunk.micro == schedule


@pytest.mark.parametrize(
    ("action", "plainest"),
    [
        (Duplicate(s1, s2, 1), Deliver(s1, s2)),
        (Deliver(s1, s2, -1), Deliver(s1, s2)),
        (Elect(s1, (s2, s3)), Elect(s1)),
        (Sync(s1, (s2,)), Sync(s1)),
    ],
)
def test_plainer_actions_are_tried(action: Action, plainest: Action) -> None:
    """The plainest that still breaks is taken, and none that does not."""
    assert simplified((Heal(), action), lambda schedule: True) == (Heal(), plainest)
    assert simplified((Heal(), action), lambda schedule: False) == (Heal(), action)
    assert plainest.plainer() == ()


def test_requests_are_numbered_anew() -> None:
    """The commands of a shrunk schedule are v1, v2 and so on, equal where they were equal."""
    requests = (ClientRequest(s1, "v9"), ClientRequest(s2, "v4"), ClientRequest(s3, "v9"))
    renamed = (ClientRequest(s1, "v1"), ClientRequest(s2, "v2"), ClientRequest(s3, "v1"))
    assert simplified(requests, lambda schedule: True) == renamed


def test_schedule_that_breaks_nothing_is_refused() -> None:
    """Nothing is shrunk that does not fail."""
    _, _, violation = found_in("vote-not-persisted")
    with pytest.raises(NotReproducedError, match="first gave VoteOnce, then no violation"):
        shrink(reference_cluster(), (ElectionTimeout(s1),), violation)
