"""Tests of views that no Raft can have: they cost nothing, and are told with their field."""

import pytest

from model.subject import FURTHEST, SubjectError
from oracle.adapter.views import Views
from oracle.adapter.wire import LogEnd, ServerView


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
