"""The search: what it tries, what it undoes, and what it need not try."""

from random import Random

from attrs import evolve

from properties.history import Operation
from properties.specification import KEY_VALUE
from properties.wing_gong import LONGEST_KEPT, Event, Remaining, Search, short
from tests.properties.histories import (
    answered,
    explains,
    is_linearizable,
    keeps_order,
    random_history,
    unanswered,
)

HISTORY = [
    answered(1, "set x 1", 1, 4, ""),
    answered(2, "set x 2", 2, 6, ""),
    unanswered(3, "append x 1", 3),
    answered(4, "get x", 5, 7, "2"),
    unanswered(5, "set x 9", 8),
]


def commands(remaining: Remaining, taken: int = 0) -> list[str]:
    """What may be next."""
    return [call.operation.command for call in remaining.candidates(taken) if call.operation]


def test_candidates_are_called_before_the_first_answer() -> None:
    """Those that were never answered come last, and not again once they are taken."""
    remaining = Remaining(HISTORY)
    assert commands(remaining) == ["set x 1", "set x 2", "append x 1"]
    assert commands(remaining, taken=1) == ["set x 1", "set x 2"]


def test_lifting_makes_way_for_later_calls_and_can_be_undone() -> None:
    """Whatever is done and undone, in the opposite order, leaves the list as it was."""
    remaining = Remaining(HISTORY)
    first, second = list(remaining.candidates(taken=1))
    remaining.lift(first)
    assert commands(remaining) == ["set x 2", "get x", "append x 1"]
    remaining.lift(second)
    assert commands(remaining) == ["get x", "append x 1"]
    remaining.put_back(second)
    remaining.put_back(first)
    assert commands(remaining) == ["set x 1", "set x 2", "append x 1"]


def test_random_lifts_are_undone_exactly() -> None:
    """The ring of events is the same in both directions after any nesting of lifts."""
    random = Random(3)
    for _ in range(300):
        remaining = Remaining(random_history(random))
        before = ring(remaining)
        done: list[Event] = []
        while calls := [call for call in remaining.candidates(0) if call.answer is not None]:
            done.append(random.choice(calls))
            remaining.lift(done[-1])
        assert ring(remaining) == [remaining.head]
        for call in reversed(done):
            remaining.put_back(call)
        assert ring(remaining) == before


def ring(remaining: Remaining) -> list[Event]:
    """All events in order, read forwards, and checked backwards."""
    found = [remaining.head]
    while found[-1].after is not remaining.head:
        assert found[-1].after.before is found[-1]
        found.append(found[-1].after)
    return found


def test_at_the_same_place_calls_come_first() -> None:
    """Operations that touch overlap, so that either may be first."""
    history = [answered(1, "set x 1", 1, 2, ""), answered(2, "get x", 2, 3, "")]
    assert Search(history, KEY_VALUE).run(100).found is True


def test_an_order_that_is_found_is_a_linearization() -> None:
    """It has every answered operation, keeps the order of time, and gives every output."""
    random, found = Random(4), 0
    for _ in range(2000):
        history = random_history(random)
        outcome = Search(history, KEY_VALUE).run(10_000)
        if outcome.found:
            found += 1
            assert {each for each in history if each.responded is not None} <= {*outcome.order}
        assert keeps_order(outcome.order)
        assert explains(outcome.order)
    assert 500 < found < 1500


def test_nothing_is_lost_without_knowing_reads() -> None:
    """Which operations only read makes the search shorter, and changes no verdict."""
    random, attempts, attempts_blind = Random(5), 0, 0
    blind = evolve(KEY_VALUE, is_read=lambda *_: False)
    for _ in range(2000):
        history = random_history(random)
        knowing, other = (Search(history, each).run(10_000) for each in (KEY_VALUE, blind))
        assert knowing.found == other.found == is_linearizable(history)
        attempts += knowing.attempts
        attempts_blind += other.attempts
    assert attempts < attempts_blind


def test_a_write_that_changes_nothing_here_may_be_needed_later() -> None:
    """Setting the value that is there already is no read: it may have to wait."""
    history = [
        answered(1, "set x 1", 0, 7, ""),
        unanswered(2, "append x 1", 1),
        answered(3, "cas x 1 2", 2, 3, "ok"),
        answered(4, "cas x 1 2", 8, 9, "ok"),
        answered(5, "cas x 1 2", 4, 6, "fail"),
    ]
    assert Search(history, KEY_VALUE).run(1000).found is True


def test_states_that_were_reached_before_are_not_searched_again() -> None:
    """Writes in every order lead to few states; without memory this would take a lifetime."""
    writes = [answered(client, f"set x {client}", client, 100, "") for client in range(12)]
    history = [*writes, answered(99, "get x", 101, 102, "nothing")]
    outcome = Search(history, KEY_VALUE).run(1_000_000)
    assert outcome.found is False
    assert outcome.attempts < 12 * 12 * 2**12


def test_long_states_are_remembered_by_their_digests() -> None:
    """A long value costs no more than a short one, and two are told apart all the same."""
    longest = "x" * 10_000
    assert short("x" * LONGEST_KEPT) == "x" * LONGEST_KEPT
    assert short(None) is None
    assert short(longest) == short("x" * 10_000)
    assert short(longest) != short(longest + "y")
    assert len(str(short(longest))) < 100
    history = [Operation(client, f"append x {longest}{client}", 1, 9, None) for client in range(5)]
    outcome = Search([*history, answered(9, "get x", 10, 11, "")], KEY_VALUE).run(10_000)
    assert outcome.found is False
