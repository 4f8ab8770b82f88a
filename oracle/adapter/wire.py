"""The adapter protocol: every command that an adapter reads, and every reply that it writes.

One JSON object a line, one reply a command. docs/protocol.md says what each of them means; the
JSON Schema in oracle/schemas is made from these classes.
"""

from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from model.actions import OPTIONAL
from model.schedule import NOT_READABLE
from model.subject import NetworkKind
from oracle.adapter.message_meanings import Count, EntryPair, WireMeaning
from properties.view import KNOWN_OBSERVATIONS

VERSION: Final = 1

ServerName: TypeAlias = Literal["S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9"]
"""A server, as the protocol calls it."""
Snapshot: TypeAlias = tuple[Count, Count | None]
"""Index and term of the last entry that the snapshot covers; null where the term is not known."""

Observation: TypeAlias = Annotated[
    str, Meta(extra_json_schema={"enum": sorted(KNOWN_OBSERVATIONS)})
]
"""A word of `observes`; one that is not known is refused in words of check_hello's own."""
Hidden: TypeAlias = Literal["log", "commit"]
"""What an adapter may be unable to show."""
Offer: TypeAlias = Annotated[str, Meta(extra_json_schema={"enum": sorted(OPTIONAL)})]
"""A word of `offers`: the name of an optional action."""


class Command(msgspec.Struct, frozen=True, tag_field="op"):
    """What every command has: `op`, its name."""


class Hello(Command, frozen=True, tag="hello"):
    """The first command to a process."""

    protocol: Literal[1] = 1


class Reset(Command, frozen=True, tag="reset"):
    """Forget everything, disks too, and start all servers."""

    servers: tuple[ServerName, ...]
    settings: dict[str, str]


class ElectionTimeout(Command, frozen=True, tag="election_timeout"):
    """The server's election timer runs out."""

    server: ServerName


class HeartbeatTimeout(Command, frozen=True, tag="heartbeat_timeout"):
    """One heartbeat interval goes by at the server."""

    server: ServerName


class ClientRequest(Command, frozen=True, tag="client_request"):
    """A client hands the server a command."""

    server: ServerName
    command: str


class Receive(Command, frozen=True, tag="receive", rename={"source": "from"}):
    """A message arrives at the server, as it was sent."""

    server: ServerName
    source: ServerName
    message: Raw


class Crash(Command, frozen=True, tag="crash"):
    """The server stops at once; its disk stays."""

    server: ServerName


class Restart(Command, frozen=True, tag="restart"):
    """The server starts from its disk."""

    server: ServerName


class Disconnect(Command, frozen=True, tag="disconnect"):
    """The server's connection with a peer is gone (fifo networks only)."""

    server: ServerName
    peer: ServerName


class Connect(Command, frozen=True, tag="connect"):
    """The server is connected with a peer again (fifo networks only)."""

    server: ServerName
    peer: ServerName


class Compact(Command, frozen=True, tag="compact"):
    """The server takes a snapshot of all that it applied, but for the last `keep` entries."""

    server: ServerName
    keep: Count


class ChangeMembership(Command, frozen=True, tag="change_membership"):
    """An administrator asks the server for this configuration."""

    server: ServerName
    voters: tuple[ServerName, ...]
    learners: tuple[ServerName, ...]


class TransferLeadership(Command, frozen=True, tag="transfer_leadership"):
    """An administrator asks the server to hand over to `target`."""

    server: ServerName
    target: ServerName


class PassTime(Command, frozen=True, tag="pass_time"):
    """Every running server's clock moves on by `ticks`; those of `fast` servers by more."""

    ticks: Count
    fast: tuple[ServerName, ...]


class Invoke(Command, frozen=True, tag="invoke"):
    """A client asks for its operation of this number, once or once more."""

    server: ServerName
    client: int
    number: int
    command: str


class CrashInside(Command, frozen=True, tag="crash_inside"):
    """The server will crash inside its next step, after so many writes and sends."""

    server: ServerName
    after: Count
    lost: Count


class FailWrite(Command, frozen=True, tag="fail_write"):
    """The disk will refuse a write of the server's next step, after so many that succeed."""

    server: ServerName
    after: Count


class CompleteWrite(Command, frozen=True, tag="complete_write"):
    """The server's oldest write that is under way completes, and the server learns of it."""

    server: ServerName


AnyCommand: TypeAlias = (
    Hello
    | Reset
    | ElectionTimeout
    | HeartbeatTimeout
    | ClientRequest
    | Receive
    | Crash
    | Restart
    | Disconnect
    | Connect
    | Compact
    | ChangeMembership
    | TransferLeadership
    | PassTime
    | Invoke
    | CrashInside
    | FailWrite
    | CompleteWrite
)


LONGEST_NAME: Final = 1_000
"""Characters of what an adapter is called: it stands in every file of a finding."""
MOST_EARLIER: Final = 100
"""Configurations that come and go in one step: there is one more for each that is committed."""


