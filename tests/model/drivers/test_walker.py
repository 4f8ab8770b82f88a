"""The walker: a run is its seed and number, everywhere and always; the reference survives it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from model.actions import ACTION_TYPES, OPTIONAL, Action, Elect, Exchange, Settle
from model.drivers.run_profile import profile_of_run, profile_with_rivals
from model.drivers.walker import choices_of_run, walk
from model.failures import SUBJECT_FAILED
from model.mutants import MUTANT_BY_NAME
from model.runs.render import render
from model.runs.run import run
from model.schedule import check_action, servers_of
from model.setup import Setup
from model.subject import NetworkKind, Subject
from model.world.fair_schedule import TURNS
from model.world.macro_actions import Cluster
from raft_core import SERVERS, s1
from tests.model.fakes import NotingSubject, noted, reference_cluster, setup_of

ROOT = Path(__file__).resolve().parents[3]

TELL_A_RUN = """
from model.runs.run import run
from model.runs.render import render
from model.drivers.walker import walk
from tests.model.fakes import setup_of
cluster = setup_of("previous-entry-exists").cluster()
for number in range(30):
    violation, schedule = walk(cluster, 5, number)
    print(schedule, violation)
    print(render(cluster.subject, run(cluster, schedule)))
"""


def test_run_is_named_by_seed_and_number() -> None:
    """The same name gives the same schedule, in another cluster and after other runs."""
    first, second = reference_cluster(), reference_cluster()
    walk(second, 9, 9)
    for number in range(10):
        assert walk(first, 3, number) == walk(second, 3, number)


def test_another_name_is_another_run() -> None:
    """Neither the seed nor the number is left out of the name."""
    cluster = reference_cluster()
    schedules = {walk(cluster, seed, number)[1] for seed in range(5) for number in range(5)}
    assert len(schedules) == 25


def test_runs_do_not_depend_on_the_hash_seed() -> None:
    """Schedules and traces are the same bytes in every process."""
    told = set()
    for hash_seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        told.add(
            subprocess.run(
                [sys.executable, "-c", TELL_A_RUN],
                env=environment,
                cwd=ROOT,
                check=True,
                capture_output=True,
            ).stdout
        )
    assert len(told) == 1
    assert b"violated at step" in told.pop()


@pytest.mark.parametrize("network", ["any", "fifo"])
@pytest.mark.parametrize("servers", [1, 2, 3, 4, 5])
def test_reference_breaks_no_property(servers: int, network: NetworkKind) -> None:
    """Random runs, with rival leaders and without, find nothing."""
    cluster = reference_cluster(servers, network)
    for number in range(150):
        assert walk(cluster, 11, number)[0] is None
        assert servers == 1 or walk(cluster, 11, number, rival_leaders=True)[0] is None
    assert cluster.micro_steps > 1000


@pytest.mark.parametrize("network", ["any", "fifo"])
def test_runs_of_three_servers_reach_everything(network: NetworkKind) -> None:
    """The success above is not that of runs in which nothing happens."""
    cluster = reference_cluster(3, network)
    for number in range(100):
        walk(cluster, 1, number)
    assert cluster.checker.unreached() == ()
    assert len(cluster.checker.reached) == 7


def test_runs_contain_every_action() -> None:
    """No action of the vocabulary is forgotten, and none is drawn that the subject lacks."""
    plain = reference_cluster()
    kinds = {type(action) for number in range(40) for action in walk(plain, 1, number)[1]}
    assert kinds == {each for each in ACTION_TYPES if each.__name__ not in OPTIONAL}
    featured = reference_cluster(settings={"features": "on", "async_writes": "on"})
    kinds = {type(action) for number in range(60) for action in walk(featured, 1, number)[1]}
    assert kinds == set(ACTION_TYPES)


@pytest.mark.parametrize("servers", [1, 2, 5])
def test_actions_name_servers_of_the_cluster_only(servers: int) -> None:
    """A schedule for three servers runs on three servers."""
    cluster = reference_cluster(servers)
    members = set(SERVERS[:servers])
    actions = [each for number in range(40) for each in walk(cluster, 2, number)[1]]
    assert {server for action in actions for server in servers_of(action)} <= members


@pytest.mark.parametrize(("servers", "rounds"), [(1, 20), (3, 20), (4, 27), (5, 34), (7, 47)])
def test_fair_schedules_give_every_server_three_times_its_turns(servers: int, rounds: int) -> None:
    """After one round of turns, a leader may be deposed by a newer term, and so after the next."""
    cluster = reference_cluster(servers)
    drawn = {
        action.rounds
        for number in range(40)
        for action in walk(cluster, 4, number)[1]
        if isinstance(action, Settle)
    }
    assert drawn == {rounds}
    assert rounds >= 3 * TURNS * servers


def test_whatever_is_drawn_can_be_stored_and_read() -> None:
    """A schedule that is told is replayed: no server delivers to itself."""
    cluster = reference_cluster(settings={"features": "on", "async_writes": "on"})
    for number in range(60):
        for action in walk(cluster, 1, number)[1]:
            check_action(action, 3)


def test_schedule_of_a_violation_ends_with_the_action_that_broke() -> None:
    """Running it again breaks the same property, and with one action less it does not."""
    cluster = setup_of("double-vote").cluster()
    violation, schedule = next(
        outcome for number in range(100) if (outcome := walk(cluster, 1, number))[0] is not None
    )
    assert run(cluster, schedule).violation == violation
    assert run(cluster, schedule[:-1]).violation is None


def test_subject_that_fails_at_the_start_gives_an_empty_schedule() -> None:
    """The run ends before its first action."""
    world = noted()
    world.subject.raises["reset"] = ValueError("broken")
    violation, schedule = walk(world.cluster, 1, 1)
    assert violation is not None
    assert (violation.property, schedule) == (SUBJECT_FAILED, ())


def test_schedule_does_not_depend_on_what_the_subject_sends() -> None:
    """Apart from who leads, a run is drawn blindly: a subject that does nothing gets one too."""
    world = noted()
    assert isinstance(world.subject, NotingSubject)
    assert walk(world.cluster, 1, 1)[1] == walk(noted().cluster, 1, 1)[1]
    assert len(world.subject.calls) > 5


def test_choices_are_below_their_limit_and_reach_it() -> None:
    """Every number from 0 on is drawn, and none that is too high."""
    draw_below = choices_of_run(1, 1)
    assert {draw_below(3) for _ in range(200)} == {0, 1, 2}
    assert {draw_below(1) for _ in range(20)} == {0}


def test_macros_of_turns_never_reach_the_one_that_lags() -> None:
    """In a run of rival leaders one server hears of terms only by what is late."""
    cluster = reference_cluster()
    for number in range(20):
        profile = profile_with_rivals(choices_of_run(4, number), cluster.members)
        (slow,) = profile.slow
        _, schedule = walk(cluster, 4, number, rival_leaders=True)
        elections = [each for each in schedule if isinstance(each, Elect) and each.server != slow]
        assert elections
        assert all(slow in each.unreachable for each in elections)


def test_profiles_differ() -> None:
    """Runs reach all servers or not, with slow servers or without, with rivals or without."""
    members = SERVERS[:5]
    profiles = [profile_of_run(choices_of_run(1, number), members, False) for number in range(60)]
    assert {bool(each.rivals) for each in profiles} == {True, False}
    assert {each.oldest_first for each in profiles} == {True, False}
    assert {each.reach_all_of_4 for each in profiles} == {0, 1, 2, 3}
    assert {len(each.slow) for each in profiles} == {0, 1, 2}
    assert all(20 <= each.length <= 140 for each in profiles)


def test_lone_server_is_walked_too() -> None:
    """Without links an action that needs one names the only server twice."""
    cluster = reference_cluster(1)
    actions: list[Action] = [each for number in range(20) for each in walk(cluster, 1, number)[1]]
    exchanges = [each for each in actions if isinstance(each, Exchange)]
    assert exchanges
    assert {(each.server, each.peer) for each in exchanges} == {(s1, s1)}


def test_trace_of_a_walk_can_be_told() -> None:
    """What the walker finds is rendered as a whole."""
    setup: Setup = setup_of("vote-not-persisted")
    cluster = setup.cluster()
    violation, schedule = walk(cluster, 1, 0)
    assert violation is not None
    assert violation.property in render(cluster.subject, run(cluster, schedule))


class WaitingSubject:
    """A subject that does in each call, before it answers, what it is told to do meanwhile."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.meanwhile: Callable[[], None] | None = None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.subject, name)
        if not callable(found) or name in ("view", "answers", "meaning", "describe"):
            return found

        def call(*arguments: Any) -> Any:
            if self.meanwhile is not None:
                self.meanwhile()
            return found(*arguments)

        return call


def waiting(setup: Setup) -> Cluster:
    """A cluster of a subject that waits."""
    subject = setup.factory.create(setup.servers, setup.settings)
    waits = cast("Subject", WaitingSubject(subject))
    return Cluster(waits, setup.servers, setup.network, setup.checker())


@pytest.mark.parametrize("name", sorted(MUTANT_BY_NAME)[::3])
def test_a_step_that_is_judged_during_the_next_one_is_judged_alike(name: str) -> None:
    """The same violation, schedule, steps and coverage, whichever mistake there is to find."""
    setup = setup_of(name)
    at_once, late = setup.cluster(), waiting(setup)
    for number in range(12):
        assert walk(late, 6, number) == walk(at_once, 6, number)
        assert late.micro_steps == at_once.micro_steps
        assert late.checker.reached == at_once.checker.reached
