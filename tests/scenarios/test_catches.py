"""Every scenario can fail: a mistake that it catches, and how the mistake shows.

A scenario is run against a mutant twice. With all properties checked, the first one broken
ends it; OUTCOME stands where none is and the scenario's own assertions fail. With no property
checked, they have to fail by themselves, but for mistakes that come right again later.
"""

from collections.abc import Callable, Iterable
from typing import Final

import pytest
from attrs import frozen

from model.failures import PropertyViolatedError
from model.mutants import MUTANT_BY_NAME
from model.reference.variant import Protocol, with_replaced
from model.subject import NetworkKind
from model.world.macro_actions import Cluster
from properties.checker import BY_NAME
from raft_core import (
    AppendEntries,
    AppendEntriesResponse,
    Event,
    Index,
    Log,
    RequestVote,
    RequestVoteResponse,
    State,
    server,
)
from tests.scenarios import test_agreement, test_backup, test_election, test_persistence
from tests.scenarios.cluster import UnsettledError, new_cluster, settle
from tests.scenarios.random_runs import elect_many_times, run_at_random

Scenario = Callable[[Cluster], None]
OUTCOME: Final = "outcome"
SEEDS: Final = range(3)


def newer_terms_in_answers_ignored(state: State, event: Event) -> State:
    """A leader that does not notice in an answer that its time is over."""
    if isinstance(event, AppendEntriesResponse | RequestVoteResponse):
        return state
    return server.adopt_newer_term(state, event)


def commit_index_left_alone(state: State, request: AppendEntries, log: Log) -> Index:
    """A follower that does not learn what is committed."""
    return state.commit_index


def no_vote_granted(state: State, request: RequestVote) -> bool:
    """A server that votes for nobody but itself."""
    return False


OTHER_MISTAKES: Final[dict[str, Protocol]] = {
    "stays-leader-in-an-old-term": with_replaced(
        "raft_core.server.adopt_newer_term", newer_terms_in_answers_ignored
    ),
    "followers-commit-nothing": with_replaced(
        "raft_core.replication.follower_commit_index", commit_index_left_alone
    ),
    "grants-no-vote": with_replaced("raft_core.election.grants_vote", no_vote_granted),
}
"""Those that break no safety property, and so are not in the catalogue of mutants."""


def protocol_of(mistake: str) -> Protocol:
    """The protocol with one mistake in it."""
    known = OTHER_MISTAKES.get(mistake)
    return MUTANT_BY_NAME[mistake].protocol() if known is None else known


def random_runs(story: str, rounds: int = 150) -> Scenario:
    """A random scenario with a few seeds, as one of the others."""

    def play_them(cluster: Cluster) -> None:
        for seed in SEEDS:
            cluster.reset()
            run_at_random(cluster, story, seed, rounds)

    play_them.__name__ = story
    return play_them


FIGURE_8: Final = random_runs("figure 8")
FIGURE_8_UNRELIABLE: Final = random_runs("figure 8, unreliable")
UNRELIABLE: Final = random_runs("unreliable agreement")
CHURN: Final = random_runs("churn")


def many_elections(cluster: Cluster) -> None:
    """The random elections of seven servers as one of the other scenarios."""
    assert elect_many_times(cluster, seed=0, rounds=20) >= 3


@frozen
class Catch:
    """A mistake that a scenario catches, in a cluster of so many servers, and what is broken."""

    scenario: Scenario
    mistake: str
    broken: str
    servers: int = 3
    network: NetworkKind = "any"
    by_outcome: bool = True
    """Whether the scenario's own assertions fail too; if not, only a look at each step tells."""

    def cluster(self, ignore: Iterable[str] = ()) -> Cluster:
        """A cluster that makes the mistake."""
        protocol = protocol_of(self.mistake)
        return new_cluster(self.servers, self.network, protocol=protocol, ignore=ignore)


