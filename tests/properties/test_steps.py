"""Whole steps are taken apart in an order in which each transition is legal."""

from attrs import evolve

from properties.rules.steps import (
    Appended,
    Applied,
    CommittedTo,
    Received,
    SentOut,
    Snapshotted,
    Transition,
    Truncated,
    step_between,
    transitions_of,
)
from properties.rules.vocabulary import NOBODY, Configured, Matched, Meaning, Place, Standing
from properties.view import ObservedView
from raft_core import Entry, Log, Membership, Role, s1, s2, s3
from tests.properties.transitions import message

SERVERS = (s1, s2, s3)
BLANK = ObservedView(role=Role.FOLLOWER, current_term=1, log=Log(), commit_index=0, last_applied=0)


def taken_apart(
    before: ObservedView,
    after: ObservedView,
    received: Meaning | None = None,
    sent: tuple[Meaning, ...] = (),
) -> list[Transition]:
    """The transitions of a step of S1."""
    step = step_between(s1, before, after, received, sent)
    return list(transitions_of(step, SERVERS))


def test_a_leader_was_a_candidate_in_between() -> None:
    """Where one server is a majority, it stands and leads in one step."""
    after = evolve(BLANK, role=Role.LEADER, current_term=2, voted_for=s1)
    assert taken_apart(BLANK, after) == [
        Standing(2, s1, Role.CANDIDATE),
        Standing(2, s1, Role.LEADER),
    ]


def test_a_newer_term_is_adopted_before_the_own_candidacy() -> None:
    """A server that is asked to stand in a newer term enters that one first."""
    told = message("timeout_now", term=4)
    after = evolve(BLANK, role=Role.CANDIDATE, current_term=5, voted_for=s1)
    assert taken_apart(BLANK, after, told) == [
        Received(told),
        Standing(4, NOBODY, Role.FOLLOWER),
        Standing(5, s1, Role.CANDIDATE),
    ]


def test_entries_go_before_others_come_and_are_committed() -> None:
    """In the order of Figure 2, AppendEntries RPC, receiver 3 to 5."""
    before = evolve(BLANK, log=Log.of([Entry(1, "v1")]), current_term=2)
    new = Entry(2, "v2")
    after = evolve(before, log=Log.of([new]), commit_index=1)
    answer = message("append_entries_response", term=2)
    assert taken_apart(before, after, None, (answer,)) == [
        Truncated(1),
        Appended(1, (new,)),
        CommittedTo(1),
        SentOut(answer),
    ]


def test_a_leader_that_gives_up_its_term_does_so_last() -> None:
    """What it sent in that step, it sent as a leader."""
    before = evolve(BLANK, role=Role.LEADER, voted_for=s1)
    after = evolve(before, role=Role.FOLLOWER)
    beat = message("heartbeat", term=1)
    assert taken_apart(before, after, None, (beat,)) == [
        SentOut(beat),
        Standing(1, s1, Role.FOLLOWER),
    ]


def test_a_snapshot_of_its_own_comes_after_what_is_committed() -> None:
    """A server may commit and discard in one step; what a leader sends it takes first."""
    before = evolve(BLANK, log=Log.of([Entry(1, "v1"), Entry(1, "v2")]), commit_index=1)
    after = evolve(before, log=before.log.compacted(2, ()), commit_index=2)
    told = message("append_entries", term=1)
    assert taken_apart(before, after, told)[1:] == [CommittedTo(2), Snapshotted(2, 1)]
    told = message("install_snapshot", term=1)
    assert taken_apart(before, after, told)[1:] == [Snapshotted(2, 1), CommittedTo(2)]


def test_what_is_applied_beyond_a_snapshot_of_its_own_comes_after_it() -> None:
    """The snapshot stands for the entries that were applied and are not seen any more."""
    before = evolve(BLANK, log=Log.of([Entry(1, "v1"), Entry(1, "v2")]))
    after = evolve(before, log=before.log.compacted(1, ()), commit_index=2, last_applied=2)
    assert taken_apart(before, after) == [
        CommittedTo(2),
        Snapshotted(1, 1),
        Applied(Place(2, 1, "v2")),
    ]


def test_a_change_that_is_applied_comes_after_what_commits_it() -> None:
    """Where a configuration counts once it is applied, its entry may be older than the step."""
    log = Log.of([Entry(1, "v1"), Entry(1, "v2")])
    before = evolve(BLANK, log=log, voted_for=s1, role=Role.LEADER, commit_index=1)
    changed = evolve(log.appended([Entry(1, "v3")]), memberships=((2, Membership((s1,))),))
    after = evolve(before, log=changed, commit_index=3)
    assert taken_apart(before, after) == [
        Appended(3, (Entry(1, "v3"),)),
        CommittedTo(3),
        Configured(frozenset({s1}), frozenset(), 2),
    ]


def test_a_leader_that_applies_two_changes_at_once_passes_the_first() -> None:
    """A follower may go through as many as it likes: only a leader's changes are held to a rule."""
    log = Log.of([Entry(1, "v1"), Entry(1, "v2"), Entry(1, "v3")])
    before = evolve(BLANK, role=Role.LEADER, voted_for=s1, log=log)
    both = ((2, Membership((s1, s2))), (3, Membership((s1,))))
    after = evolve(before, commit_index=3, log=evolve(log, memberships=both))
    first, second = Configured(frozenset({s1, s2}), index=2), Configured(frozenset({s1}), index=3)
    at_once = evolve(second, passed=(first,))
    assert taken_apart(before, after) == [CommittedTo(3), at_once]
    followers = evolve(before, role=Role.FOLLOWER), evolve(after, role=Role.FOLLOWER)
    assert taken_apart(*followers)[-1] == second


def test_leader_takes_followers_to_hold_what_it_shows() -> None:
    """What it knew before it was elected, and what it learns from then on."""
    log = Log.of([Entry(1, "v1"), Entry(1, "v2")])
    stood = evolve(BLANK, log=log, role=Role.CANDIDATE, current_term=2)
    leads = evolve(stood, role=Role.LEADER, match_index=(0, 1, 0), next_index=(3, 3, 3))
    assert taken_apart(stood, leads, None)[1:] == [Matched(s2, 1)]
    learnt = evolve(leads, match_index=(0, 1, 2))
    assert taken_apart(leads, learnt, None) == [Matched(s3, 2)]
