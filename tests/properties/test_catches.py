"""A property that was never seen to fail is unproven: each is the first to catch some mistake.

Most mistakes are mutants of the catalogue. Those that it lacks, and those that the reference
cannot show, are made here.
"""

from collections.abc import Callable, Mapping

import pytest
from attrs import evolve, frozen

from model.drivers.walker import walk
from model.failures import SUBJECT_FAILED
from model.mutants import MUTANT_BY_NAME
from model.reference.cluster import ReferenceCluster, ReferenceFactory
from model.reference.variant import Protocol, with_replaced
from model.setup import Setup
from model.subject import SubjectFactory
from model.world.fair_schedule import PROGRESS
from properties.checker import BY_NAME, PROPERTIES
from properties.view import MACHINE, REFERENCE_OBSERVES, ObservedView
from raft_core import (
    AppendEntriesResponse,
    ClientRequest,
    ClientResponse,
    Configuration,
    Entry,
    Index,
    Role,
    Server,
    State,
)
from raft_core.replication import append_entries_to_all

RUNS = 1000


def request_in_place_of_the_last(
    state: State, request: ClientRequest
) -> tuple[State, tuple[object, ...]]:
    """A leader puts a request in the place of its last entry, while that is not committed."""
    if state.role is not Role.LEADER:
        return state, ()
    log = state.log.truncated_from(max(state.commit_index + 1, state.log.last_index))
    log = log.appended((Entry(state.current_term, request.command),))
    state = evolve(state, log=log)
    return state, append_entries_to_all(state)


def candidate_applies_anew(state: State) -> tuple[State, tuple[ClientResponse, ...]]:
    """A candidate forgets what it has applied."""
    applied = 0 if state.role is Role.CANDIDATE else state.commit_index
    return evolve(state, last_applied=applied), ()


def back_up_too_far(state: State, response: AppendEntriesResponse) -> Index:
    """A refusal takes a leader back below what the follower has acknowledged."""
    return max(state.next_index[response.source] - 1, 1)


