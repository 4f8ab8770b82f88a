"""Rules for hunts: a step of a subject, judged by its views and the meanings of its messages."""

import pytest
from attrs import evolve

from properties.rules.conforms import RULE_NAMES, Conforms
from properties.rules.judge import with_key
from properties.rules.steps import step_between
from properties.view import ObservedView
from raft_core import Entry, Log, Membership, Role, Server, s1, s2, s3
from tests.properties.transitions import message

START = ObservedView(role=Role.FOLLOWER, current_term=0, log=Log(), commit_index=0, last_applied=0)
VOTED = evolve(START, current_term=1, voted_for=s2)


def started() -> Conforms:
    """Three servers with empty disks; S2 has asked for votes in term 1."""
    rules = Conforms((s1, s2, s3))
    for server in (s1, s2, s3):
        assert rules.start(server, START) == ()
    candidate = evolve(START, role=Role.CANDIDATE, current_term=1, voted_for=s2)
    asks = message("request_vote", s2, s1, term=1, index=0, log_term=0)
    assert rules.step(step_between(s2, START, candidate, sent=(asks,))) == ()
    return rules


def test_a_step_of_raft_breaks_no_rule() -> None:
    """S1 gives its vote and says so."""
    asks = message("request_vote", s2, s1, term=1, index=0, log_term=0)
    answer = message("request_vote_response", s1, s2, term=1, accepted=True)
    assert started().step(step_between(s1, START, VOTED, asks, (answer,))) == ()


def test_a_step_that_is_none_names_its_rule() -> None:
    """S1 says that it gave a vote which it did not write down."""
    asks = message("request_vote", s2, s1, term=1, index=0, log_term=0)
    answer = message("request_vote_response", s1, s2, term=1, accepted=True)
    after = evolve(START, current_term=1)
    (broken,) = started().step(step_between(s1, START, after, asks, (answer,)))
    assert broken.rule.name == "VoteIsGranted"


@pytest.mark.parametrize("gives", [True, False])
def test_a_vote_that_is_bound_and_refused_elects_nobody(gives: bool) -> None:
    """Some write down the candidate of a newer term before they look at its log, and refuse."""
    rules = started()
    held = evolve(START, log=Log.of([Entry(1, "v1")]), current_term=1)
    rules.judge.cluster.server_of(s1).log.append(1, [1])
    rules.judge.cluster.server_of(s1).term = 1
    asks = message("request_vote", s2, s1, term=2, index=0, log_term=0)
    rules.judge.cluster.note_sent(with_key(asks))
    answer = message("request_vote_response", s1, s2, term=2, accepted=gives)
    after = evolve(held, current_term=2, voted_for=s2)
    broken = rules.step(step_between(s1, held, after, asks, (answer,)))
    assert [each.rule.name for each in broken] == (["VoteToUpToDate"] if gives else [])


def test_followers_append_nothing_by_themselves() -> None:
    """Only a leader takes a client's command into its log."""
    after = evolve(START, log=Log.of([Entry(1, "v1")]), current_term=1)
    (broken,) = started().step(step_between(s3, START, after))
    assert broken.rule.name == "TermHasCause"


def test_restarts_keep_what_was_written() -> None:
    """The first start may find anything, a later one only what was there."""
    rules = started()
    asks = message("request_vote", s2, s1, term=1, index=0, log_term=0)
    rules.step(step_between(s1, START, VOTED, asks))
    rules.crash(s1, VOTED)
    (broken,) = rules.start(s1, START)
    assert broken.rule.name == "TermIsKept"
    rules.reset()
    assert rules.start(s1, VOTED) == ()


def test_a_server_with_threads_may_stand_as_soon_as_it_starts_again() -> None:
    """It is a candidate of a newer term when it is seen; no follower begins with another term."""
    rules = started()
    rules.crash(s1, START)
    candidate = evolve(START, role=Role.CANDIDATE, current_term=1, voted_for=s1)
    assert rules.start(s1, candidate) == ()
    asks = message("request_vote", s1, s2, term=1, index=0, log_term=0)
    assert rules.step(step_between(s1, candidate, candidate, sent=(asks,))) == ()
    rules.crash(s3, START)
    (broken,) = rules.start(s3, VOTED)
    assert broken.rule.name == "TermIsKept"


