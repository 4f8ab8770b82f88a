"""Linearizable: clients get the answers that one machine would have given, one by one.

Section 8; thesis, sections 6.3 and 6.4. Each operation takes effect at one instant between its
invocation and its response; one without a response takes effect at any time after it, or never.
May import: properties.
"""

from attrs import frozen

from properties.facts import Invoked, Responded
from properties.possibilities import (
    Possibilities,
    abandoned,
    invoked,
    possibilities_at_start,
    possible_outputs,
    responded,
)
from properties.property import Breach, Property
from properties.specification import WORDS, key_of
from properties.view import CLIENTS
from raft_core.evolve import evolve

MOST_PENDING = 5
"""A key for which more operations than this wait is judged no further: their orders are too many.

In a run of the model that is rare; a history of any size is judged by properties.linearizability.
"""


@frozen
class Operation:
    """An operation that waits for its response."""

    client: int
    number: int
    command: str
    name: int


@frozen
class Ghosts:
    """Ghost variables: what may be the case with each key, and the operations that wait."""

    keys: tuple[tuple[str, Possibilities], ...] = ()
    waiting: tuple[Operation, ...] = ()
    operations: int = 0
    given_up: tuple[str, ...] = ()
    """Keys that are judged no further."""


def check(ghosts: Ghosts, fact: Invoked | Responded) -> Ghosts | Breach:
    """Every response is one that some order of the operations explains."""
    return on_invocation(ghosts, fact) if isinstance(fact, Invoked) else on_response(ghosts, fact)


def on_invocation(ghosts: Ghosts, fact: Invoked) -> Ghosts:
    """One more operation may take effect from now on."""
    if not is_operation(fact.command) or key_of(fact.command) in ghosts.given_up:
        return ghosts
    key, name = key_of(fact.command), ghosts.operations + 1
    operation = Operation(fact.client, fact.number, fact.command, name)
    before = possibilities_of(ghosts, key)
    if len(before.pending) == MOST_PENDING:
        return evolve(ghosts, given_up=(*ghosts.given_up, key))
    ghosts = with_possibilities(ghosts, key, invoked(before, name, fact.command))
    return evolve(ghosts, waiting=(*ghosts.waiting, operation), operations=name)


def is_operation(command: str) -> bool:
    """Whether this is a command of the key-value machine; a client also opens a session."""
    words = command.split(" ")
    return len(words) == WORDS.get(words[0]) and "" not in words


def on_response(ghosts: Ghosts, fact: Responded) -> Ghosts | Breach:
    """The operation has taken effect by now; where nobody knows that, it may still do so."""
    operation = waiting_for(ghosts, fact)
    if operation is None or key_of(operation.command) in ghosts.given_up:
        return ghosts
    key = key_of(operation.command)
    before = possibilities_of(ghosts, key)
    waiting = tuple(each for each in ghosts.waiting if each != operation)
    ghosts = evolve(ghosts, waiting=waiting)
    if fact.output is None:
        return with_possibilities(ghosts, key, abandoned(before, operation.name))
    after = responded(before, operation.name, fact.output)
    if after is None:
        return impossible(operation, before, fact.output)
    return with_possibilities(ghosts, key, after)


def waiting_for(ghosts: Ghosts, fact: Responded) -> Operation | None:
    """The operation that a response is for, unless it was answered before."""
    for each in ghosts.waiting:
        if (each.client, each.number) == (fact.client, fact.number):
            return each
    return None


def impossible(operation: Operation, before: Possibilities, output: str) -> Breach:
    """A response that no order of the operations explains."""
    expected = " or ".join(repr(each) for each in possible_outputs(before, operation.name))
    return Breach(
        f"client {operation.client} was told {output!r} for its #{operation.number}, "
        f"{operation.command!r}; at any instant since it asked, that would have been {expected}.",
        (),
    )


def possibilities_of(ghosts: Ghosts, key: str) -> Possibilities:
    """What may be the case with a key."""
    for known, possibilities in ghosts.keys:
        if known == key:
            return possibilities
    return possibilities_at_start()


def with_possibilities(ghosts: Ghosts, key: str, possibilities: Possibilities) -> Ghosts:
    """The ghosts with other possibilities for a key."""
    others = tuple(pair for pair in ghosts.keys if pair[0] != key)
    return evolve(ghosts, keys=(*others, (key, possibilities)))


LINEARIZABLE = Property(
    name="Linearizable",
    statement="Each client operation seems to take effect at one instant between its "
    "invocation and its response.",
    source="section 8; thesis, sections 6.3 and 6.4",
    needs=frozenset({CLIENTS}),
    facts=(Invoked, Responded),
    check=check,
    initial=lambda servers: Ghosts(),
)
