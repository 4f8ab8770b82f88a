"""Elections, one decision at a time: who is asked, who gets a vote, whose vote counts."""

import pytest
from attrs import evolve

from raft_core import (
    AppendEntries,
    ElectionTimeout,
    Index,
    RequestVote,
    Role,
    Server,
    State,
    Term,
    s1,
    s2,
    s3,
    s4,
    s5,
    step,
)
from raft_core.election import become_follower, is_elected, with_vote
from tests.raft_core.build import (
    after,
    answer_to_vote,
    append_entries,
    candidate,
    compacted,
    follower,
    leader_of,
    request_vote,
    sent,
    vote,
)


def test_timeout_makes_a_candidate_of_the_next_term() -> None:
    """A follower whose timer runs out enters the next term as a candidate."""
    state = after(follower(4, (1, 4)), ElectionTimeout())
    assert (state.role, state.current_term) == (Role.CANDIDATE, 5)


def test_candidate_votes_for_itself() -> None:
    """A new candidate casts its vote of the term for itself, and counts it."""
    state = after(follower(4, server=s3, voted_for=s2), ElectionTimeout())
    assert state.voted_for == s3
    assert state.votes_granted == (s3,)


def test_candidate_knows_no_leader() -> None:
    """The leader of the old term is not the leader of the new one."""
    assert after(follower(4, leader=s2), ElectionTimeout()).leader is None


def test_candidate_asks_every_other_server_in_order() -> None:
    """RequestVote goes to all others, in ascending order, with the end of the log."""
    messages = sent(follower(4, (1, 2, 4), server=s2, servers=4), ElectionTimeout())
    assert messages == tuple(RequestVote(s2, other, 5, 3, 4) for other in (s1, s3, s4))


def test_candidate_with_an_empty_log_tells_index_and_term_zero() -> None:
    """Without entries the last index and term are both 0."""
    assert RequestVote(s1, s2, 1, 0, 0) in sent(follower(0), ElectionTimeout())


def test_candidate_tells_the_snapshot_where_no_entry_is_kept() -> None:
    """Behind a snapshot the log's end is the snapshot's position."""
    state = follower(4, (1, 2, 4))
    state = evolve(state, log=compacted(state.log, 3))
    assert RequestVote(s1, s2, 5, 3, 4) in sent(state, ElectionTimeout())


def test_candidate_starts_anew_when_time_runs_out() -> None:
    """A second timeout begins an election in yet another term, without the old votes."""
    state = after(candidate(4, servers=5, votes=(s1, s2)), ElectionTimeout())
    assert (state.role, state.current_term) == (Role.CANDIDATE, 5)
    assert state.votes_granted == (s1,)


def test_leader_ignores_its_election_timer() -> None:
    """A leader does not start an election."""
    state = leader_of(4, (4,))
    assert step(state, ElectionTimeout()) == (state, ())


def test_lone_server_elects_itself() -> None:
    """In a cluster of one, the own vote is a majority."""
    state, messages = step(follower(0, servers=1), ElectionTimeout())
    assert (state.role, state.current_term, messages) == (Role.LEADER, 1, ())


def test_two_servers_need_both_votes() -> None:
    """In a cluster of two, the own vote is no majority."""
    assert after(follower(0, servers=2), ElectionTimeout()).role is Role.CANDIDATE


def test_grants_a_free_vote() -> None:
    """A server that has not voted votes for an up-to-date candidate, and remembers it."""
    state, response = answer_to_vote(follower(2), request_vote(2))
    assert response == vote(2, source=s1, destination=s2)
    assert state.voted_for == s2


def test_grants_the_same_candidate_again() -> None:
    """A repeated request gets the same answer and changes nothing."""
    before = follower(2, voted_for=s2)
    state, response = answer_to_vote(before, request_vote(2))
    assert response.vote_granted
    assert state == before


def test_refuses_a_second_candidate_in_the_same_term() -> None:
    """A vote that is given away stays with the first candidate."""
    before = follower(2, voted_for=s3)
    state, response = answer_to_vote(before, request_vote(2, (9, 2)))
    assert not response.vote_granted
    assert state == before


