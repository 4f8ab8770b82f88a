"""Messages and events: values that print as the Python that makes them."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import raft_core
from raft_core import AppendEntriesResponse, Message, RequestVoteResponse, s1, s2
from tests.raft_core.arbitrary import events, states
from tests.raft_core.build import acknowledgement, append_entries, request_vote, vote


@given(st.data())
def test_event_prints_as_python_that_makes_it_again(data: st.DataObject) -> None:
    """Evaluating an event's repr with raft_core's names gives an equal event."""
    event = data.draw(states().flatmap(events))
    assert eval(repr(event), vars(raft_core)) == event


@pytest.mark.parametrize(
    "message", [request_vote(1), vote(1), append_entries(1), acknowledgement(1, 1)]
)
def test_message_says_where_from_where_to_and_in_which_term(message: Message) -> None:
    """Source, destination and term come first in every message between servers."""
    names = [known.name for known in attrs.fields(type(message))]
    assert names[:3] == ["source", "destination", "term"]


def test_messages_of_different_types_are_never_equal() -> None:
    """A request is not equal to another type of message with the same fields."""
    messages: set[Message] = {
        RequestVoteResponse(s1, s2, 1, True),
        AppendEntriesResponse(s1, s2, 1, True),
    }
    assert len(messages) == 2


def test_plain_refusal_acknowledges_nothing_and_hints_at_nothing() -> None:
    """Without being told more, an answer agrees with nothing and gives no hint."""
    response = AppendEntriesResponse(s1, s2, 1, success=False)
    assert (response.match_index, response.conflict) == (0, None)
