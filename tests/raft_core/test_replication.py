"""Log replication, one decision at a time, on the follower's side and on the leader's."""

import pytest
from attrs import evolve

from raft_core import (
    AppendEntries,
    AppendEntriesResponse,
    ClientRequest,
    Conflict,
    Entry,
    HeartbeatTimeout,
    Index,
    Role,
    State,
    Term,
    TwoLeadersError,
    s1,
    s2,
    s3,
    s4,
    step,
)
from tests.raft_core.build import (
    Position,
    acknowledgement,
    after,
    answer_to_append,
    append_entries,
    candidate,
    compacted,
    follower,
    leader_of,
    log_of,
    requests_in,
    sent,
    terms_of,
)


def refusal(
    term: Term, conflict_term: Term | None, first_index: Index, *, hinted: bool = True
) -> AppendEntriesResponse:
    """A refusal by s2, with the hint where to go on."""
    conflict = Conflict(conflict_term, first_index) if hinted else None
    return AppendEntriesResponse(s2, s1, term, success=False, conflict=conflict)


def test_rejects_a_leader_of_an_older_term() -> None:
    """An old leader is refused and told the current term, and nothing is stored."""
    before = follower(3, (1,))
    state, response = answer_to_append(before, append_entries(2, (1, 1), (2,), commit=2))
    assert response == AppendEntriesResponse(s1, s2, 3, success=False)
    assert state == before


def test_rejects_when_the_previous_entry_is_missing() -> None:
    """Entries that would leave a gap are refused, with the end of the log as a hint."""
    state, response = answer_to_append(follower(2, (1, 1)), append_entries(2, (3, 1), (2,)))
    assert not response.success
    assert response.conflict == Conflict(None, 3)
    assert terms_of(state.log) == (1, 1)


def test_rejects_when_previous_term_differs() -> None:
    """Another term at the previous index is a refusal that names that term's first index."""
    before = follower(4, (1, 2, 2, 2), leader=s2)
    state, response = answer_to_append(before, append_entries(4, (4, 3), (4,)))
    assert not response.success
    assert response.conflict == Conflict(2, 2)
    assert state == before


def test_rejection_acknowledges_nothing() -> None:
    """A refusal claims no agreement, whatever the request was about."""
    _, response = answer_to_append(follower(2, (1,)), append_entries(2, (3, 1), (2,), commit=4))
    assert response.match_index == 0


def test_rejection_commits_nothing() -> None:
    """The leader's commit index counts only for a log that is known to agree."""
    before = follower(2, (1, 1, 1))
    assert after(before, append_entries(2, (3, 2), (), commit=3)).commit_index == 0


@pytest.mark.parametrize("previous", [(0, 0), (1, 1)])
def test_previous_entry_covered_by_the_snapshot_matches(previous: Position) -> None:
    """Every leader has an entry that a snapshot covers, so only the rest is stored."""
    before = follower(2, (1, 1, 2), commit=2)
    before = evolve(before, log=compacted(before.log, 2))
    terms = (1, 1, 2, 2)[previous[0] :]
    state, response = answer_to_append(before, append_entries(2, previous, terms))
    assert response == acknowledgement(2, 4, source=s1, destination=s2)
    assert state.log == compacted(log_of(1, 1, 2, 2), 2)


def test_entries_covered_by_the_snapshot_are_skipped() -> None:
    """A late request that ends inside the snapshot stores and deletes nothing."""
    before = follower(2, (1, 1, 1, 2), commit=3, leader=s2)
    before = evolve(before, log=compacted(before.log, 3))
    state, response = answer_to_append(before, append_entries(2, (0, 0), (1, 1), commit=2))
    assert state == before
    assert response == acknowledgement(2, 2, source=s1, destination=s2)


def test_conflict_behind_the_snapshot_is_found() -> None:
    """Of a request that begins inside the snapshot, what follows it is compared as ever."""
    before = follower(3, (1, 1, 2, 2), commit=2)
    before = evolve(before, log=compacted(before.log, 2))
    state, _ = answer_to_append(before, append_entries(3, (1, 1), (1, 3)))
    assert state.log == compacted(log_of(1, 1, 3), 2)


def test_accepts_entries_behind_a_snapshot() -> None:
    """The snapshot's index and term serve as a previous entry."""
    before = follower(2, (1, 1, 2), commit=2)
    before = evolve(before, log=compacted(before.log, 2))
    state, response = answer_to_append(before, append_entries(2, (2, 1), (2, 2)))
    assert response == acknowledgement(2, 4, source=s1, destination=s2)
    assert state.log == compacted(log_of(1, 1, 2, 2), 2)