def test_refuses_a_candidate_of_an_older_term() -> None:
    """An old candidate is refused and told the current term, though the vote is free."""
    before = follower(3)
    state, response = answer_to_vote(before, request_vote(2, (9, 2)))
    assert response == vote(3, granted=False, source=s1, destination=s2)
    assert state == before


def test_refuses_an_older_candidate_that_it_once_voted_for() -> None:
    """A request of an older term is refused even from the server voted for in this one."""
    _, response = answer_to_vote(follower(3, voted_for=s2), request_vote(2))
    assert not response.vote_granted


@pytest.mark.parametrize("state", [candidate(3), leader_of(3)], ids=["candidate", "leader"])
def test_candidate_and_leader_keep_their_vote(state: State) -> None:
    """A server that stood for election in a term votes for no other in it."""
    behind, response = answer_to_vote(state, request_vote(3, (9, 3)))
    assert not response.vote_granted
    assert behind == state


@pytest.mark.parametrize(
    ("last", "granted"),
    [
        ((3, 2), True),
        ((4, 2), True),
        ((2, 2), False),
        ((1, 3), True),
        ((9, 1), False),
        ((0, 0), False),
    ],
    ids=["equal", "longer", "shorter", "later term", "longer, older term", "empty"],
)
def test_votes_only_for_logs_as_up_to_date(last: tuple[Index, Term], granted: bool) -> None:
    """The later last term wins, and with equal last terms the longer log."""
    state, response = answer_to_vote(follower(4, (1, 1, 2)), request_vote(4, last))
    assert response.vote_granted is granted
    assert state.voted_for == (s2 if granted else None)


def test_compares_with_the_snapshot_where_no_entry_is_kept() -> None:
    """A log that is all snapshot is as up-to-date as the entries that it covers."""
    state = follower(4, (1, 1, 2))
    state = evolve(state, log=compacted(state.log, 3))
    assert not answer_to_vote(state, request_vote(4, (2, 2)))[1].vote_granted
    assert answer_to_vote(state, request_vote(4, (3, 2)))[1].vote_granted


def test_newer_term_frees_the_vote_before_the_request_is_judged() -> None:
    """A vote of an older term does not stand against a candidate of a newer one."""
    state, response = answer_to_vote(follower(2, voted_for=s3), request_vote(3))
    assert response == vote(3, source=s1, destination=s2)
    assert (state.current_term, state.voted_for) == (3, s2)


def test_newer_term_is_kept_though_the_vote_is_refused() -> None:
    """A refused candidate's term counts all the same, and leaves the vote free."""
    state, response = answer_to_vote(follower(2, (1, 2), voted_for=s3), request_vote(5, (1, 1)))
    assert response == vote(5, granted=False, source=s1, destination=s2)
    assert (state.current_term, state.voted_for) == (5, None)


def test_majority_makes_a_leader() -> None:
    """The vote that completes a majority of three makes a leader of the candidate."""
    state = after(candidate(3), vote(3))
    assert (state.role, state.leader, state.current_term) == (Role.LEADER, s1, 3)
    assert state.votes_granted == ()


@pytest.mark.parametrize(
    ("servers", "votes", "elected"),
    [
        (1, 1, True),
        (2, 1, False),
        (2, 2, True),
        (3, 1, False),
        (3, 2, True),
        (4, 2, False),
        (4, 3, True),
        (5, 2, False),
        (5, 3, True),
        (9, 4, False),
        (9, 5, True),
    ],
)
def test_majority_is_more_than_half(servers: int, votes: int, elected: bool) -> None:
    """Half of an even cluster is not a majority."""
    granted = tuple(Server(position) for position in range(votes))
    assert is_elected(candidate(1, servers=servers, votes=granted)) is elected


def test_minority_leaves_a_candidate() -> None:
    """Two votes of five are counted, and not enough."""
    state, messages = step(candidate(3, servers=5), vote(3))
    assert (state.role, messages) == (Role.CANDIDATE, ())
    assert state.votes_granted == (s1, s2)


