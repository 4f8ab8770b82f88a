"""Checks after an exploration that no stale reply that was thrown away could have mattered."""

from collections.abc import Iterator

from model.explorer.engines.tables import Tables
from model.explorer.systems.raft import RaftSystem
from model.explorer.systems.stale_replies import (
    TermAndRole,
    is_reply,
    is_stale_for,
    term_and_role_of,
)
from model.reference.describe import describe
from raft_core import ExtendedMessage, State


def why_reduction_is_unsound(system: RaftSystem, tables: Tables) -> str:
    """How a reply that was thrown away could have mattered; empty where none could.

    It could not if two things hold. In every state that was found, each reply that was ever under
    way to a server and is stale for it changes nothing. And no step of a server makes a reply that
    was stale for it one that it waits for. If a reply that was thrown away had mattered, the first
    such case would be in a state that was found, since up to there nothing differs.
    """
    for server in system.members:
        replies = [each for each in replies_in(tables) if each.destination == server]
        states = [
            value
            for place, value in zip(tables.place_of.array, tables.values, strict=True)
            if place == server
        ]
        for state in states:
            for reply in replies:
                if is_stale_for(term_and_role_of(state), reply) and not is_ignored(
                    system, state, reply
                ):
                    return f"{server}, {role_in_words(state)}, answers to {describe(reply)}"
        for before, after in steps_of(tables, server):
            for reply in replies:
                if is_stale_for(before, reply) and not is_stale_for(after, reply):
                    return (
                        f"{server}, {before.role.value} of term {before.term}, becomes "
                        f"{after.role.value} of term {after.term} and listens again"
                    )
    return ""


def replies_in(tables: Tables) -> list[ExtendedMessage]:
    """All replies that were ever under way."""
    known: dict[ExtendedMessage, None] = {}
    for label in tables.labels():
        for message in getattr(label, "messages", ()):
            if is_reply(message):
                known[message] = None
    return list(known)


def is_ignored(system: RaftSystem, state: State, reply: ExtendedMessage) -> bool:
    """Whether a reply changes nothing."""
    try:
        after, sent = system.protocol.step(state, reply)
    except Exception:  # a step that fails does not ignore the reply
        return False
    return after == state and not sent


def steps_of(tables: Tables, server: int) -> Iterator[tuple[TermAndRole, TermAndRole]]:
    """The term and role of a server before and after each of its steps, each pair once."""
    seen: dict[tuple[TermAndRole, TermAndRole], None] = {}
    for before, after in tables.reactions(server):
        seen[term_and_role_of(before), term_and_role_of(after)] = None
    return iter(seen)


def role_in_words(state: State) -> str:
    """The role and the term of a server."""
    return f"{state.role.value} of term {state.current_term}"