class Reported(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an adapter writes: a field that the protocol does not know is refused."""


class SettingOffered(Reported, frozen=True):
    """A setting that `reset` understands."""

    name: str
    default: str
    meaning: str


class HelloReply(Reported, frozen=True):
    """What an adapter says of itself."""

    protocol: int
    name: Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
    version: Annotated[str, Meta(max_length=LONGEST_NAME)]
    network: NetworkKind
    observes: tuple[Observation, ...]
    offers: tuple[Offer, ...] = ()
    settings: tuple[SettingOffered, ...] | UnsetType = UNSET
    """Left out: any setting is passed on, and `reset` says whether it fits."""
    summary: str = ""
    hides: tuple[Hidden, ...] = ()
    """What cannot be seen after all of what every adapter shows."""
    handlers: dict[str, str] = {}
    """Where messages are handled, by the first word of their labels: file and line."""
    fresh: bool = False
    """Whether each reset is a new process, so that another process may do the next one ahead."""


class Refusal(Reported, frozen=True):
    """The reply to `hello` of an adapter that cannot start."""

    error: str


class SentMessage(Reported, frozen=True, rename={"destination": "to", "source": "from"}):
    """A message that a server sent; `from` may be left out where it is the command's server."""

    destination: ServerName
    message: Raw
    label: Annotated[str, Meta(min_length=1)]
    source: ServerName | None = None
    meaning: WireMeaning | None = None
    late: bool = False
    """Whether a thread sends what it made in an earlier term, in which it led or stood."""


class LogEnd(Reported, frozen=True, rename={"first": "from"}):
    """A log from one index on to its end."""

    first: Annotated[int, Meta(ge=1)]
    entries: tuple[EntryPair, ...]


class Configuration(Reported, frozen=True):
    """The members of the cluster, from the entry at `voters_since` on."""

    voters: tuple[ServerName, ...]
    learners: tuple[ServerName, ...] = ()
    new_voters: tuple[ServerName, ...] = ()
    voters_since: Count = 0


class ServerView(Reported, frozen=True):
    """What can be seen of one server."""

    role: Literal["follower", "candidate", "leader"]
    term: Count
    commit: Count
    applied: Count
    vote: ServerName | None = None
    snapshot: Snapshot = (0, 0)
    log: LogEnd | None = None
    match: dict[ServerName, Count] = {}
    next: dict[ServerName, Count] = {}
    digest: str | None = None
    voters: tuple[ServerName, ...] | None = None
    learners: tuple[ServerName, ...] = ()
    new_voters: tuple[ServerName, ...] = ()
    voters_since: Count = 0
    """The index of the entry from which this configuration is in force; 0 for the first one."""
    earlier: Annotated[tuple[Configuration, ...], Meta(max_length=MOST_EARLIER)] = ()
    """Configurations that came and went since the server's last view, in order."""
    writes: Count = 0
    """How many writes are under way, which `complete_write` completes one by one."""


class ClientAnswer(Reported, frozen=True):
    """What a client got for its operation; null where it cannot know what became of it."""

    client: int
    number: int
    output: str | None


class Reply(Reported, frozen=True):
    """The reply to every command but `hello`."""

    sent: tuple[SentMessage, ...] = ()
    views: dict[ServerName, ServerView] = {}
    answers: tuple[ClientAnswer, ...] = ()
    crashed: bool = False
    overlapping: bool = False
    """Whether the server also handled something else in this step, or is not done with it."""
    error: str | None = None
    without: tuple[str, ...] = ()
    """In reply to `reset`: the names of actions that do nothing in this cluster."""
    hides: tuple[str, ...] = ()
    """In reply to `reset`: what this cluster does not show after all."""


REPLIES: Final = (HelloReply, Refusal, Reply)
encode_command: Final = msgspec.json.Encoder().encode
decode_reply: Final = msgspec.json.Decoder(Reply).decode


OF_ONE_STEP: Final = 64 << 10
"""Bytes of a command and its reply that take no longer than a step does."""
OF_FURTHER_STEP: Final = 1 << 10
"""Bytes beyond them that count as a step of their own: long lines take long, on any machine."""


def further_steps(exchanged: int) -> int:
    """For how many steps more so many bytes count."""
    return max(0, exchanged - OF_ONE_STEP) // OF_FURTHER_STEP


class ProtocolError(ValueError):
    """A line that is not what the protocol says: what was found, and what was expected."""


def decode_hello(line: bytes) -> HelloReply | Refusal:
    """The reply to `hello`; ProtocolError where it is none, or of another version."""
    try:
        raw = msgspec.json.decode(line)
        if isinstance(raw, dict) and "error" in raw:
            return msgspec.convert(raw, Refusal)
        if isinstance(raw, dict) and raw.get("protocol", VERSION) != VERSION:
            raise ProtocolError(f"protocol: found {raw['protocol']!r}, expected {VERSION}")
        return msgspec.convert(raw, HelloReply)
    except NOT_READABLE as error:
        raise ProtocolError(str(error)) from None
