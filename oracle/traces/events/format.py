"""The facts format, version 1: what a line of a trace may say. docs/traces.md explains it.

It is frozen: what it has keeps its meaning, and new fields may be left out. The JSON Schema in
oracle/schemas is made from these classes.
"""

import json
from inspect import cleandoc
from typing import Annotated, Any, Final, Literal, TypeAlias, final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

from properties.rules.vocabulary import Kind

VERSION: Final = 1
Count: TypeAlias = Annotated[int, Meta(ge=0)]
Name: TypeAlias = str | int
"""A server's name, as the trace calls it; 1 and "1" are the same server."""
Content: TypeAlias = Any
"""A name of an entry's content: equal for equal contents, and different for others."""


class TraceEntry(Struct, array_like=True, frozen=True, gc=False):
    """An entry in a message: its term, and its content, where the trace has that."""

    term: Count
    content: Content = None


class TraceMessage(Struct, frozen=True, gc=False, cache_hash=True):
    """What a message says; a field that is left out is not known."""

    type: Kind
    term: Count | None = None
    last_log_index: Count | None = None
    last_log_term: Count | None = None
    by_transfer: bool | None = None
    vote_granted: bool | None = None
    commit_index: Count | None = None
    commit_term: Count | None = None
    prev_log_index: Count | None = None
    prev_log_term: Count | None = None
    entries: tuple[TraceEntry, ...] | None = None
    leader_commit: Count | None = None
    success: bool | None = None
    match_index: Count | None = None
    last_included_index: Count | None = None
    last_included_term: Count | None = None


@final
class Trace(Struct, tag_field="event", tag="trace"):
    """The first line, which may be left out: how to read the others.

    `order` says whether lines of different servers stand in the order in which things happened.
    `messages` says whether every message that was sent or received is in the trace.
    `servers` are all servers; they are the voters where nothing else is said.
    """

    version: Literal[1] = 1
    order: Literal["total", "per-server"] = "total"
    messages: Literal["all", "some"] = "some"
    servers: tuple[Name, ...] = ()


class AtServer(Struct, kw_only=True, gc=False):
    """What all events have."""

    server: Name
    seq: int | None = None
    """Counts this server's lines; a gap is a line that is lacking."""
    time: Any = None
    """When, for people."""


class Start(AtServer, tag_field="event", tag="start"):
    """The server starts, with what its disk holds."""

    term: Count | None = None
    voted_for: Name | UnsetType | None = UNSET
    last_index: Count | None = None
    commit: Count | None = None
    voters: tuple[Name, ...] | None = None


class Crash(AtServer, tag_field="event", tag="crash"):
    """The server stops; its disk stays."""


class Term(AtServer, tag_field="event", tag="term"):
    """The server's term and vote, as they are now."""

    term: Count
    voted_for: Name | UnsetType | None = UNSET


class RoleTaken(AtServer, tag_field="event", tag="role"):
    """The server's role, as it is now."""

    role: Literal["leader", "candidate", "pre_candidate", "follower"]
    term: Count | None = None


class Leader(AtServer, tag_field="event", tag="leader"):
    """The server leads this term: the same as a role."""

    term: Count | None = None


class Append(AtServer, tag_field="event", tag="append"):
    """An entry stands in the log at `index`."""

    index: Count
    term: Count
    digest: Content = None


class Truncate(AtServer, tag_field="event", tag="truncate"):
    """The entry at `from` and all after it leave the log."""

    first: Count = field(name="from")


class Commit(AtServer, tag_field="event", tag="commit"):
    """The commit index, as it is now."""

    index: Count


class Apply(AtServer, tag_field="event", tag="apply"):
    """The entry at `index` is applied."""

    index: Count
    term: Count | None = None
    digest: Content = None


class Snapshot(AtServer, tag_field="event", tag="snapshot"):
    """A snapshot stands for all entries up to `index`; entries after it stay."""

    index: Count
    term: Count | None = None


class Members(AtServer, tag_field="event", tag="members"):
    """The configuration in force; with `new_voters`, both majorities count.

    `index` is that of the entry that it stands in.
    """

    voters: tuple[Name, ...]
    learners: tuple[Name, ...] = ()
    new_voters: tuple[Name, ...] = ()
    index: Count | None = None


class Send(AtServer, tag_field="event", tag="send"):
    """The server sends a message, after what it says is on its disk."""

    destination: Name = field(name="to")
    message: TraceMessage
    source: Name | None = field(name="from", default=None)
    late: bool | UnsetType = UNSET
    """It was made before, while the server led, or stood in, the message's term."""


class Receive(AtServer, tag_field="event", tag="receive"):
    """The server takes a message in hand; the lines up to its next message are what follows."""

    source: Name = field(name="from")
    message: TraceMessage
    destination: Name | None = field(name="to", default=None)


Line: TypeAlias = (
    Trace
    | Start
    | Crash
    | Term
    | RoleTaken
    | Leader
    | Append
    | Truncate
    | Commit
    | Apply
    | Snapshot
    | Members
    | Send
    | Receive
)


def json_schema() -> str:
    """The JSON Schema of a line, as it stands in oracle/schemas/facts-v1.json."""
    schema = steady(msgspec.json.schema(Line))
    titled = {"title": "raft-oracle facts, version 1: one line of a trace", **schema}
    return json.dumps(titled, indent=2, sort_keys=True) + "\n"


def steady(schema: Any) -> Any:
    """A schema as every version of msgspec writes it.

    From 0.23 on it lists the names of keys, and takes the indentation out of descriptions.
    """
    if isinstance(schema, str):
        return cleandoc(schema)
    if isinstance(schema, dict):
        return {name: steady(each) for name, each in schema.items() if name != "propertyNames"}
    return [steady(each) for each in schema] if isinstance(schema, list | tuple) else schema
