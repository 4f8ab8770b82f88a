"""A line of a trace as etcd's raft writes it when it is built with the tag with_tla.

The fields are those of TracingEvent in state_trace.go of go.etcd.io/raft/v3; a logger puts each
event into a line {"tag": "trace", "event": ...}.
"""

from typing import Final

from msgspec import MsgspecError, Raw, Struct, ValidationError, field
from msgspec.json import Decoder

TRACE_TAG: Final = "trace"
NOBODY: Final = "0"
"""What stands for no server in a vote."""


class HardState(Struct, gc=False):
    """Term, vote and commit index."""

    term: int
    vote: str
    commit: int


class TracedMessage(Struct, frozen=True, gc=False, cache_hash=True):
    """A message; one and the same where it is sent and where it is received.

    `entries` is how many there are, and for a snapshot the index of its last entry.
    """

    type: str
    term: int
    source: str = field(name="from")
    destination: str = field(name="to")
    entries: int = 0
    log_term: int = field(name="logTerm", default=0)
    index: int = 0
    commit: int = 0
    vote: str = NOBODY
    reject: bool = False
    reject_hint: int = field(name="rejectHint", default=0)


Configuration = tuple[tuple[str, ...], tuple[str, ...]]
"""The voters, and those of the outgoing half of a joint configuration, as a line shows them."""
CONFIGURATIONS: Final[Decoder[Configuration]] = Decoder(Configuration)


def configuration_in(words: Raw) -> Configuration:
    """What stands at `conf`; msgspec.ValidationError where that is no configuration.

    Raw words were passed over when their line was read, and may be no text.
    """
    try:
        return CONFIGURATIONS.decode(words)
    except (MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise ValidationError(f"conf: {error}") from None


class ConfChange(Struct, gc=False):
    """The voters of a configuration that is about to be in force."""

    newconf: tuple[str, ...] = ()


class Properties(Struct, gc=False):
    """What some events say in addition."""

    change: ConfChange | None = field(name="cc", default=None)


class TracedEvent(Struct, gc=False):
    """One event, with the state of its node at that moment.

    `log` is the index of the last entry, `conf` the configuration: most lines show the same one as
    the line before, so that it is read only where another one stands there.
    """

    name: str
    nid: str
    state: HardState
    role: str
    log: int
    conf: Raw
    msg: TracedMessage | None = None
    prop: Properties | None = None


class EtcdLine(Struct, gc=False):
    """A line of the log that holds the trace; others than trace lines are passed over."""

    event: TracedEvent | None = None
    tag: str = TRACE_TAG


INIT: Final = "InitState"
CHANGE: Final = "ApplyConfChange"
FOLLOWS: Final = "BecomeFollower"
COMMIT: Final = "Commit"
READY: Final = "Ready"
REQUESTS: Final = frozenset({"MsgApp", "MsgHeartbeat", "MsgSnap", "MsgVote"})
RESPONSES: Final = frozenset({"MsgAppResp", "MsgHeartbeatResp", "MsgVoteResp"})
OF_A_START: Final = frozenset({INIT, CHANGE, FOLLOWS})
RECEIVES: Final = frozenset(
    {
        "ReceiveAppendEntriesRequest",
        "ReceiveAppendEntriesResponse",
        "ReceiveRequestVoteRequest",
        "ReceiveRequestVoteResponse",
        "ReceiveSnapshot",
    }
)
SENDS: Final = frozenset(
    {
        "SendAppendEntriesRequest",
        "SendAppendEntriesResponse",
        "SendRequestVoteRequest",
        "SendRequestVoteResponse",
        "SendSnapshot",
    }
)
PROPOSALS: Final = frozenset({"Replicate", "ChangeConf"})
OTHERS: Final = frozenset({"BecomeCandidate", "BecomeLeader", COMMIT, READY, "ReduceNextIndex"})
MESSAGELESS: Final = OF_A_START | OTHERS
NAMES: Final = OF_A_START | RECEIVES | SENDS | PROPOSALS | OTHERS
