"""The reference as a system: how servers react, and what becomes of inboxes within bounds."""

from itertools import permutations
from typing import Any

import pytest

from model.explorer.systems.raft import (
    AddMessages,
    DeliverAndKeep,
    RaftSystem,
    Restart,
    is_to_server,
    renamings_of,
)
from model.explorer.systems.system import IMPOSSIBLE, Outcome
from raft_core import ClientResponse, ElectionTimeout, HeartbeatTimeout, RequestVote, s1, s2, s3
from tests.model.explorer.cases import system


def reacted(made: RaftSystem, event: Any, server: int = s1) -> tuple[Outcome, ...]:
    """How a server that has just started reacts to an event."""
    return made.react(server, made.initial()[server], event)


def test_election_timeout_fills_the_inboxes_of_the_others() -> None:
    """A candidate asks each of the other servers for its vote (section 5.2)."""
    made = system(3)
    (outcome,) = reacted(made, ElectionTimeout())
    asked = {
        change.place: change.label.messages
        for change in outcome.changes
        if isinstance(change.label, AddMessages)
    }
    assert set(asked) == {made.layout.inbox_of(s2), made.layout.inbox_of(s3)}
    assert all(isinstance(each, RequestVote) for (each,) in asked.values())


@pytest.mark.parametrize("event", [HeartbeatTimeout(), Restart()])
def test_event_that_changes_nothing_is_no_move(event: Any) -> None:
    """A follower sends no heartbeats, and a server with an empty disk starts as it was."""
    assert reacted(system(3, restarts=1), event) == ()


def test_step_beyond_the_highest_term_is_not_made() -> None:
    """In the last term nobody stands for election again."""
    made = system(3)
    (candidate,) = reacted(made, ElectionTimeout())
    assert made.react(s1, candidate.value, ElectionTimeout()) == ()


def test_full_inbox_makes_the_move_impossible() -> None:
    """A twin of a message under way takes no room, and another message would need some."""
    made = system(3, max_inbox=1)
    first, second = (RequestVote(each, s1, 1, 0, 0) for each in (s2, s3))
    inbox = made.layout.inbox_of(s1)
    assert made.change(inbox, (first,), AddMessages((first,))) == (first,)
    assert made.change(inbox, (first,), AddMessages((second,))) is IMPOSSIBLE


def test_message_that_is_delivered_twice_has_the_same_effect_at_first() -> None:
    """The two events differ in what becomes of the inbox, and that is the offer's part."""
    message = RequestVote(s2, s1, 1, 0, 0)
    made = system(3, duplicates=1)
    once, kept = (reacted(made, event) for event in (message, DeliverAndKeep(message)))
    assert once == kept != ()


def test_change_that_no_place_knows_is_an_error() -> None:
    """A label of another system is a mistake in the program."""
    with pytest.raises(TypeError, match="found 'nonsense'"):
        system(2).change(0, None, "nonsense")


def test_answers_to_clients_go_to_no_server() -> None:
    """Clients are not explored."""
    assert not is_to_server(ClientResponse(s1, "v1", 1))
    assert is_to_server(RequestVote(s2, s1, 1, 0, 0))


def test_renamings_keep_the_first_voters_among_themselves() -> None:
    """A server that is to join later is not like one that votes from the start."""
    assert renamings_of(3, 0) == tuple(permutations(range(3)))
    assert renamings_of(3, 2) == ((0, 1, 2), (1, 0, 2))
