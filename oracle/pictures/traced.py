"""The end of a rejected trace as an execution: the last lines, up to the one that is not permitted.

A trace says what servers did, not all that they are: what no line has said of a server stays as a
server begins. Lines before the last hundred are read for what they say of the servers' states.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec
from attrs import define, field, frozen
from msgspec.structs import asdict, replace

from model.actions import Restart
from model.runs.execution import Execution, Message, Origin, ServerState, Step, Verdict
from oracle.traces.etcd.format import NOBODY as NO_NODE
from oracle.traces.etcd.format import TRACE_TAG, EtcdLine, TracedEvent
from oracle.traces.events import format as facts
from oracle.traces.formats import ETCD
from oracle.traces.verdict import Verdict as Judged

MOST_LINES: Final = 100
"""That are drawn; the last is the culprit."""
LINE: Final = "Line"
"""What a step is called that is no action of a schedule; a server that starts again restarts."""
BLANK: Final = ServerState(role="follower", current_term=0, commit_index=0, last_applied=0, log=())
ETCD_ROLES: Final = {
    "StateLeader": "leader",
    "StateCandidate": "candidate",
    "StatePreCandidate": "pre-candidate",
}

Logs: TypeAlias = dict[int, tuple[int, str]]


def execution_of_trace(name: str, lines: Iterable[bytes], judged: Judged) -> Execution:
    """The last lines up to the rejected one; the servers are those of the trace."""
    servers = tuple(sorted(judged.servers, key=lambda each: (len(each), each)))
    drawing = Drawing(servers)
    read = drawing.etcd if judged.format == ETCD else drawing.facts
    for number, line in enumerate(lines, start=1):
        if number == max(1, judged.number - MOST_LINES + 1):
            drawing.begin()
        if line.strip():
            read(line, number)
        if number == judged.number:
            break
    drawing.begin_unless_begun()
    assert judged.rule is not None
    assert judged.broken is not None
    return Execution(
        origin=Origin(
            subject=name,
            subject_version="",
            network="any",
            heading=f"{name}: lines {judged.number - len(drawing.steps) + 1} to {judged.number}.",
        ),
        verdict=Verdict(
            property=judged.rule.name,
            statement=judged.rule.statement,
            source=judged.rule.source,
            detail=f"{judged.broken.found}; legal: {judged.broken.legal}",
            servers=(),
        ),
        servers=servers,
        start=drawing.start,
        steps=tuple(drawing.steps),
        messages=tuple(drawing.messages),
        groups=(),
    )


@define
class Drawing:
    """The states that the lines tell, and once it has begun, a step for each line."""

    servers: Sequence[str]
    steps: list[Step] = field(factory=list)
    messages: list[Message] = field(factory=list)
    start: Mapping[str, ServerState] = field(factory=dict)
    _states: dict[str, ServerState] = field(factory=dict)
    _has_begun: bool = False
    _waiting: dict[tuple[str, str, bytes], list[int]] = field(factory=dict)
    """By link and content, the numbers of messages that have not arrived."""

    def begin(self) -> None:
        """From here on, lines are drawn."""
        self.start = {server: self._states.get(server, BLANK) for server in self.servers}
        self._has_begun = True

    def begin_unless_begun(self) -> None:
        """A trace that is over before its first line has a start, too."""
        if not self._has_begun:
            self.begin()

    def facts(self, raw: bytes, number: int) -> None:
        """A line of facts."""
        event = msgspec.json.decode(raw, type=facts.Line)
        if isinstance(event, facts.Trace):
            return
        server, text = str(event.server), words_of(event)
        before = self._states.get(server, BLANK)
        after = FACTS.get(type(event), unchanged)(before, event)
        said_there, leaves = None, isinstance(event, facts.Send)
        if isinstance(event, facts.Send):
            said_there = Said(server, str(event.destination), text, event.message)
        elif isinstance(event, facts.Receive):
            said_there = Said(str(event.source), server, text, event.message)
        again = isinstance(event, facts.Start) and server in self._states
        action = Restart.__name__ if again else LINE
        self._add(server, number, text, before, after, said_there, leaves, action)

    def etcd(self, raw: bytes, number: int) -> None:
        """A line of etcd's; what is no trace line is passed over."""
        try:
            parsed = msgspec.json.decode(raw, type=EtcdLine)
        except msgspec.ValidationError:
            return
        event = parsed.event
        if event is None or parsed.tag != TRACE_TAG:
            return
        text, said_there, leaves = event.name, None, event.name.startswith("Send")
        if event.msg is not None:
            source, destination = event.msg.source, event.msg.destination
            text = f"{event.name} {source} -> {destination} {in_words(asdict(event.msg))}"
            if leaves or event.name.startswith("Receive"):
                said_there = Said(source, destination, text, event.msg)
        before = self._states.get(event.nid, BLANK)
        after = state_of_etcd(before, event)
        self._add(event.nid, number, text, before, after, said_there, leaves)

    def _send(self, said: "Said", position: int) -> int:
        """A message that leaves."""
        number = self._message(said, position)
        self._waiting.setdefault(said.name(), []).append(number)
        return number

    def _receive(self, said: "Said", position: int) -> int:
        """A message that arrives; one that left before the lines drawn here left at the start."""
        waiting = self._waiting.get(said.name(), [])
        number = waiting.pop(0) if waiting else self._message(said, 0)
        message = self.messages[number]
        self.messages[number] = replace(message, arrived_in=(*message.arrived_in, position))
        return number

    def _message(self, said: "Said", sent_in: int) -> int:
        """A new message."""
        known = {name: value for name, value in asdict(said.content).items() if value is not None}
        self.messages.append(
            Message(
                source=said.source,
                destination=said.destination,
                text=said.text,
                kind=str(known.get("type", "")),
                fields=known,
                sent_in=sent_in,
            )
        )
        return len(self.messages) - 1

    def _add(
        self,
        server: str,
        number: int,
        text: str,
        before: ServerState,
        after: ServerState,
        said: "Said | None",
        leaves: bool,
        action: str = LINE,
    ) -> None:
        """A line, as a step at its server."""
        self._states[server] = after
        if not self._has_begun:
            return
        position = len(self.steps) + 1
        self.steps.append(
            Step(
                label=str(number),
                action={"action": action},
                text=f"{server}: {text}",
                server=server,
                states={server: after} if after != before else {},
                message=self._receive(said, position) if said is not None and not leaves else None,
                sent=(self._send(said, position),) if said is not None and leaves else (),
            )
        )


