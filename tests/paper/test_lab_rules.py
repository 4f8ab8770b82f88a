"""The rules that students of a lab Raft wrote down, a test for each.

Half a rule has no test here because the core has no such thing: it owns no timer, so that
restarting and randomising timers is the caller's. Snapshots, clients' repeated commands and
membership have files of their own: test_section_6, 7 and 8, and those of the thesis.
"""

import pytest
from attrs import evolve

from raft_core import (
    AppendEntries,
    ClientRequest,
    Configuration,
    ElectionTimeout,
    HeartbeatTimeout,
    InstallSnapshot,
    Log,
    NotLeader,
    PersistentState,
    Role,
    TwoLeadersError,
    restart,
    s1,
    s2,
    s3,
    s4,
    step,
)
from tests.paper.cluster import happen, replicate, started
from tests.raft_core.build import (
    acknowledgement,
    after,
    answer_to_append,
    answer_to_vote,
    append_entries,
    candidate,
    compacted,
    entry,
    follower,
    leader_of,
    log_of,
    request_vote,
    requests_in,
    sent,
    terms_of,
    vote,
)


def test_every_server_starts_as_an_empty_follower() -> None:
    """Section 5.2: a server begins as a follower without entries."""
    state = restart(s1, Configuration(servers=3), PersistentState())
    assert (state.role, state.log) == (Role.FOLLOWER, Log())


def test_index_and_term_zero_stand_before_the_first_entry() -> None:
    """Section 5.3: the first request of all refers to index 0 and term 0, which always match."""
    state = after(candidate(1), vote(1))
    request = requests_in(sent(state, ClientRequest("x")))[0]
    assert (request.prev_log_index, request.prev_log_term) == (0, 0)
    assert answer_to_append(follower(1, server=s2), request)[1].success


def test_timeout_means_new_term_own_vote_and_requests_to_all() -> None:
    """Section 5.2: all three belong to the start of an election."""
    state, messages = step(follower(2), ElectionTimeout())
    assert (state.role, state.current_term, state.voted_for) == (Role.CANDIDATE, 3, s1)
    assert messages == tuple(request_vote(3, source=s1, destination=to) for to in (s2, s3))


def test_majority_must_be_of_the_same_term() -> None:
    """Section 5.2: a vote for an earlier candidacy does not complete a majority."""
    assert after(candidate(3), vote(2)).role is Role.CANDIDATE
    assert after(candidate(3), vote(3)).role is Role.LEADER


@pytest.mark.parametrize("term", [3, 4])
def test_candidate_steps_down_for_an_equal_or_newer_leader(term: int) -> None:
    """Section 5.2: AppendEntries of an equal term is enough to end a candidacy."""
    assert after(candidate(3), append_entries(term)).role is Role.FOLLOWER


def test_split_vote_ends_in_another_timeout() -> None:
    """Section 5.2: a candidate's timeout starts the next election, in the next term."""
    state, messages = step(candidate(3), ElectionTimeout())
    assert (state.role, state.current_term, len(messages)) == (Role.CANDIDATE, 4, 2)


def test_vote_is_given_once_a_term() -> None:
    """Section 5.2: nobody else gets a vote that is given away."""
    state, _ = answer_to_vote(follower(3), request_vote(3, source=s2))
    state, second = answer_to_vote(state, request_vote(3, source=s3))
    assert (second.vote_granted, state.voted_for) == (False, s2)


def test_vote_is_cleared_before_the_newer_request_is_handled() -> None:
    """Section 5.1: a candidate of a newer term finds the vote free."""
    _, response = answer_to_vote(follower(3, voted_for=s3), request_vote(4, source=s2))
    assert response.vote_granted


def test_vote_is_cleared_by_any_newer_message() -> None:
    """Section 5.1: votes are freed by replies of a newer term too, not by requests alone."""
    for message in (vote(4, granted=False), acknowledgement(4, 0), append_entries(4)):
        assert after(follower(3, voted_for=s3), message).voted_for is None


