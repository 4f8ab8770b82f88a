"""What a leader commits by counting, and how every server applies what is committed."""

import pytest
from attrs import evolve

from raft_core import (
    ClientRequest,
    ClientResponse,
    ElectionTimeout,
    Index,
    Role,
    State,
    Term,
    s1,
    s3,
    step,
)
from raft_core.commit import advance_commit_index, apply_committed, quorum_match_index
from tests.raft_core.build import (
    acknowledgement,
    after,
    append_entries,
    compacted,
    entry,
    follower,
    leader_of,
    sent,
)


@pytest.mark.parametrize(
    ("match", "index"),
    [
        ((7,), 7),
        ((7, 4), 4),
        ((7, 0, 4), 4),
        ((7, 3, 4), 4),
        ((9, 8, 3, 2), 3),
        ((9, 8, 3, 2, 1), 3),
        ((1, 9, 2, 8, 3), 3),
        ((6, 5, 4, 3, 2, 1), 3),
    ],
)
def test_quorum_holds_the_median_or_the_one_below(match: tuple[Index, ...], index: Index) -> None:
    """A majority holds everything up to this index; of an even number, more than half."""
    state = leader_of(1, (1,) * 9, servers=len(match), match=match)
    assert quorum_match_index(state) == index


def test_commits_when_a_majority_holds_the_entry() -> None:
    """The acknowledgement that completes a majority commits the entry."""
    state = leader_of(2, (2, 2), servers=5)
    state = after(state, acknowledgement(2, 2))
    assert state.commit_index == 0
    assert after(state, acknowledgement(2, 1, source=s3)).commit_index == 1


def test_half_of_an_even_cluster_commits_nothing() -> None:
    """Two copies among four servers are not a majority."""
    assert after(leader_of(2, (2,), servers=4), acknowledgement(2, 1)).commit_index == 0


@pytest.mark.parametrize(
    ("log_terms", "index"),
    [((1, 1), 0), ((1, 2), 2), ((1, 1, 2), 3), ((2, 2, 2), 3)],
)
def test_counts_only_for_entries_of_the_own_term(log_terms: tuple[Term, ...], index: Index) -> None:
    """An older entry is committed with the first own entry after it, and not before."""
    state = after(leader_of(2, log_terms), acknowledgement(2, len(log_terms)))
    assert state.commit_index == index


def test_older_entry_stays_open_below_an_own_entry_that_is_not_replicated() -> None:
    """A majority holds the older entry only, so nothing is committed yet."""
    assert after(leader_of(2, (1, 2)), acknowledgement(2, 1)).commit_index == 0


def test_commit_index_of_a_leader_never_falls() -> None:
    """A leader that committed as a follower knows more than its match_index shows."""
    state = leader_of(2, (2, 2, 2), commit=3, match=(3, 1, 1))
    assert advance_commit_index(state) == state


def test_only_a_leader_counts_copies() -> None:
    """Other servers learn of commitment from the leader."""
    state = evolve(leader_of(2, (2, 2), match=(2, 2, 2)), role=Role.FOLLOWER)
    assert advance_commit_index(state) == state


def test_lone_server_commits_at_once() -> None:
    """In a cluster of one, the own copy is a majority, and the client is answered."""
    state, messages = step(leader_of(1, servers=1), ClientRequest("x"))
    assert (state.commit_index, state.last_applied) == (1, 1)
    assert messages == (ClientResponse(s1, "x", 1),)


def test_applies_everything_committed() -> None:
    """What is committed is applied at once, up to the commit index and no further."""
    state, _ = apply_committed(evolve(follower(2, (1, 1, 2)), commit_index=2))
    assert (state.commit_index, state.last_applied) == (2, 2)


def test_applies_nothing_twice() -> None:
    """Where nothing new is committed, nothing is applied or answered."""
    state = leader_of(2, (2, 2), commit=2)
    assert apply_committed(state) == (state, ())


def test_leader_answers_in_the_order_of_the_log() -> None:
    """Clients are answered for each newly applied entry of this term, first to last."""
    state = leader_of(2, (2, 2, 2), commit=1, next_index=(4, 2, 2))
    assert sent(state, acknowledgement(2, 3)) == (
        ClientResponse(s1, str(entry(2, 2).command), 2),
        ClientResponse(s1, str(entry(3, 2).command), 3),
    )


def test_leader_answers_only_what_it_received_in_this_term() -> None:
    """Entries of older terms are applied in silence: their clients asked somebody else."""
    state, messages = step(leader_of(2, (1, 1, 2)), acknowledgement(2, 3))
    assert state.last_applied == 3
    assert messages == (ClientResponse(s1, str(entry(3, 2).command), 3),)


def test_answers_to_clients_come_behind_messages_to_servers() -> None:
    """A step that both sends on and commits sends on first."""
    state = leader_of(2, (2, 2), next_index=(3, 1, 1), max_entries=1)
    messages = sent(state, acknowledgement(2, 1))
    assert [type(message).__name__ for message in messages] == ["AppendEntries", "ClientResponse"]


def test_follower_answers_no_client() -> None:
    """A follower applies what the leader has committed and says so to nobody."""
    messages = sent(follower(2), append_entries(2, (0, 0), (2,), commit=1))
    assert [type(message).__name__ for message in messages] == ["AppendEntriesResponse"]


@pytest.mark.parametrize("state", [follower(1, (1,), commit=1), leader_of(1, (1,), commit=1)])
def test_newer_term_keeps_what_is_committed_and_applied(state: State) -> None:
    """Neither commit_index nor last_applied falls when a server follows a newer term."""
    behind = after(state, append_entries(4, (9, 9)))
    assert (behind.current_term, behind.commit_index, behind.last_applied) == (4, 1, 1)


def test_candidate_keeps_what_is_committed_and_applied() -> None:
    """Neither commit_index nor last_applied falls when a server stands for election."""
    state = after(follower(1, (1, 1), commit=2), ElectionTimeout())
    assert (state.commit_index, state.last_applied) == (2, 2)


def test_leader_commits_behind_a_snapshot() -> None:
    """Indexes go on counting after a discarded prefix: commitment and answers use them."""
    state = leader_of(2, (1, 1, 2, 2), commit=2)
    state = evolve(state, log=compacted(state.log, 2))
    behind, messages = step(state, acknowledgement(2, 4))
    assert (behind.commit_index, behind.last_applied) == (4, 4)
    assert [message.index for message in messages if isinstance(message, ClientResponse)] == [3, 4]