def test_repeated_vote_counts_once() -> None:
    """Votes are counted by voter: the same answer three times is one vote."""
    state = after(candidate(3, servers=5), vote(3), vote(3), vote(3))
    assert (state.role, state.votes_granted) == (Role.CANDIDATE, (s1, s2))


def test_votes_stand_in_order_of_servers() -> None:
    """The same voters make the same state, in whatever order their answers came."""
    assert (
        with_vote(with_vote((s1,), s5), s3) == with_vote(with_vote((s1,), s3), s5) == (s1, s3, s5)
    )


def test_refusal_is_no_vote() -> None:
    """A refused vote changes nothing."""
    before = candidate(3)
    assert step(before, vote(3, granted=False)) == (before, ())


def test_vote_of_an_older_term_does_not_count() -> None:
    """A late vote for an earlier candidacy is not a vote for this one."""
    before = candidate(3)
    assert step(before, vote(2)) == (before, ())


@pytest.mark.parametrize("state", [follower(3, voted_for=s1), leader_of(3, (3,))])
def test_vote_to_a_server_that_is_not_asking_changes_nothing(state: State) -> None:
    """A vote that comes after the election is decided, or after a restart, is ignored."""
    assert step(state, vote(3)) == (state, ())


def test_refusal_of_a_newer_term_ends_a_candidacy() -> None:
    """A candidate that hears of a newer term follows, and has not voted in it."""
    state = after(candidate(3), vote(4, granted=False))
    assert (state.role, state.current_term, state.voted_for) == (Role.FOLLOWER, 4, None)
    assert state.votes_granted == ()


def test_granted_vote_of_a_newer_term_elects_nobody() -> None:
    """No vote of a newer term can be meant for this candidacy."""
    assert after(candidate(3), vote(4)).role is Role.FOLLOWER


def test_new_leader_assumes_that_followers_hold_its_log() -> None:
    """Each next_index is one after the leader's last index."""
    assert after(candidate(3, (1, 2)), vote(3)).next_index == (3, 3, 3)


def test_new_leader_knows_only_its_own_entries() -> None:
    """Each match_index is 0 but the leader's own."""
    assert after(candidate(3, (1, 2), server=s3), vote(3, destination=s3)).match_index == (0, 0, 2)


def test_new_leader_sends_heartbeats_at_once() -> None:
    """The election's last vote is answered with an empty AppendEntries to every other server."""
    messages = sent(candidate(3, (1, 2), servers=4, votes=(s1, s3)), vote(3))
    assert messages == tuple(AppendEntries(s1, other, 3, 2, 2, (), 0) for other in (s2, s3, s4))


def test_new_leader_commits_nothing_by_being_elected() -> None:
    """Entries of older terms stay uncommitted though the new leader holds them."""
    assert after(candidate(3, (1, 2)), vote(3)).commit_index == 0


def test_candidate_yields_to_the_leader_of_its_term() -> None:
    """AppendEntries of the own term ends a candidacy: the other one has won."""
    state = after(candidate(3, servers=5, votes=(s1, s4)), append_entries(3))
    assert (state.role, state.leader, state.votes_granted) == (Role.FOLLOWER, s2, ())
    assert state.voted_for == s1


def test_candidate_ignores_the_leader_of_an_older_term() -> None:
    """AppendEntries of an older term does not end a candidacy."""
    before = candidate(3)
    assert after(before, append_entries(2)) == before


def test_following_in_the_same_term_keeps_the_vote_and_the_leader() -> None:
    """Only a newer term frees the vote and forgets the leader."""
    state = become_follower(follower(3, voted_for=s2, leader=s3), 3)
    assert (state.voted_for, state.leader) == (s2, s3)


def test_following_in_a_newer_term_forgets_vote_and_leader() -> None:
    """The newer term has seen no vote of this server and no leader yet."""
    state = become_follower(follower(3, voted_for=s2, leader=s3), 4)
    assert (state.current_term, state.voted_for, state.leader) == (4, None, None)
