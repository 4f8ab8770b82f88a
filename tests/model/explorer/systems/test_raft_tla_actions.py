"""The actions of Ongaro's specification, one at a time."""

from typing import Any

import pytest
from attrs import evolve

from model.explorer.systems.raft_tla_actions import (
    Entry,
    Log,
    Message,
    RequestVoteResponse,
    ServerVariables,
)
from raft_core import Role, s1, s2, s3
from tests.model.explorer.systems.raft_tla_states import (
    NEW,
    NOTHING,
    OLD,
    REQUEST,
    WIDE,
    Reached,
    answer,
    candidate,
    generated,
    leader,
    reached,
    received_by,
    state_of,
    variables,
    vote,
    vote_request,
)


def test_restart_keeps_term_vote_and_log_alone() -> None:
    """Restart(i) makes an initial server of all the rest."""
    kept = {"current_term": 2, "voted_for": s3, "log": (OLD,)}
    lost = {"commit_index": 1, "votes_granted": frozenset({s1}), "next_index": (2, 2, 2)}
    first = generated("Restart", state_of(variables(state=Role.LEADER, **kept, **lost)))[0]
    assert first.state == state_of(variables(**kept))


def test_step_that_changes_nothing_is_generated() -> None:
    """All servers may restart, and TLC counts the same state three times."""
    initial = WIDE.initial()
    assert [each.state for each in generated("Restart", initial)] == [initial] * 3


def test_timeout_starts_an_election_without_a_vote() -> None:
    """Timeout(i) leaves the candidate's own vote to a message that it sends to itself."""
    before = candidate(voted_for=s1, votes_granted=frozenset({s1}), voter_log=frozenset({(s1, ())}))
    after = generated("Timeout", state_of(before))[0].state
    assert after == state_of(evolve(candidate(), current_term=3))


def test_leader_does_not_time_out() -> None:
    """Timeout(i) is for followers and candidates."""
    assert len(generated("Timeout", state_of(leader()))) == 2


def test_candidate_asks_all_who_have_not_answered() -> None:
    """RequestVote(i, j) has i = j too, and no j that is in votesResponded."""
    before = candidate(log=(OLD,), votes_responded=frozenset({s2}))
    sent = [list(each.messages) for each in reached("RequestVote", before)]
    asked = {"mlast_log_term": 1, "mlast_log_index": 1}
    assert sent == [[vote_request(s1, to, **asked)] for to in (s1, s3)]


@pytest.mark.parametrize(
    ("next_index", "commit_index", "expected"),
    [
        (1, 2, {"mentries": (OLD,), "mcommit_index": 1}),
        (
            2,
            1,
            {
                "mprev_log_index": 1,
                "mprev_log_term": 1,
                "mentries": (NEW,),
                "mcommit_index": 1,
            },
        ),
        (3, 2, {"mprev_log_index": 2, "mprev_log_term": 2, "mentries": (), "mcommit_index": 2}),
    ],
)
def test_leader_sends_others_up_to_one_entry(
    next_index: int, commit_index: int, expected: dict[str, Any]
) -> None:
    """AppendEntries(i, j) sends what nextIndex says, and commits no further than that."""
    before = leader(log=(OLD, NEW), next_index=(next_index,) * 3, commit_index=commit_index)
    sent = [list(each.messages) for each in reached("AppendEntries", before)]
    request = evolve(REQUEST, msource=s1, **expected)
    assert sent == [[evolve(request, mdest=s2)], [evolve(request, mdest=s3)]]


def test_quorum_of_votes_makes_a_leader() -> None:
    """BecomeLeader(i) waits for more than half of the servers."""
    won = candidate(votes_granted=frozenset({s2, s3}), log=(OLD,), match_index=(1, 1, 1))
    after = [each.variables for each in reached("BecomeLeader", won)]
    assert after == [evolve(won, state=Role.LEADER, next_index=(2, 2, 2), match_index=(0, 0, 0))]
    assert reached("BecomeLeader", candidate(votes_granted=frozenset({s1}))) == []


def test_leader_takes_each_value() -> None:
    """ClientRequest(i, v) appends v in the leader's term, for each of the values."""
    found = generated("ClientRequest", state_of(leader()), evolve(WIDE, values=2))
    assert [each.outcome and each.outcome.value.log for each in found] == [
        (Entry(2, 0),),
        (Entry(2, 1),),
    ]


@pytest.mark.parametrize(
    ("log", "match_index", "expected"),
    [
        ((OLD, NEW), (0, 2, 0), 2),
        ((OLD, NEW), (0, 0, 1), 0),
        ((OLD, NEW, NEW), (0, 3, 2), 3),
        ((OLD, NEW, NEW), (3, 0, 0), 0),
    ],
)
def test_leader_commits_what_a_quorum_has_of_its_own_term(
    log: Log, match_index: tuple[int, ...], expected: int
) -> None:
    """AdvanceCommitIndex(i) counts the leader itself, and is enabled in any case."""
    before = leader(log=log, match_index=match_index)
    after = [each.variables for each in reached("AdvanceCommitIndex", before)]
    assert after == [evolve(before, commit_index=expected)]


@pytest.mark.parametrize("message", [vote_request(), vote(True), REQUEST, answer(True, 1)])
def test_newer_term_is_taken_before_the_message_is_handled(message: Message) -> None:
    """UpdateTerm leaves the message in flight, and is all that can be received then."""
    before = variables(state=Role.LEADER, voted_for=s1, commit_index=1)
    after = evolve(before, current_term=2, state=Role.FOLLOWER, voted_for=None)
    assert reached("UpdateTerm", before, message) == [Reached(after, {message: 1}, None)]
    assert received_by(state_of(before, [message])) == ["UpdateTerm"]


