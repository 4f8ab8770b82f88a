"""A term that was led is kept: a restart below it breaks that."""

from properties.facts import BecameLeader, Started
from properties.led_term_is_kept import LED_TERM_IS_KEPT
from raft_core import Log, s1, s2
from tests.properties.judge import breach_of, holds


def test_a_start_in_the_term_or_a_later_one_keeps_it() -> None:
    """And so does one whose disk does not say, and that of somebody else."""
    led = BecameLeader(s1, 4, Log())
    assert holds(LED_TERM_IS_KEPT, led, Started(s1, True, 4), Started(s1, True, 7))
    assert holds(LED_TERM_IS_KEPT, led, Started(s1, True), Started(s2, True, 0))


def test_a_start_below_a_term_that_was_led_breaks_it() -> None:
    """Also where others have led later ones meanwhile."""
    led = (BecameLeader(s1, 4, Log()), BecameLeader(s2, 6, Log()))
    breach = breach_of(LED_TERM_IS_KEPT, *led, Started(s1, True, 3))
    assert breach is not None
    assert breach.detail == "S1 led term 4, and starts again in term 3."