def test_newer_term_in_requests_and_replies_stops_a_leader() -> None:
    """Section 5.1: a deposed leader learns it from whatever reaches it first."""
    for message in (request_vote(4), append_entries(4), vote(4), acknowledgement(4, 0)):
        state = after(leader_of(3), message)
        assert (state.role, state.current_term) == (Role.FOLLOWER, 4)
        assert requests_in(sent(state, HeartbeatTimeout())) == ()


def test_leader_that_hears_another_of_its_term_fails_loudly() -> None:
    """Section 5.2: obeying would hide that Election Safety is broken."""
    with pytest.raises(TwoLeadersError, match="at most one server leads a term"):
        step(leader_of(3, (3,)), append_entries(3, (1, 3)))


def test_new_leader_sends_heartbeats_at_once() -> None:
    """Section 5.2: the last vote needed is answered with heartbeats to all."""
    messages = sent(candidate(3), vote(3))
    assert [request.destination for request in requests_in(messages)] == [s2, s3]


def test_heartbeats_carry_entries_to_a_follower_behind() -> None:
    """Section 5.3: nothing but heartbeats is needed for a follower to catch up."""
    state = leader_of(3, (1, 3), next_index=(3, 2, 3))
    requests = requests_in(sent(state, HeartbeatTimeout()))
    assert [request.entries for request in requests] == [(entry(2, 3),), ()]


def test_next_index_starts_behind_the_log_and_match_index_at_zero() -> None:
    """Section 5.3: a new leader hopes for the best, and counts on nothing."""
    state = after(candidate(3, (1, 2)), vote(3))
    assert state.next_index == (3, 3, 3)
    assert (state.match_index[s2], state.match_index[s3]) == (0, 0)


def test_reply_is_credited_with_what_was_sent() -> None:
    """Section 5.3: entries appended between a request and its reply are not acknowledged by it."""
    leader = after(candidate(3), vote(3))
    leader, messages = step(leader, ClientRequest("x"))
    _, response = answer_to_append(follower(3, server=s2), requests_in(messages)[0])
    leader = after(leader, ClientRequest("y"), response)
    assert (leader.match_index[s2], leader.next_index[s2], leader.commit_index) == (1, 2, 1)


def test_rejection_moves_next_index_back() -> None:
    """Section 5.3: a refused request is tried again from further back."""
    leader = leader_of(3, (1, 2, 3))
    request = append_entries(3, (3, 3), source=s1, destination=s2)
    _, refused = answer_to_append(follower(3, (1, 2), server=s2), request)
    assert after(leader, refused).next_index == (4, 3, 4)


def test_rejection_tells_where_to_go_on() -> None:
    """Section 5.3: a far shorter log is found with one refusal, not with one for each entry."""
    leader = leader_of(2, (1,) * 50)
    request = append_entries(2, (50, 1), source=s1, destination=s2)
    _, state, requests = replicate(leader, follower(1, (1,), server=s2), request)
    assert [each.prev_log_index for each in requests] == [50, 1]
    assert state.log == leader.log


def test_follower_deletes_a_conflicting_entry_and_all_after_it() -> None:
    """Section 5.3: after a conflict nothing is the leader's."""
    state = after(follower(3, (1, 2, 2, 2)), append_entries(3, (1, 1), (3,)))
    assert terms_of(state.log) == (1, 3)


def test_follower_deletes_nothing_without_a_conflict() -> None:
    """Section 5.3: a late, shorter request does not undo what a longer one has stored."""
    state = after(follower(3, (1, 2, 2, 2)), append_entries(3, (1, 1), (2,)), append_entries(3))
    assert terms_of(state.log) == (1, 2, 2, 2)


def test_leader_never_deletes_its_own_entries() -> None:
    """Section 5.3: neither elections nor answers shorten a leader's log."""
    elected = after(candidate(3, (1, 2)), vote(3))
    assert terms_of(elected.log) == (1, 2)
    for event in (acknowledgement(3, 1), HeartbeatTimeout(), ElectionTimeout(), vote(3)):
        assert terms_of(after(elected, event).log) == (1, 2)


