"""Tests of views that no Raft can have: they cost nothing, and are told with their field."""

import pytest
from msgspec import structs

from model.subject import FURTHEST, SubjectError
from oracle.adapter.views import Views
from oracle.adapter.wire import LogEnd, ServerView
from properties.view import LOG, MEMBERSHIP
from raft_core import Membership, Server, s1, s2


def shown(term: int, snapshot: int, log: LogEnd | None = None) -> ServerView:
    """A follower."""
    return ServerView(
        role="follower", term=term, commit=0, applied=0, snapshot=(snapshot, 1), log=log
    )


@pytest.mark.parametrize(
    ("view", "complaint"),
    [
        (shown(2**64 - 1, 0), "views.S1.term: found 18446744073709551615, expected at most"),
        (shown(1, FURTHEST + 1), "views.S1.snapshot: found 1000001, expected at most 1,000,000"),
        (shown(1, 0, LogEnd(10**9, ())), "views.S1.log.from: found 1000000000, expected 1 to 1"),
    ],
)
def test_a_number_beyond_every_run_is_a_failure_of_the_adapter(
    view: ServerView, complaint: str
) -> None:
    """A term or a snapshot that underflowed would make histories of properties as long."""
    with pytest.raises(SubjectError, match=complaint):
        Views(1, frozenset()).start_all({"S1": view})


def test_the_furthest_is_still_shown() -> None:
    """The bound itself is within it."""
    views = Views(1, frozenset())
    views.start_all({"S1": shown(FURTHEST, FURTHEST)})
    assert [view.current_term for view in views.seen.values()] == [FURTHEST]


def with_members(voters: tuple[str, ...], since: int, log: LogEnd) -> ServerView:
    """A follower whose configuration came with the entry at this index."""
    view = shown(1, 0, log)
    return structs.replace(view, voters=voters, voters_since=since)


@pytest.mark.parametrize(
    ("rest", "known"),
    [
        (((1, "v"), (2, "w"), (2, "S2")), ((0, (s1, s2)), (3, (s2,)))),
        (((1, "v"), (1, "S1"), (2, "S2")), ((0, (s1, s2)), (2, (s1,)), (3, (s2,)))),
    ],
    ids=["replaced by another entry", "told again"],
)
def test_a_configuration_goes_with_its_entry(
    rest: tuple[tuple[int, str], ...], known: tuple[tuple[int, tuple[Server, ...]], ...]
) -> None:
    """One step may take an entry back that brought one, and bring another one further on."""
    views = Views(2, frozenset({LOG, MEMBERSHIP}))
    other = with_members(("S1", "S2"), 0, LogEnd(1, ()))
    views.start_all({"S1": other, "S2": other})
    views.update({"S1": with_members(("S1",), 2, LogEnd(1, ((1, "v"), (1, "S1"))))})
    views.update({"S1": with_members(("S2",), 3, LogEnd(1, rest))})
    log = views.seen[s1].log
    assert log.memberships == tuple((since, Membership(voters)) for since, voters in known)