def test_appends_behind_a_matching_entry() -> None:
    """New entries stand where the leader has them, and the answer says up to where."""
    state, response = answer_to_append(follower(2, (1,)), append_entries(2, (1, 1), (1, 2)))
    assert response == acknowledgement(2, 3, source=s1, destination=s2)
    assert state.log == log_of(1, 1, 2)


def test_appends_to_an_empty_log() -> None:
    """Index 0 and term 0 match before the first entry."""
    assert after(follower(2), append_entries(2, (0, 0), (1, 2))).log == log_of(1, 2)


def test_truncates_from_the_first_conflict_on() -> None:
    """An entry of another term goes, with all after it, though the request is shorter."""
    before = follower(4, (1, 1, 2, 2, 2))
    state, response = answer_to_append(before, append_entries(4, (1, 1), (1, 3)))
    assert state.log == log_of(1, 1, 3)
    assert response.match_index == 3


def test_keeps_entries_behind_those_that_match() -> None:
    """A late request that ends before the log does deletes nothing."""
    before = follower(2, (1, 1, 2), leader=s2)
    state, response = answer_to_append(before, append_entries(2, (0, 0), (1,)))
    assert state == before
    assert response.match_index == 1


def test_heartbeat_keeps_the_log() -> None:
    """A heartbeat with an early previous entry deletes nothing after it."""
    before = follower(2, (1, 1, 2), leader=s2)
    state, response = answer_to_append(before, append_entries(2, (1, 1)))
    assert state == before
    assert response == acknowledgement(2, 1, source=s1, destination=s2)


def test_repeated_entries_are_stored_once() -> None:
    """The same request a second time changes nothing and gets the same answer."""
    request = append_entries(2, (1, 1), (1, 2), commit=2)
    once, response = answer_to_append(follower(2, (1,)), request)
    assert answer_to_append(once, request) == (once, response)


def test_stores_only_what_is_missing() -> None:
    """Entries that are there already are not appended again after themselves."""
    assert after(follower(2, (1, 1)), append_entries(2, (0, 0), (1, 1, 2))).log == log_of(1, 1, 2)


def test_follower_commits_up_to_the_leaders_commit_index() -> None:
    """What the leader has committed, the follower commits and applies."""
    state = after(follower(2, (1,)), append_entries(2, (1, 1), (2, 2), commit=2))
    assert (state.commit_index, state.last_applied) == (2, 2)


def test_follower_commits_no_further_than_the_last_new_entry() -> None:
    """Entries after those of the request may conflict with the leader's, so they stay open."""
    state = after(follower(3, (1, 2, 2, 2)), append_entries(3, (1, 1), (2,), commit=4))
    assert (state.commit_index, state.last_applied) == (2, 2)


def test_heartbeat_commits_up_to_its_previous_entry() -> None:
    """Without new entries, the previous one is the last that is known to agree."""
    assert after(follower(3, (1, 2, 2)), append_entries(3, (2, 2), commit=3)).commit_index == 2


def test_commit_index_of_a_follower_never_falls() -> None:
    """A late request with an older commit index or fewer entries takes nothing back."""
    before = follower(2, (1, 1, 2), commit=3, leader=s2)
    assert after(before, append_entries(2, (1, 1), (1,), commit=1)) == before
    assert after(before, append_entries(2, (0, 0), (1,), commit=9)) == before


@pytest.mark.parametrize("term", [2, 5], ids=["own term", "newer term"])
def test_recognises_the_sender_as_leader(term: Term) -> None:
    """The sender of AppendEntries leads, and is known even if its entries do not fit."""
    state = after(follower(2, (1,), leader=s3 if term > 2 else None), append_entries(term, (5, 1)))
    assert (state.role, state.leader, state.current_term) == (Role.FOLLOWER, s2, term)


def test_leader_refuses_to_hear_another_leader_of_its_term() -> None:
    """AppendEntries of the leader's own term is a broken cluster, and said so loudly."""
    with pytest.raises(TwoLeadersError, match=r"section 5\.2"):
        step(leader_of(3, (3,)), append_entries(3))


def test_leader_follows_the_leader_of_a_newer_term() -> None:
    """A deposed leader obeys like any follower, and drops its bookkeeping."""
    state, response = answer_to_append(leader_of(2, (1, 2, 2)), append_entries(3, (1, 1), (3,)))
    assert response.success
    assert (state.role, state.leader, state.log) == (Role.FOLLOWER, s2, log_of(1, 3))
    assert (state.next_index, state.match_index) == ((), ())


