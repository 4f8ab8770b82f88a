"""Clients of a run: when each goes on, in the walker's rule and in the rule machine's."""

from collections.abc import Iterator

from model.actions import Elect, HeartbeatTimeout, Invoke, Sync
from model.drivers.clients import READ, Clients, superseded
from model.drivers.run_profile import DrawBelow
from raft_core import s1, s2
from tests.model.fakes import reference_cluster


def clients(**settings: str) -> Clients:
    """The clients of a cluster in which nothing has happened."""
    cluster = reference_cluster(settings=settings)
    cluster.reset()
    return Clients(cluster)


def drawn(*numbers: int) -> DrawBelow:
    """A source of just these choices."""
    rest: Iterator[int] = iter(numbers)
    return lambda limit: next(rest)


def test_a_client_begins_a_session_first_where_there_are_sessions() -> None:
    """In both rules."""
    assert clients(sessions="on").draw(drawn(0, 0), s1) == Invoke(s1, 1, 0, "open")
    assert clients(sessions="on").ask(s1, 2, READ) == Invoke(s1, 2, 0, "open")


def test_a_drawn_client_mostly_waits_for_its_answer() -> None:
    """A heartbeat takes the place of its next operation; one time in four it does not wait."""
    asked = clients(state_machine="on")
    assert asked.draw(drawn(0, 0, 0), s1) == Invoke(s1, 1, 0, "get x")
    assert asked.draw(drawn(0, 3), s1) == HeartbeatTimeout(s1)
    assert asked.draw(drawn(0, 0, 1, 4), s1) == Invoke(s1, 1, 1, "set y a1")


def test_a_drawn_client_that_is_answered_goes_on_at_once() -> None:
    """It draws its next operation, and no waiting."""
    asked = clients(state_machine="on")
    asked.draw(drawn(0, 0, 0), s1)
    asked.cluster.answered.add((1, 0))
    assert asked.draw(drawn(0, 1, 2), s2) == Invoke(s2, 1, 1, "append y a1")


def test_a_read_at_a_stale_leader_is_that_of_an_idle_client() -> None:
    """A client that waits would not ask; where all wait, any client is drawn."""
    asked = clients(state_machine="on")
    asked.draw(drawn(1, 0, 0), s1)
    assert asked.draw_read(drawn(0, 1, 4), s2) == Invoke(s2, 1, 0, "set y a0")
    asked.cluster.answered.add((2, 0))
    assert asked.draw_read(drawn(1), s2) == Invoke(s2, 2, 1, "get y")


def test_in_the_rule_machine_a_client_waits_once_two_operations_are_unanswered() -> None:
    """A run has few actions, so that one that is late does not hold up its client."""
    asked = clients(state_machine="on")
    assert asked.ask(s1, 1, "set x v") == Invoke(s1, 1, 0, "set x v0")
    assert asked.ask(s1, 1, READ) == Invoke(s1, 1, 1, READ)
    assert asked.ask(s1, 1, READ) is None
    asked.cluster.answered.add((1, 0))
    assert asked.ask(s1, 1, "append x v") == Invoke(s1, 1, 2, "append x v2")


def test_in_the_rule_machine_a_client_with_a_session_asks_again() -> None:
    """Where it is executed once, the last operation may be asked for twice, also at another."""
    asked = clients(sessions="on")
    asked.ask(s1, 1, READ)
    assert asked.ask(s1, 1, READ) == Invoke(s1, 1, 1, READ)
    assert asked.ask(s2, 1, READ, again=True) == Invoke(s2, 1, 1, READ)


def test_a_leader_that_is_superseded_hears_nothing_of_it() -> None:
    """Neither of the election nor of what clients then write."""
    assert superseded(s1, s2, ["write"]) == [Elect(s2, (s1,)), "write", Sync(s2, (s1,))]
