"""Linearizable: the answers to clients after every step, against all orders that explain them."""

from properties.facts import Fact, Invoked, Responded
from properties.linearizable import LINEARIZABLE, MOST_PENDING
from tests.properties.judge import breach_of, holds

WRITTEN: tuple[Fact, ...] = (Invoked(1, 1, "set x a"), Responded(1, 1, ""))
"""Client 1 has written, and knows it."""


def test_read_after_a_write_sees_it() -> None:
    """What was written before the read began is what it gives."""
    assert holds(LINEARIZABLE, *WRITTEN, Invoked(2, 1, "get x"), Responded(2, 1, "a"))


def test_stale_read_breaks_it() -> None:
    """A read that began after the write was answered may not give what was there before."""
    breach = breach_of(LINEARIZABLE, *WRITTEN, Invoked(2, 1, "get x"), Responded(2, 1, ""))
    assert breach is not None
    assert breach.detail == (
        "client 2 was told '' for its #1, 'get x'; "
        "at any instant since it asked, that would have been 'a'."
    )


def test_read_during_a_write_may_see_either() -> None:
    """Operations that overlap take effect in either order."""
    for seen in ("", "a"):
        facts = (Invoked(1, 1, "set x a"), Invoked(2, 1, "get x"), Responded(2, 1, seen))
        assert holds(LINEARIZABLE, *facts)


def test_second_read_may_not_go_back() -> None:
    """An answer to one client binds all later answers, though the write is unanswered."""
    facts = (
        Invoked(1, 1, "set x a"),
        *(Invoked(2, 1, "get x"), Responded(2, 1, "a")),
        *(Invoked(3, 1, "get x"), Responded(3, 1, "")),
    )
    assert not holds(LINEARIZABLE, *facts)


def test_command_that_takes_effect_twice_breaks_it() -> None:
    """An append shows how often it was executed."""
    facts = (Invoked(1, 1, "append x a"), Responded(1, 1, "aa"))
    assert not holds(LINEARIZABLE, *facts)


def test_keys_are_judged_apart() -> None:
    """A write to one key says nothing about another."""
    assert holds(LINEARIZABLE, *WRITTEN, Invoked(2, 1, "get y"), Responded(2, 1, ""))


def test_operation_that_nobody_knows_the_end_of_may_take_effect_late_or_never() -> None:
    """A client whose session is gone learns nothing, and neither outcome is excluded."""
    begun = (Invoked(1, 1, "set x a"), Responded(1, 1, None))
    for seen in ("", "a"):
        assert holds(LINEARIZABLE, *begun, Invoked(2, 1, "get x"), Responded(2, 1, seen))
    twice = (Invoked(2, 1, "get x"), Responded(2, 1, "a"), Invoked(3, 1, "get x"))
    assert not holds(LINEARIZABLE, *begun, *twice, Responded(3, 1, ""))


def test_answer_that_nobody_waits_for_says_nothing() -> None:
    """Opening a session, and a second answer, are no operations on keys."""
    facts = (Invoked(1, 0, "open"), Responded(1, 0, "7"), *WRITTEN, Responded(1, 1, "later"))
    assert holds(LINEARIZABLE, *facts)


def test_key_with_too_many_waiting_operations_is_given_up_for_good() -> None:
    """Up to the limit a stale read is seen; beyond it nothing is claimed, right or wrong."""
    for more, is_seen in ((MOST_PENDING - 2, True), (MOST_PENDING, False)):
        waiting = tuple(Invoked(9, number, "append x z") for number in range(more))
        facts = (*WRITTEN, *waiting, Invoked(2, 1, "get x"), Responded(2, 1, ""))
        assert holds(LINEARIZABLE, *facts) is not is_seen