def test_leader_refuses_a_leader_of_an_older_term() -> None:
    """An old leader does not disturb its successor."""
    before = leader_of(3, (3,))
    state, response = answer_to_append(before, append_entries(2, (0, 0), (2,)))
    assert (state, response.success, response.term) == (before, False, 3)


def test_heartbeat_tells_the_previous_entry_and_the_commit_index() -> None:
    """A heartbeat to a follower that lacks nothing is empty and stands after the last entry."""
    messages = sent(leader_of(2, (1, 2), servers=4, commit=1), HeartbeatTimeout())
    assert messages == tuple(AppendEntries(s1, other, 2, 2, 2, (), 1) for other in (s2, s3, s4))


def test_heartbeat_carries_what_each_follower_lacks() -> None:
    """Each follower is sent the entries from its own next_index on."""
    state = leader_of(2, (1, 1, 2), next_index=(4, 3, 1))
    assert sent(state, HeartbeatTimeout()) == (
        append_entries(2, (2, 1), (2,), source=s1, destination=s2),
        append_entries(2, (0, 0), (1, 1, 2), source=s1, destination=s3),
    )


def test_request_carries_no_more_entries_than_set() -> None:
    """A request ends after max_entries entries."""
    state = leader_of(2, (1, 1, 2), next_index=(4, 1, 2), max_entries=2)
    assert [len(request.entries) for request in requests_in(sent(state, HeartbeatTimeout()))] == [
        2,
        2,
    ]


@pytest.mark.parametrize("state", [follower(2, (1,)), candidate(2, (1,))])
def test_only_a_leader_sends_heartbeats(state: State) -> None:
    """A heartbeat timer of any other server does nothing."""
    assert step(state, HeartbeatTimeout()) == (state, ())


def test_leader_appends_a_clients_command() -> None:
    """The command stands at the log's end in the leader's term, and counts for the leader."""
    state = after(leader_of(3, (1, 2), server=s2), ClientRequest("x"))
    assert state.log.entry_at(3) == Entry(3, "x")
    assert state.match_index == (0, 3, 0)


def test_leader_replicates_a_clients_command_at_once() -> None:
    """Every other server is sent the command without a heartbeat's delay."""
    messages = sent(leader_of(3, (1,), servers=4), ClientRequest("x"))
    assert messages == tuple(
        AppendEntries(s1, other, 3, 1, 1, (Entry(3, "x"),), 0) for other in (s2, s3, s4)
    )


def test_acknowledgement_is_remembered() -> None:
    """A success moves match_index to what was acknowledged, and next_index after it."""
    state = after(leader_of(3, (1, 2, 2), next_index=(4, 1, 1)), acknowledgement(3, 2))
    assert (state.match_index, state.next_index) == ((3, 2, 0), (4, 3, 1))


def test_acknowledgement_is_credited_with_what_was_sent() -> None:
    """Entries that the leader appended since the request are not acknowledged by its answer."""
    state = after(leader_of(3, (1,)), ClientRequest("x"), acknowledgement(3, 1))
    assert state.match_index == (2, 1, 0)
    assert state.commit_index == 0


def test_late_acknowledgement_moves_nothing_back() -> None:
    """An answer to an older request leaves match_index and next_index where they are."""
    before = leader_of(3, (1, 2, 2, 3), match=(4, 3, 0), next_index=(5, 5, 5))
    assert step(before, acknowledgement(3, 1)) == (before, ())


def test_acknowledgement_of_an_older_term_is_ignored() -> None:
    """What was acknowledged in an older term may have been overwritten since."""
    before = leader_of(3, (1, 3))
    assert step(before, acknowledgement(2, 2)) == (before, ())


@pytest.mark.parametrize("state", [follower(3, (3,)), candidate(3, (3,))])
def test_answer_to_a_server_that_does_not_lead_is_ignored(state: State) -> None:
    """Answers that outlive the leadership change nothing."""
    assert step(state, acknowledgement(3, 1)) == (state, ())
    assert step(state, refusal(3, None, 1)) == (state, ())


def test_acknowledgement_is_followed_by_what_still_lacks() -> None:
    """A follower that has more to fetch is sent the next entries without delay."""
    state = leader_of(2, (1, 1, 2), next_index=(4, 1, 1), max_entries=1)
    assert sent(state, acknowledgement(2, 1)) == (
        append_entries(2, (1, 1), (1,), source=s1, destination=s2),
    )
    assert len(sent(state, acknowledgement(2, 2))) == 1