@pytest.mark.parametrize(
    ("before", "granted"),
    [
        (variables(current_term=2), True),
        (variables(current_term=2, voted_for=s2), True),
        (variables(current_term=2, voted_for=s3), False),
        (variables(current_term=2, log=(OLD,)), False),
        (variables(current_term=3), False),
    ],
)
def test_vote_is_granted_once_and_to_logs_up_to_date(
    before: ServerVariables, granted: bool
) -> None:
    """HandleRequestVoteRequest replies in any case, in the receiver's term."""
    response = RequestVoteResponse(
        mterm=before.current_term, mvote_granted=granted, mlog=None, msource=s1, mdest=s2
    )
    after = evolve(before, voted_for=s2) if granted else before
    branch = "grant" if granted else "~grant"
    found = reached("HandleRequestVoteRequest", before, vote_request())
    assert found == [Reached(after, {response: 1}, branch)]


@pytest.mark.parametrize("message", [vote(True, term=1), answer(True, 1, term=1)])
def test_stale_response_is_dropped(message: Message) -> None:
    """DropStaleResponse is all that happens to a response of an older term."""
    before = leader()
    assert reached("DropStaleResponse", before, message) == [Reached(before, {}, None)]
    assert received_by(state_of(before, [message])) == ["DropStaleResponse"]


@pytest.mark.parametrize("before", [candidate(), leader(), variables(current_term=2)])
@pytest.mark.parametrize("granted", [True, False])
def test_votes_are_tallied_in_any_state(before: ServerVariables, granted: bool) -> None:
    """HandleRequestVoteResponse asks for the term alone."""
    granters = frozenset({s2} if granted else {})
    after = evolve(before, votes_responded=frozenset({s2}), votes_granted=granters)
    found = reached("HandleRequestVoteResponse", before, vote(granted))
    assert found == [Reached(after, {}, None)]


def test_first_log_of_a_voter_stays() -> None:
    """In f @@ g, what f says is not changed by g."""
    before, after = candidate(), candidate(voter_log=frozenset({(s2, (OLD,))}))
    for log in ((OLD,), (OLD, NEW)):
        found = reached("HandleRequestVoteResponse", before, vote(True, log=log))
        before = evolve(candidate(), voter_log=found[0].variables.voter_log)
        assert before == after


@pytest.mark.parametrize(
    ("before", "request_changes", "after_changes", "match", "branch"),
    [
        ({"current_term": 3}, {}, {}, 0, "reject request"),
        ({}, {"mprev_log_index": 1, "mprev_log_term": 1}, {}, 0, "reject request"),
        (
            {"log": (OLD,)},
            {"mprev_log_index": 1, "mprev_log_term": 2},
            {},
            0,
            "reject request",
        ),
        (
            {"state": Role.CANDIDATE},
            {"mprev_log_index": 1},
            {"state": Role.FOLLOWER},
            None,
            "return to follower state",
        ),
        (
            {"log": (NEW,), "commit_index": 1},
            {},
            {"commit_index": 0},
            1,
            "already done with request",
        ),
        ({"log": (OLD,)}, {"mentries": ()}, {}, 0, "already done with request"),
        ({"log": (OLD, OLD)}, {}, {"log": (OLD,)}, None, "conflict: remove 1 entry"),
        ({}, {}, {"log": (NEW,)}, None, "no conflict: append entry"),
    ],
)
def test_request_is_accepted_in_single_steps(
    before: dict[str, Any],
    request_changes: dict[str, Any],
    after_changes: dict[str, Any],
    match: int | None,
    branch: str,
) -> None:
    """HandleAppendEntriesRequest replies when all is done, and until then leaves the request."""
    mine = variables(**{"current_term": 2, **before})
    request = evolve(REQUEST, **request_changes)
    success = branch == "already done with request"
    response = evolve(answer(success, match or 0, mine.current_term), msource=s1, mdest=s2)
    messages: dict[Message, int] = {request: 1} if match is None else {response: 1}
    found = reached("HandleAppendEntriesRequest", mine, request)
    assert found == [Reached(evolve(mine, **after_changes), messages, branch)]


def test_leader_has_no_branch_for_a_request_of_its_own_term() -> None:
    """Nothing of Receive is enabled then, and nothing is generated."""
    assert received_by(state_of(leader(), [REQUEST])) == []


@pytest.mark.parametrize(
    ("message", "next_index", "match_index"),
    [
        (answer(True, 2), (3, 3, 3), (0, 2, 0)),
        (answer(False, 0), (3, 2, 3), (0, 0, 0)),
    ],
)
def test_response_moves_what_is_sent_next(
    message: Message, next_index: tuple[int, ...], match_index: tuple[int, ...]
) -> None:
    """HandleAppendEntriesResponse goes on after a match, or one entry back."""
    before = leader(log=(OLD, NEW), next_index=(3, 3, 3))
    found = reached("HandleAppendEntriesResponse", before, message)
    assert [each.variables for each in found] == [
        evolve(before, next_index=next_index, match_index=match_index)
    ]
    assert found[0].messages == {}


def test_next_index_does_not_fall_below_one() -> None:
    """Max({nextIndex[i][j] - 1, 1})."""
    found = reached("HandleAppendEntriesResponse", leader(), answer(False, 0))
    assert found[0].variables == leader()


def test_network_duplicates_and_drops() -> None:
    """DuplicateMessage adds a copy, DropMessage takes one, and the last one leaves the domain."""
    message = vote(True)
    assert reached("DuplicateMessage", NOTHING, message)[0].messages == {message: 2}
    assert reached("DropMessage", NOTHING, message)[0].messages == {}
    twice = (*[NOTHING] * 3, ((message, 2),))
    assert [each.state for each in generated("DropMessage", twice)] == [
        state_of(NOTHING, [message])
    ]