@pytest.mark.parametrize("term", [1, 2])
def test_a_server_with_threads_may_stand_as_soon_as_it_is_made(term: int) -> None:
    """In any term, as its first start may find any; it votes for itself all the same."""
    for voted_for, broken in ((s1, []), (s2, ["TermHasCause"])):
        rules = Conforms((s1, s2, s3))
        candidate = evolve(VOTED, role=Role.CANDIDATE, current_term=term, voted_for=voted_for)
        assert [each.rule.name for each in rules.start(s1, candidate)] == broken


def test_a_term_that_nobody_was_told_of_may_be_forgotten() -> None:
    """And with it a vote; what was told has to be there."""
    for stored, kept in ((START, True), (VOTED, True), (evolve(VOTED, voted_for=s3), False)):
        rules = started()
        asks = message("request_vote", s2, s1, term=1, index=0, log_term=0)
        rules.step(step_between(s1, START, VOTED, asks))
        rules.crash(s1, START if kept else VOTED)
        assert (rules.start(s1, stored) == ()) is kept


@pytest.mark.parametrize("holds_it", [True, False])
def test_a_leader_may_commit_and_step_down_in_one_step(holds_it: bool) -> None:
    """Up to what a majority has acknowledged; as a follower it would have to be told."""
    rules = started()
    log = Log.of([Entry(1, "v1")])
    candidate = evolve(START, role=Role.CANDIDATE, current_term=1, voted_for=s2)
    leader = evolve(candidate, role=Role.LEADER, log=log)
    vote = message("request_vote_response", s1, s2, term=1, accepted=True)
    held = message(
        "append_entries_response", s1, s2, term=1, accepted=True, index=1 if holds_it else 0
    )
    refusal = message("append_entries_response", s3, s2, term=2, accepted=False)
    for each in (vote, held, refusal):
        rules.judge.cluster.note_sent(with_key(each))
    assert rules.step(step_between(s2, candidate, leader, vote)) == ()
    assert rules.step(step_between(s2, leader, leader, held)) == ()
    after = evolve(leader, role=Role.FOLLOWER, current_term=2, voted_for=None, commit_index=1)
    broken = rules.step(step_between(s2, leader, after, refusal))
    assert [each.rule.name for each in broken] == ([] if holds_it else ["FollowerCommitsTold"])


def test_of_a_crash_inside_a_step_only_what_was_sent_is_known() -> None:
    """The views count for nothing: S1 may come back with a vote that it never got to write."""
    rules = started()
    asks = message("request_vote", s2, s1, term=1, index=0, log_term=0)
    answer = message("request_vote_response", s1, s2, term=1, accepted=True)
    step = evolve(step_between(s1, START, START, asks, (answer,)), crashed=True)
    assert rules.step(step) == ()
    assert rules.start(s1, VOTED) == ()
    assert rules.judge.cluster.sent[answer.key] is answer


def test_who_obeys_and_then_stands_obeyed_before() -> None:
    """S3 stores an entry of term 1, and its timeout ends in the same step: it stood after that."""
    rules = started()
    entry = Log.of([Entry(1, "v1")])
    leader = evolve(VOTED, role=Role.LEADER, voted_for=s2)
    follower = evolve(START, current_term=1)
    vote = message("request_vote_response", s1, s2, term=1, accepted=True)
    sent = message("append_entries", s2, s3, term=1, index=0, log_term=0, terms=(1,), commit=0)
    asks = message("request_vote", s3, s1, term=2, index=1, log_term=1)
    rules.judge.cluster.note_sent(with_key(vote))
    standing = evolve(VOTED, role=Role.CANDIDATE, voted_for=s2)
    assert rules.step(step_between(s2, standing, leader, vote)) == ()
    rules.judge.cluster.note_sent(with_key(sent))
    after = evolve(follower, role=Role.CANDIDATE, current_term=2, voted_for=s3, log=entry)
    assert rules.step(step_between(s3, START, after, sent, (asks,))) == ()


@pytest.mark.parametrize(
    ("term", "vote", "is_kept"),
    [
        (1, s2, True),
        (2, s2, False),
        (2, None, True),
        (2, s3, True),
        (2, s1, True),
        (3, s3, False),
    ],
)
def test_half_a_vote_is_none(term: int, vote: Server | None, is_kept: bool) -> None:
    """S1 voted for S2, and crashes inside its vote for S3: no other vote may come of it."""
    rules = started()
    asks = message("request_vote", s2, s1, term=1, index=0, log_term=0)
    assert rules.step(step_between(s1, START, VOTED, asks)) == ()
    asks = message("request_vote", s3, s1, term=2, index=0, log_term=0)
    rules.judge.cluster.note_sent(with_key(asks))
    assert rules.step(evolve(step_between(s1, VOTED, VOTED, asks), crashed=True)) == ()
    broken = rules.start(s1, evolve(VOTED, current_term=term, voted_for=vote))
    assert [each.rule.name for each in broken] == ([] if is_kept else ["VoteIsKept"])