CATCHES: Final = (
    Catch(test_election.test_first_timeout_elects_the_one_leader, "floor-half-elects", OUTCOME),
    Catch(test_election.test_first_timeout_elects_the_one_leader, "grants-no-vote", OUTCOME, 5),
    Catch(
        test_election.test_tie_elects_nobody_and_the_next_term_decides,
        "double-vote",
        "ElectionSafety",
    ),
    Catch(
        test_election.test_old_leader_follows_the_new_one_on_its_return,
        "stays-leader-in-an-old-term",
        OUTCOME,
    ),
    Catch(test_election.test_no_one_leads_without_a_quorum, "floor-half-elects", OUTCOME, 5),
    Catch(
        test_election.test_cluster_works_on_without_its_first_leader,
        "followers-commit-nothing",
        OUTCOME,
    ),
    Catch(test_election.test_vote_outlives_the_voters_crash, "vote-not-persisted", "VoteOnce", 5),
    Catch(test_election.test_vote_outlives_the_voters_crash, "term-not-persisted", "TermMonotonic"),
    Catch(
        test_agreement.test_requests_commit_one_by_one_on_all_servers,
        "followers-commit-nothing",
        OUTCOME,
    ),
    Catch(
        test_agreement.test_others_agree_while_a_follower_is_cut_off,
        "followers-commit-nothing",
        OUTCOME,
        5,
        "fifo",
    ),
    Catch(
        test_agreement.test_follower_that_missed_a_request_disturbs_but_cannot_lead,
        "no-up-to-date-check",
        "LeaderCompleteness",
        5,
    ),
    Catch(
        test_agreement.test_follower_that_missed_a_request_disturbs_but_cannot_lead,
        "up-to-date-by-term",
        "LeaderCompleteness",
    ),
    Catch(
        test_agreement.test_nothing_is_agreed_without_a_majority,
        "floor-half-commits",
        "CommittedOnQuorum",
        5,
    ),
    Catch(
        test_agreement.test_concurrent_requests_commit_each_once_in_order,
        "truncates-without-conflict",
        "CommittedOnQuorum",
        by_outcome=False,
    ),
    Catch(
        test_agreement.test_concurrent_requests_commit_each_once_in_order,
        "commit-index-falls",
        "CommitMonotonic",
        by_outcome=False,
    ),
    Catch(
        test_agreement.test_concurrent_requests_commit_each_once_in_order,
        "followers-commit-nothing",
        OUTCOME,
    ),
    Catch(
        test_agreement.test_rejoining_leader_loses_what_it_could_not_commit,
        "keeps-conflicting-entry",
        "StateMachineSafety",
    ),
    Catch(
        test_agreement.test_rejoining_leader_loses_what_it_could_not_commit,
        "previous-entry-exists",
        "LogMatching",
        5,
    ),
    Catch(
        test_agreement.test_rejoining_leader_loses_what_it_could_not_commit,
        "up-to-date-by-length",
        OUTCOME,
    ),
    Catch(
        test_agreement.test_settling_keeps_the_newest_log,
        "keeps-conflicting-entry",
        "StateMachineSafety",
    ),
    Catch(
        test_persistence.test_agreement_goes_on_after_all_servers_crash,
        "term-not-persisted",
        "TermMonotonic",
    ),
    Catch(
        test_persistence.test_acknowledged_entry_is_on_disk,
        "acknowledges-before-durable",
        "CommittedOnQuorum",
    ),
    Catch(many_elections, "stays-leader-in-an-old-term", OUTCOME, 7),
    Catch(many_elections, "double-vote", "ElectionSafety", 7),
    Catch(test_backup.back_up, "keeps-conflicting-entry", "LogMatching"),
    Catch(FIGURE_8, "commits-older-term", "OwnTermCommits", 5),
    Catch(FIGURE_8_UNRELIABLE, "no-up-to-date-check", "LeaderCompleteness", 5),
    Catch(UNRELIABLE, "truncates-without-conflict", "CommittedOnQuorum"),
    Catch(UNRELIABLE, "match-index-falls", "MatchMonotonic", 5, by_outcome=False),
    Catch(UNRELIABLE, "whole-log-acknowledged", "CommittedOnQuorum"),
    Catch(CHURN, "commits-older-term", "OwnTermCommits", by_outcome=False),
    Catch(CHURN, "no-up-to-date-check", "LeaderCompleteness", 5),
)
each_catch = pytest.mark.parametrize(
    "catch", CATCHES, ids=lambda catch: f"{catch.scenario.__name__}-{catch.mistake}"
)


def broken_by(scenario: Scenario, cluster: Cluster) -> str | None:
    """What a scenario breaks: a property, its own assertions, or nothing."""
    try:
        scenario(cluster)
    except PropertyViolatedError as violated:
        return violated.violation.property
    except AssertionError:
        return OUTCOME
    return None


@each_catch
def test_scenario_catches_a_mistake(catch: Catch) -> None:
    """Figure 3, sections 5.2 to 5.4: the named mistake shows in the named way, and first there."""
    assert broken_by(catch.scenario, catch.cluster()) == catch.broken
    sound = new_cluster(catch.servers, catch.network)
    assert broken_by(catch.scenario, sound) is None


@each_catch
def test_scenario_asserts_enough_without_the_properties(catch: Catch) -> None:
    """Sections 5.2 to 5.4: with no property checked, the outcome or a failing server tells."""
    seen = broken_by(catch.scenario, catch.cluster(ignore=BY_NAME))
    assert (seen is not None) is catch.by_outcome


def test_every_scenario_catches_something() -> None:
    """Every scenario of these files has a mistake in CATCHES, so that none is there for show."""
    modules = (test_election, test_agreement, test_persistence)
    named = {name for module in modules for name in vars(module) if name.startswith("test_")}
    caught = {catch.scenario.__name__ for catch in CATCHES}
    assert named <= caught


def test_random_crashes_find_figure_8() -> None:
    """Section 5.4.2: the random schedule finds by itself what committing by counting loses."""
    ignored = ["OwnTermCommits", "CommittedOnQuorum"]
    cluster = new_cluster(5, "any", protocol=protocol_of("commits-older-term"), ignore=ignored)
    assert broken_by(FIGURE_8, cluster) == "LeaderCompleteness"


@pytest.mark.parametrize("servers", [3, 5])
def test_cluster_that_cannot_elect_does_not_settle(servers: int) -> None:
    """Section 5.2: settling is bounded, and says so where no leader comes."""
    with pytest.raises(UnsettledError, match="no agreement"):
        settle(new_cluster(servers, "any", protocol=protocol_of("grants-no-vote")))
