"""What is known of one node of a trace of etcd's."""

from attrs import define

from oracle.traces.etcd.format import HardState
from oracle.traces.etcd.habits import Habits
from properties.rules.knowledge import Knowledge
from properties.rules.vocabulary import INSTALL_SNAPSHOT

Configuration = tuple[tuple[str, ...], tuple[str, ...]]
"""The voters, and those of the outgoing half of a joint configuration, as a line shows them."""


@define(eq=False)
class Node:
    """What is known of one node, and what its next line will show."""

    known: Knowledge
    habits: Habits
    is_starting: bool = False
    is_new: bool = True
    began_empty: bool = True
    configuration: Configuration = ((), ())
    next_voters: tuple[str, ...] | None = None
    replicated: int = 0
    """Entries that were proposed since the log last grew."""
    state: HardState | None = None
    log: int | None = None
    role: str = ""
    """What its last line showed, as it stands there."""
    owes: str | None = None
    """The server whose request it has not answered yet."""
    term_before: int | None = None
    """Its term when that request arrived."""
    commit_before: int | None = None
    """Its commit index when that request arrived."""
    changes: int = 0
    """Configurations that were, which may yet be refused."""


def by_snapshot(known: Knowledge) -> bool:
    """Whether what changes at a node may come from a snapshot."""
    return known.handling is not None and known.handling.kind == INSTALL_SNAPSHOT