@frozen
class Said:
    """A message as a line tells it."""

    source: str
    destination: str
    text: str
    content: msgspec.Struct

    def name(self) -> tuple[str, str, bytes]:
        """By what a receipt finds what was sent: its link, and all that it says."""
        return (self.source, self.destination, msgspec.json.encode(self.content))


def unchanged(state: ServerState, event: object) -> ServerState:
    """What a message changes is told by the lines after it."""
    return state


def started(state: ServerState, event: facts.Start) -> ServerState:
    """A server starts, with what its disk holds."""
    term = state.current_term if event.term is None else event.term
    commit = 0 if event.commit is None else event.commit
    vote = state.voted_for if term == state.current_term else None
    if event.voted_for is not msgspec.UNSET:
        vote = None if event.voted_for is None else str(event.voted_for)
    log = state.log or ()
    if event.last_index is not None:
        log = log[: max(0, event.last_index - state.snapshot_index)]
    return replace(
        state,
        is_up=True,
        role="follower",
        current_term=term,
        voted_for=vote,
        commit_index=commit,
        log=log,
    )


def crashed(state: ServerState, event: facts.Crash) -> ServerState:
    """A server stops."""
    return replace(state, is_up=False)


def in_term(state: ServerState, event: facts.Term) -> ServerState:
    """Term and vote."""
    vote = state.voted_for if event.term == state.current_term else None
    if event.voted_for is not msgspec.UNSET:
        vote = None if event.voted_for is None else str(event.voted_for)
    return replace(state, current_term=event.term, voted_for=vote)


def in_role(state: ServerState, event: facts.RoleTaken | facts.Leader) -> ServerState:
    """A role, and the term where it is said."""
    role = "leader" if isinstance(event, facts.Leader) else event.role.replace("_", "-")
    term = state.current_term if event.term is None else event.term
    return replace(state, role=role, current_term=term)


def appended(state: ServerState, event: facts.Append) -> ServerState:
    """An entry; what stood there goes."""
    kept = (state.log or ())[: max(0, event.index - state.snapshot_index - 1)]
    content = "" if event.digest is None else str(event.digest)
    return replace(state, log=(*kept, (event.term, content)))


def truncated(state: ServerState, event: facts.Truncate) -> ServerState:
    """Entries go."""
    return replace(state, log=(state.log or ())[: max(0, event.first - state.snapshot_index - 1)])


def committed(state: ServerState, event: facts.Commit) -> ServerState:
    """The commit index."""
    return replace(state, commit_index=event.index)


def applied(state: ServerState, event: facts.Apply) -> ServerState:
    """The last entry that is applied."""
    return replace(state, last_applied=event.index)


def compacted(state: ServerState, event: facts.Snapshot) -> ServerState:
    """A snapshot stands for a prefix."""
    gone = max(0, event.index - state.snapshot_index)
    return replace(state, snapshot_index=event.index, log=(state.log or ())[gone:])


FACTS: Final[Mapping[type, Callable[..., ServerState]]] = {
    facts.Start: started,
    facts.Crash: crashed,
    facts.Term: in_term,
    facts.RoleTaken: in_role,
    facts.Leader: in_role,
    facts.Append: appended,
    facts.Truncate: truncated,
    facts.Commit: committed,
    facts.Apply: applied,
    facts.Snapshot: compacted,
}
"""By kind of line, what it says of its server's state."""


def state_of_etcd(before: ServerState, event: TracedEvent) -> ServerState:
    """The state that a line of etcd's shows; of the log it shows the length alone."""
    vote = event.state.vote
    return replace(
        before,
        role=ETCD_ROLES.get(event.role, "follower"),
        current_term=event.state.term,
        voted_for=None if vote == NO_NODE else vote,
        commit_index=event.state.commit,
    )


HIDDEN: Final = frozenset({"server", "seq", "time", "type", "source", "destination", "message"})
"""What stands elsewhere in the words of a line."""


def words_of(event: facts.AtServer) -> str:
    """A line in words: its kind, and all that it says."""
    name = str(event.__struct_config__.tag)
    if isinstance(event, facts.Send):
        message = in_words(asdict(event.message))
        return f"{name} to {event.destination} {event.message.type} {message}"
    if isinstance(event, facts.Receive):
        message = in_words(asdict(event.message))
        return f"{name} from {event.source} {event.message.type} {message}"
    return f"{name} {in_words(asdict(event))}".strip()


def in_words(said: Mapping[str, object]) -> str:
    """Fields and their values, of those that are known."""
    known = {
        name: value
        for name, value in said.items()
        if value is not None and value is not msgspec.UNSET and name not in HIDDEN
    }
    return " ".join(f"{name}={shown(value)}" for name, value in known.items())


def shown(value: object) -> str:
    """A value in short, as the lines of a trace spell it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(shown, value)) or "-"
    return f"@{value.term}" if isinstance(value, facts.TraceEntry) else str(value)