def test_follower_commits_to_the_last_new_entry_at_most() -> None:
    """Section 5.3: the smaller of leader_commit and the last new entry's index."""
    before = follower(3, (1, 2, 2))
    assert after(before, append_entries(3, (1, 1), commit=3)).commit_index == 1
    assert after(before, append_entries(3, (1, 1), (2,), commit=1)).commit_index == 1


def test_only_own_terms_entries_are_committed_by_counting() -> None:
    """Section 5.4.2: an older entry on every server is not committed by that alone."""
    state = after(leader_of(3, (2,)), acknowledgement(3, 1), acknowledgement(3, 1, source=s3))
    assert state.commit_index == 0


def test_committed_entries_are_applied_once_and_in_order() -> None:
    """Section 5.3: on every server last_applied walks over each index once."""
    servers = happen(started(), s1, ElectionTimeout())
    applied: list[list[int]] = [[], [], []]
    for event in (ClientRequest("x"), HeartbeatTimeout(), HeartbeatTimeout(), ClientRequest("y")):
        before, servers = servers, happen(servers, s1, event)
        for old, new in zip(before, servers, strict=True):
            applied[new.server].extend(range(old.last_applied + 1, new.last_applied + 1))
    assert applied == [[1, 2], [1], [1]]


def test_repeated_request_is_applied_once() -> None:
    """Section 5.5: a duplicate of what a follower has applied changes nothing."""
    request = append_entries(3, (0, 0), (3, 3), commit=2)
    once = after(follower(3), request)
    assert (once.last_applied, once.log.last_index) == (2, 2)
    assert after(once, request) == once


def test_client_is_sent_to_the_leader() -> None:
    """Section 8: a server that does not lead names the leader, and stores nothing."""
    servers = happen(started(4), s4, ElectionTimeout())
    assert step(servers[s2], ClientRequest("x")) == (servers[s2], (NotLeader(s2, "x", s4),))


def test_unanswered_append_entries_is_retried() -> None:
    """Section 5.1: each heartbeat repeats what was not acknowledged."""
    state, messages = step(leader_of(3), ClientRequest("x"))
    assert sent(state, HeartbeatTimeout()) == messages


def test_unanswered_request_vote_is_retried() -> None:
    """Section 5.1: servers that did not answer are asked again, here with the next timeout."""
    state = after(candidate(3, servers=5), vote(3))
    assert request_vote(4, source=s1, destination=s3) in sent(state, ElectionTimeout())


def test_indexes_go_on_counting_behind_a_snapshot() -> None:
    """Section 7: discarding a prefix renumbers nothing."""
    log = compacted(log_of(1, 1, 2, 2), 3)
    assert (log.last_index, log.term_at(3), log.entry_at(4)) == (4, 2, entry(4, 2))
    assert log.appended((entry(5, 3),)).entry_at(5) == entry(5, 3)


def test_leader_sends_no_entries_under_wrong_indexes() -> None:
    """Section 7: later entries do not take the place of discarded ones."""
    leader = leader_of(2, (1, 1, 2, 2), commit=3, next_index=(5, 1, 5))
    leader = evolve(leader, log=compacted(leader.log, 3))
    lagging, level = sent(leader, HeartbeatTimeout())
    assert isinstance(lagging, InstallSnapshot)
    assert (lagging.last_included_index, lagging.last_included_term) == (3, 2)
    assert isinstance(level, AppendEntries)
    assert (level.prev_log_index, level.entries) == (4, ())


def test_restart_begins_at_the_snapshot() -> None:
    """Section 7: entries inside a snapshot are committed and applied already."""
    stored = PersistentState(current_term=2, log=compacted(log_of(1, 1, 2), 2))
    state = restart(s1, Configuration(servers=3), stored)
    assert (state.commit_index, state.last_applied) == (2, 2)