def test_acknowledgement_of_everything_ends_the_exchange() -> None:
    """A follower that holds the whole log is sent nothing until there is more."""
    assert requests_in(sent(leader_of(2, (1, 2)), acknowledgement(2, 2))) == ()


def test_refusal_of_a_short_log_goes_on_behind_its_end() -> None:
    """A follower whose log is too short is sent everything after its end."""
    state, messages = step(leader_of(4, (1, 1, 4, 4, 4)), refusal(4, None, 3))
    assert state.next_index == (6, 3, 6)
    assert messages == (append_entries(4, (2, 1), (4, 4, 4), source=s1, destination=s2),)


def test_refusal_goes_on_behind_the_last_entry_of_the_conflicting_term() -> None:
    """Where the leader knows the conflicting term, it goes on after its last such entry."""
    state = after(leader_of(5, (1, 2, 2, 4, 4)), refusal(5, 2, 2))
    assert state.next_index == (6, 4, 6)


def test_refusal_skips_a_term_that_the_leader_never_saw() -> None:
    """Where the leader lacks the conflicting term, it skips all of the follower's entries of it."""
    state = after(leader_of(5, (1, 1, 4, 4, 4)), refusal(5, 3, 2))
    assert state.next_index == (6, 2, 6)


def test_refusal_always_moves_back_by_one_at_least() -> None:
    """Whatever the hint says, the same request is not sent again."""
    state = leader_of(5, (1, 2, 4, 4, 4))
    assert after(state, refusal(5, None, 9)).next_index == (6, 5, 6)
    assert after(state, refusal(5, None, 6)).next_index == (6, 5, 6)
    assert after(state, refusal(5, 4, 5)).next_index == (6, 5, 6)


def test_refusal_looks_for_the_term_only_below_next_index() -> None:
    """An entry of the conflicting term that was already tried is no place to go on from."""
    state = leader_of(5, (1, 2, 2, 4), next_index=(5, 3, 5))
    assert after(state, refusal(5, 2, 1)).next_index == (5, 2, 5)
    state = leader_of(5, (1, 1, 2, 2), next_index=(5, 3, 5))
    assert after(state, refusal(5, 2, 1)).next_index == (5, 1, 5)


def test_late_refusal_does_not_undo_an_acknowledgement() -> None:
    """Entries that a follower has acknowledged are never tried again."""
    before = leader_of(5, (1, 2, 2, 4), match=(4, 2, 0), next_index=(5, 4, 5))
    assert after(before, refusal(5, None, 1)).next_index == (5, 3, 5)
    settled = leader_of(5, (1, 2, 2, 4), match=(4, 2, 0), next_index=(5, 3, 5))
    assert step(settled, refusal(5, None, 1)) == (settled, ())


def test_refusal_never_goes_before_the_first_entry() -> None:
    """The first entry is the earliest that can be sent."""
    state = leader_of(5, (4, 4), next_index=(3, 2, 3))
    assert after(state, refusal(5, None, 0)).next_index == (3, 1, 3)


def test_refusal_without_a_hint_is_an_old_one() -> None:
    """A refusal of a request of an older term may reach the leader of its term: it is ignored."""
    before = leader_of(5, (1, 4))
    assert step(before, refusal(5, 1, 1, hinted=False)) == (before, ())


def test_refusal_of_an_older_term_is_ignored() -> None:
    """What did not fit in an older term says nothing about this one."""
    before = leader_of(5, (1, 4))
    assert step(before, refusal(4, 1, 1)) == (before, ())


def test_refusal_of_a_newer_term_deposes_the_leader() -> None:
    """A leader that hears of a newer term sends nothing more."""
    state, messages = step(leader_of(5, (1, 4)), refusal(6, None, 1, hinted=False))
    assert (state.role, state.current_term, messages) == (Role.FOLLOWER, 6, ())


def test_answer_changes_only_the_follower_that_sent_it() -> None:
    """An answer moves the indexes of its sender alone."""
    before = leader_of(5, (1, 4), servers=4, match=(2, 0, 1, 0), next_index=(3, 2, 2, 3))
    state = after(before, acknowledgement(5, 2, source=s4))
    assert (state.match_index, state.next_index) == ((2, 0, 1, 2), (3, 2, 2, 3))