@pytest.mark.parametrize(("vote", "is_kept"), [(s3, True), (s2, False), (None, True)])
def test_a_vote_may_be_bound_to_the_leader_of_its_term(vote: Server | None, is_kept: bool) -> None:
    """S1 hears S3 lead term 2, and crashes inside that step: it may have bound its vote to S3."""
    rules = started()
    asks = message("request_vote", s2, s1, term=1, index=0, log_term=0)
    assert rules.step(step_between(s1, START, VOTED, asks)) == ()
    told = message("append_entries", s3, s1, term=2, index=0, log_term=0, terms=(), commit=0)
    rules.judge.cluster.note_sent(with_key(told))
    assert rules.step(evolve(step_between(s1, VOTED, VOTED, told), crashed=True)) == ()
    broken = rules.start(s1, evolve(VOTED, current_term=2, voted_for=vote))
    assert [each.rule.name for each in broken] == ([] if is_kept else ["VoteIsKept"])


@pytest.mark.parametrize("binds", [True, False])
def test_a_vote_is_bound_by_nobody_who_never_does_so(binds: bool) -> None:
    """S1 hears S3 lead its term, and votes for S3: of some implementations, that is a mistake."""
    rules = started()
    rules.judge.cluster.binds_votes = binds
    told = message("append_entries", s3, s1, term=1, index=0, log_term=0, terms=(), commit=0)
    rules.judge.cluster.note_sent(with_key(told))
    after = evolve(START, current_term=1, voted_for=s3)
    broken = rules.step(step_between(s1, START, after, told))
    assert ("NewTermFreesVote" in [each.rule.name for each in broken]) is not binds


def test_a_message_that_does_not_say_what_it_means_may_be_the_cause() -> None:
    """A term that comes out of nowhere is broken, but not where any message may have brought it."""
    after = evolve(START, current_term=5)
    step = step_between(s3, START, after)
    (broken,) = started().step(step)
    assert broken.rule.name == "TermHasCause"
    assert started().step(evolve(step, received_unknown=True)) == ()


@pytest.mark.parametrize(("index", "broken"), [(1, []), (2, ["ConfigurationIsLatest"])])
def test_a_configuration_goes_with_its_entry(index: int, broken: list[str]) -> None:
    """S2 cuts its log to one entry: what is in force stands there, or where the next one was."""
    rules = started()
    both = Membership((s1, s2, s3))
    before = evolve(VOTED, role=Role.LEADER, log=Log.of([Entry(1, "v1"), Entry(1, both)]))
    cut = before.log.truncated_from(2)
    after = evolve(before, log=evolve(cut, memberships=((index, both),)))
    rules.judge.ignore = {*RULE_NAMES} - {"ConfigurationIsLatest"}
    assert rules.step(step_between(s2, START, before)) == ()
    assert [each.rule.name for each in rules.step(step_between(s2, before, after))] == broken
    rules.crash(s2, after)
    again = rules.start(s2, evolve(after, role=Role.FOLLOWER))
    assert [each.rule.name for each in again] == broken


@pytest.mark.parametrize("commit", [0, 2])
def test_a_configuration_that_is_in_force_uncommitted_is_so_after_a_restart(commit: int) -> None:
    """Where S2 waits for the commit, it may come to an older one; where it did not, it may not."""
    rules = started()
    rules.judge.ignore = {*RULE_NAMES} - {"ConfigurationIsLatest"}
    both = Membership((s1, s2))
    log = Log.of([Entry(1, "v1"), Entry(1, both)])
    leader = evolve(VOTED, role=Role.LEADER, log=log, commit_index=commit)
    assert rules.step(step_between(s2, START, leader)) == ()
    rules.crash(s2, leader)
    again = rules.start(s2, evolve(VOTED, log=evolve(log, memberships=())))
    assert [each.rule.name for each in again] == ([] if commit else ["ConfigurationIsLatest"])