class ApplyingTwice(ReferenceCluster):
    """State machines survive a crash, and entries are then applied to them once more."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__(configuration)
        self.crashes = [0] * configuration.servers

    def crash(self, server: Server) -> None:
        """The state machine is kept, and whatever was applied will be applied again."""
        self.crashes[server] += self.states[server].last_applied > 0

    def reset(self) -> tuple[()]:
        """All state machines are empty."""
        super().reset()
        self.crashes = [0] * len(self.states)
        return ()

    def view(self, server: Server) -> ObservedView:  # type: ignore[override]  # another View
        """What a State shows, and how often everything was applied."""
        state = self.states[server]
        return ObservedView(
            role=state.role,
            current_term=state.current_term,
            log=state.log,
            commit_index=state.commit_index,
            last_applied=state.last_applied,
            voted_for=state.voted_for,
            next_index=state.next_index,
            match_index=state.match_index,
            applied_digest=f"{state.last_applied} entries, {1 + self.crashes[server]} times",
        )


@frozen
class ApplyingTwiceFactory(ReferenceFactory):
    """Makes clusters that show their state machines."""

    observes: frozenset[str] = REFERENCE_OBSERVES | {MACHINE}

    def create(self, servers: int, settings: Mapping[str, str]) -> ApplyingTwice:
        """A cluster with state machines that survive."""
        return ApplyingTwice(Configuration(servers=servers))


def mutant(name: str) -> Callable[[], SubjectFactory]:
    """A mutant of the catalogue."""
    return lambda: ReferenceFactory(protocol=MUTANT_BY_NAME[name].protocol())


def replaced(target: str, replacement: Callable[..., object]) -> Callable[[], SubjectFactory]:
    """A mutant that the catalogue does not have."""

    def make() -> SubjectFactory:
        protocol: Protocol = with_replaced(target, replacement)
        return ReferenceFactory(protocol=protocol)

    return make


MISTAKES: dict[str, Callable[[], SubjectFactory]] = {
    "EntriesWithinTerm": mutant("stores-above-its-term"),
    "ElectionSafety": mutant("double-vote"),
    "LeaderAppendOnly": replaced(
        "raft_core.replication.client_request", request_in_place_of_the_last
    ),
    "LogMatching": mutant("previous-entry-exists"),
    "LeaderCompleteness": mutant("no-up-to-date-check"),
    "StateMachineSafety": mutant("no-previous-entry-check"),
    "MachinesAgree": ApplyingTwiceFactory,
    "MembershipAgrees": mutant("stale-configuration-kept"),
    "OnlyVotersLead": mutant("learner-stands"),
    "Linearizable": mutant("read-without-round"),
    "TermMonotonic": mutant("term-not-persisted"),
    "VoteOnce": mutant("vote-not-persisted"),
    "LedTermIsKept": mutant("asks-for-votes-before-written"),
    "CommitMonotonic": mutant("commit-index-falls"),
    "AppliedMonotonic": replaced("raft_core.commit.apply_committed", candidate_applies_anew),
    "IndexOrder": mutant("no-previous-entry-check"),
    "OwnTermCommits": mutant("commits-older-term"),
    "CommittedOnQuorum": mutant("floor-half-commits"),
    "MatchMonotonic": mutant("match-index-falls"),
    "NextAboveMatch": replaced("raft_core.replication.back_up", back_up_too_far),
}


SEEDS = {"OnlyVotersLead": 4}
"""Seeds from which a mistake is found soon, where seed 1 takes long."""
WITH_FEATURES = {
    "MembershipAgrees": MUTANT_BY_NAME["stale-configuration-kept"],
    "OnlyVotersLead": MUTANT_BY_NAME["learner-stands"],
    "Linearizable": MUTANT_BY_NAME["read-without-round"],
    "LedTermIsKept": MUTANT_BY_NAME["asks-for-votes-before-written"],
}
"""Mistakes that need a feature to be on."""


def setup_with(name: str, ignore: frozenset[str] = frozenset()) -> Setup:
    """The cluster in which a property's mistake can show."""
    known = WITH_FEATURES.get(name)
    return Setup(
        factory=MISTAKES[name](),
        servers=known.servers if known else 3,
        settings=known.settings if known else {},
        network="any",
        ignore=ignore,
    )


def test_every_property_has_a_mistake_to_catch() -> None:
    """A new property needs a mistake here."""
    assert MISTAKES.keys() == BY_NAME.keys()


def first_caught(setup: Setup, name: str) -> int | None:
    """The first run of the walker in which this property is the first to fail."""
    cluster = setup.cluster()
    for number in range(RUNS):
        violation, _ = walk(cluster, SEEDS.get(name, 1), number)
        if violation is not None and violation.property == name:
            return number
    return None


@pytest.mark.parametrize("name", MISTAKES)
def test_property_catches_its_mistake_before_all_others(name: str) -> None:
    """With every property on, a random run is ended by this one."""
    setup = setup_with(name)
    assert first_caught(setup, name) is not None


@pytest.mark.parametrize("name", MISTAKES)
def test_property_catches_its_mistake_alone(name: str) -> None:
    """With all others off, the property needs nobody's help."""
    ignore = frozenset(each.name for each in PROPERTIES if each.name != name)
    setup = setup_with(name, ignore)
    assert first_caught(setup, name) is not None


@pytest.mark.parametrize("name", MISTAKES)
def test_nobody_else_is_blamed_where_the_property_is_the_only_one(name: str) -> None:
    """An ignored property never ends a run; the subject's failure and its standstill still do."""
    ignore = frozenset(each.name for each in PROPERTIES if each.name != name)
    cluster = setup_with(name, ignore).cluster()
    outcomes = [walk(cluster, 2, number)[0] for number in range(30)]
    blamed = {each.property for each in outcomes if each is not None}
    assert blamed <= {name, SUBJECT_FAILED, PROGRESS}
