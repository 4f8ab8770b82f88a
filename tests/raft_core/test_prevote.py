"""PreVote: who asks, who says yes, and what changes (hardly anything)."""

import pytest
from attrs import evolve

from raft_core import (
    ElectionTimeout,
    Index,
    Membership,
    PreVote,
    PreVoteResponse,
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
from tests.raft_core.build import (
    after,
    append_entries,
    candidate,
    featured,
    follower,
    leader_of,
    request_vote,
    sent,
    vote,
    with_membership,
)


def asking(term: Term = 2, *, servers: int = 3) -> State:
    """A follower with one entry whose election timer ran out."""
    return after(featured(follower(term, (1,), servers=servers), pre_vote=True), ElectionTimeout())


def yes(term: Term = 2, *, source: Server = s2, granted: bool = True) -> PreVoteResponse:
    """An answer to s1."""
    return PreVoteResponse(source, s1, term, granted)


def test_asks_before_it_stands() -> None:
    """A timeout changes neither term nor vote: every other voter is asked first."""
    before = featured(follower(2, (1, 1), leader=s3), pre_vote=True)
    state, messages = step(before, ElectionTimeout())
    assert (state.role, state.current_term, state.voted_for) == (Role.PRE_CANDIDATE, 2, None)
    assert state.leader is None
    assert messages == (PreVote(s1, s2, 2, 2, 1), PreVote(s1, s3, 2, 2, 1))


def test_candidate_asks_again_before_it_stands_again() -> None:
    """A split vote does not raise terms without end."""
    state = after(featured(candidate(3), pre_vote=True), ElectionTimeout())
    assert (state.role, state.current_term, state.votes_granted) == (Role.PRE_CANDIDATE, 3, ())


def test_stands_once_a_quorum_would_vote_for_it() -> None:
    """With its own, one yes of three is a majority: the real election begins."""
    state, messages = step(asking(), yes())
    assert (state.role, state.current_term, state.voted_for) == (Role.CANDIDATE, 3, s1)
    assert messages == tuple(
        request_vote(3, (1, 1), source=s1, destination=each) for each in (s2, s3)
    )


def test_waits_for_a_quorum() -> None:
    """Of five servers one yes is too few, said twice or not."""
    state = after(asking(servers=5), yes(), yes())
    assert (state.role, state.extensions.pre_votes) == (Role.PRE_CANDIDATE, (s1, s2))
    assert after(state, yes(source=s4)).role is Role.CANDIDATE


def test_refusals_do_not_count() -> None:
    """An answer that refuses the vote does not count."""
    assert after(asking(), yes(granted=False)).role is Role.PRE_CANDIDATE


@pytest.mark.parametrize("state", [follower(2), candidate(2), leader_of(2)])
def test_late_answers_start_no_election(state: State) -> None:
    """Only who asks in this term counts answers."""
    before = featured(state, pre_vote=True)
    assert step(before, yes()) == (before, ())


def test_answer_of_an_older_term_does_not_count() -> None:
    """It was a yes to an election in an older term."""
    assert after(asking(3), yes(2)).role is Role.PRE_CANDIDATE


def test_each_timeout_asks_anew() -> None:
    """Answers to the round before are forgotten, and the same servers are asked."""
    state = after(asking(servers=5), yes())
    again, messages = step(state, ElectionTimeout())
    assert again.extensions.pre_votes == (s1,)
    assert [getattr(message, "destination", None) for message in messages] == [s2, s3, s4, s5]


def test_leader_of_the_term_ends_the_question() -> None:
    """A leader's message makes a follower of a server that asks; late answers count no more."""
    state = after(asking(), append_entries(2, (1, 1)))
    assert (state.role, state.leader) == (Role.FOLLOWER, s2)
    assert after(state, yes()).role is Role.FOLLOWER


def test_only_server_stands_at_once() -> None:
    """Alone it is its own quorum, twice over."""
    state = asking(servers=1)
    assert (state.role, state.current_term) == (Role.LEADER, 3)


@pytest.mark.parametrize(
    ("term", "last", "granted"),
    [
        (2, (2, 1), True),
        (2, (1, 2), True),
        (2, (1, 1), False),
        (1, (9, 9), False),
    ],
    ids=["same log", "later term", "shorter log", "older term"],
)
def test_says_whether_it_would_vote(term: Term, last: tuple[Index, Term], granted: bool) -> None:
    """Section 5.4.1's restriction decides, in the current term, and nothing changes."""
    before = featured(follower(2, (1, 1)), pre_vote=True)
    answer = PreVoteResponse(s1, s2, 2, granted)
    assert step(before, PreVote(s2, s1, term, *last)) == (before, (answer,))


def test_vote_of_this_term_does_not_matter() -> None:
    """The question is about the next term, in which nobody has voted yet."""
    before = featured(follower(2, voted_for=s3), pre_vote=True)
    assert sent(before, PreVote(s2, s1, 2, 0, 0)) == (PreVoteResponse(s1, s2, 2, True),)


def test_several_may_get_a_yes() -> None:
    """A yes binds nobody."""
    before = featured(follower(2), pre_vote=True)
    state = after(before, PreVote(s2, s1, 2, 0, 0))
    assert sent(state, PreVote(s3, s1, 2, 0, 0)) == (PreVoteResponse(s1, s3, 2, True),)


def test_who_asks_gives_others_a_yes() -> None:
    """Two that ask at once do not block each other."""
    assert sent(asking(), PreVote(s3, s1, 2, 1, 1)) == (PreVoteResponse(s1, s3, 2, True),)


def test_newer_term_in_an_answer_is_adopted() -> None:
    """A server that was away learns the term without having raised it."""
    state = after(asking(), yes(7, granted=False))
    assert (state.role, state.current_term) == (Role.FOLLOWER, 7)


def test_who_asks_may_still_vote() -> None:
    """A pre-candidate has not voted for itself."""
    state = after(asking(), request_vote(2, (1, 1), source=s3))
    assert state.voted_for == s3


def test_votes_of_an_earlier_candidacy_do_not_elect_who_asks() -> None:
    """A pre-candidate is no candidate, though the term is the same."""
    state = after(featured(candidate(3), pre_vote=True), ElectionTimeout(), vote(3))
    assert state.role is Role.PRE_CANDIDATE


def test_only_voters_are_asked_and_counted() -> None:
    """A learner is not asked, and its yes would not count."""
    state = with_membership(
        featured(follower(2, servers=4), pre_vote=True), Membership((s1, s2, s3), (s4,))
    )
    state, messages = step(state, ElectionTimeout())
    assert [getattr(message, "destination", None) for message in messages] == [s2, s3]
    assert after(state, yes(source=s4)).role is Role.PRE_CANDIDATE


def test_own_yes_does_not_count_for_a_server_on_its_way_out() -> None:
    """Thesis 4.2.2: it may ask, but needs a majority of the others."""
    state = featured(follower(2, servers=4), pre_vote=True)
    state = with_membership(state, Membership((s2, s3, s4)))
    state = after(state, ElectionTimeout(), yes())
    assert state.role is Role.PRE_CANDIDATE
    assert after(state, yes(source=s3)).role is Role.CANDIDATE


def test_without_the_feature_a_timeout_is_an_election() -> None:
    """Figure 2 asks nobody."""
    state = featured(follower(2), no_op=True)
    assert after(state, ElectionTimeout()) == evolve(
        state, role=Role.CANDIDATE, current_term=3, voted_for=s1, votes_granted=(s1,)
    )
