"""The layout: every place belongs to one kind of component, in an order that is kept for ever."""

from typing import Final

import pytest

from model.explorer.systems.raft_layout import Layout
from properties.checker import BY_NAME

LAYOUT: Final = Layout(3, (BY_NAME["ElectionSafety"], BY_NAME["LogMatching"]))


def test_components_come_in_the_order_of_places() -> None:
    """Hashes and checkpoints depend on the order and on the words: they must not change."""
    assert [(each.kind, each.server) for each in LAYOUT.components] == [
        ("server", 0),
        ("server", 1),
        ("server", 2),
        ("inbox", 0),
        ("inbox", 1),
        ("inbox", 2),
        ("budget", None),
        ("history of ElectionSafety", None),
        ("history of LogMatching", None),
    ]


@pytest.mark.parametrize("place", range(9))
def test_each_place_is_what_its_component_says(place: int) -> None:
    """The questions that RaftSystem asks agree with the components."""
    kind = LAYOUT.components[place].kind
    assert LAYOUT.is_server(place) == (kind == "server")
    assert LAYOUT.is_inbox(place) == (kind == "inbox")
    assert (place == LAYOUT.budget) == (kind == "budget")
    remembered = LAYOUT.property_at.get(place)
    assert kind.startswith("history of ") == (remembered is not None)
    assert remembered is None or kind == f"history of {remembered.name}"


@pytest.mark.parametrize("server", range(3))
def test_each_server_has_one_inbox(server: int) -> None:
    """From a server to its inbox and back."""
    inbox = LAYOUT.inbox_of(server)
    assert LAYOUT.components[inbox].server == server
    assert LAYOUT.receiver_of(inbox) == server
