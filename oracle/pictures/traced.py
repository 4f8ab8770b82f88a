"""The end of a rejected trace as an execution: the last lines, up to the one that is not permitted.

A trace says what servers did, not all that they are: what no line has said of a server stays as a
server begins. Lines before the last hundred are read for what they say of the servers' states, in
time and memory that do not grow with the logs.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from attrs import define, field, frozen
from msgspec.structs import asdict, replace

from model.actions import Restart
from model.runs.execution import Execution, Message, Origin, ServerState, Step, Verdict
from oracle.traces.etcd.format import NOBODY as NO_NODE
from oracle.traces.etcd.format import TracedEvent
from oracle.traces.events import format as facts_format
from oracle.traces.verdict import Verdict as Judged

MOST_LINES: Final = 100
"""That are drawn; the last is the culprit."""
MOST_ENTRIES: Final = 500
"""Of each log that are drawn, at least: the last ones, and no more than twice as many."""
CUT: Final = " Of long logs only the end is drawn, after a snapshot that stands for the rest."
"""What is said of a picture from which entries are left out."""
LINE: Final = "Line"
"""What a step is called that is no action of a schedule; a server that starts again restarts."""
BLANK: Final = ServerState(role="follower", current_term=0, commit_index=0, last_applied=0, log=())
ETCD_ROLES: Final = {
    "StateLeader": "leader",
    "StateCandidate": "candidate",
    "StatePreCandidate": "pre-candidate",
}


@define
class Entries:
    """What lines tell of one server's log: its last entries, and where they begin."""

    before: int = 0
    """The index before the first of them."""
    last: list[tuple[int, str]] = field(factory=list)
    is_cut: bool = False
    """Whether some were left out that no snapshot stands for."""

    def keep_to(self, index: int) -> None:
        """Entries after `index` go."""
        del self.last[max(0, index - self.before) :]
        self.before = min(self.before, max(0, index))

    def append(self, index: int, entry: tuple[int, str]) -> None:
        """An entry; what stood there goes, and so does what is far from it."""
        self.keep_to(index - 1)
        if self.before + len(self.last) != index - 1:  # nothing was said of those between
            self.last.clear()
            self.before, self.is_cut = max(0, index - 1), True
        self.last.append(entry)
        if len(self.last) == 2 * MOST_ENTRIES:
            self.discard(self.before + MOST_ENTRIES)
            self.is_cut = True

    def discard(self, index: int) -> None:
        """Entries up to `index` go."""
        del self.last[: max(0, index - self.before)]
        self.before = max(self.before, index)


@frozen
class Said:
    """A message as a line tells it."""

    source: str
    destination: str
    text: str
    content: msgspec.Struct
    leaves: bool
    """Whether the line says that it is sent; else it arrives."""

    def name(self) -> tuple[str, str, bytes]:
        """By what a receipt finds what was sent: its link, and all that it says."""
        return (self.source, self.destination, msgspec.json.encode(self.content))


@define
class Drawing:
    """The states that the lines tell, and of the last ones up to the culprit a step for each.

    `judged` is what the trace is rejected for: its servers are drawn, by the order of their names.
    """

    judged: Judged
    servers: tuple[str, ...] = field(init=False)
    steps: list[Step] = field(factory=list)
    messages: list[Message] = field(factory=list)
    start: Mapping[str, ServerState] = field(factory=dict)
    _states: dict[str, ServerState] = field(factory=dict)
    """Until it has begun, without their logs."""
    _logs: dict[str, Entries] = field(factory=dict)
    _has_begun: bool = False
    _waiting: dict[tuple[str, str, bytes], list[int]] = field(factory=dict)
    """By link and content, the numbers of messages that have not arrived."""

    def __attrs_post_init__(self) -> None:
        self.servers = tuple(sorted(self.judged.servers, key=lambda each: (len(each), each)))

    def look(self, position: int, said: Any) -> None:
        """Take what the line at this position says, of which none comes after the culprit's."""
        if not self._has_begun and position > self.judged.position - MOST_LINES:
            self._begin()
        if isinstance(said, TracedEvent):
            self._etcd(position, said)
        elif not isinstance(said, facts_format.Trace):
            self._facts(position, said)

    def execution(self, name: str) -> Execution:
        """All that was drawn of the trace that is called so."""
        if not self._has_begun:
            self._begin()
        judged, number = self.judged, self.judged.position
        assert judged.rule is not None
        assert judged.broken is not None
        first = int(self.steps[0].label) if self.steps else number
        is_cut = any(log.is_cut for log in self._logs.values())
        return Execution(
            origin=Origin(
                subject=name,
                subject_version="",
                network="any",
                heading=f"{name}: lines {first} to {number}.{CUT if is_cut else ''}",
            ),
            verdict=Verdict(
                property=judged.rule.name,
                statement=judged.rule.statement,
                source=judged.rule.source,
                detail=f"{judged.broken.found}; legal: {judged.broken.legal}",
                servers=(),
            ),
            servers=self.servers,
            start=self.start,
            steps=tuple(self.steps),
            messages=tuple(self.messages),
            groups=(),
        )

    def _begin(self) -> None:
        """From here on, lines are drawn."""
        self._has_begun = True
        known = {server: self._with_log(server, state) for server, state in self._states.items()}
        self._states = known
        self.start = {server: known.get(server, BLANK) for server in self.servers}

    def _with_log(self, server: str, state: ServerState) -> ServerState:
        """A server's state with what is known of its log."""
        log = self._logs.get(server)
        if log is None:
            return state
        return replace(state, snapshot_index=log.before, log=tuple(log.last))

    def _facts(self, number: int, event: facts_format.AtServer) -> None:
        """A line of facts."""
        server = str(event.server)
        before = self._states.get(server, BLANK)
        change, change_log = FACTS.get(type(event)), LOGS.get(type(event))
        after = before if change is None else change(before, event)
        if change_log is not None:
            change_log(self._logs.setdefault(server, Entries()), event)
        if not self._has_begun:
            self._states[server] = after
            return
        if change_log is not None:
            after = self._with_log(server, after)
        text, said_there = words_of(event), None
        if isinstance(event, facts_format.Send):
            said_there = Said(server, str(event.destination), text, event.message, leaves=True)
        elif isinstance(event, facts_format.Receive):
            said_there = Said(str(event.source), server, text, event.message, leaves=False)
        again = isinstance(event, facts_format.Start) and server in self._states
        action = Restart.__name__ if again else LINE
        self._add(server, number, text, before, after, said_there, action)

    def _etcd(self, number: int, event: TracedEvent) -> None:
        """A line of etcd's."""
        before = self._states.get(event.nid, BLANK)
        after = state_of_etcd(before, event)
        if not self._has_begun:
            self._states[event.nid] = after
            return
        text, said_there = event.name, None
        if event.msg is not None:
            source, destination = event.msg.source, event.msg.destination
            text = f"{event.name} {source} -> {destination} {in_words(asdict(event.msg))}"
            leaves = event.name.startswith("Send")
            if leaves or event.name.startswith("Receive"):
                said_there = Said(source, destination, text, event.msg, leaves)
        self._add(event.nid, number, text, before, after, said_there)

    def _send(self, said: Said, position: int) -> int:
        """A message that leaves."""
        number = self._message(said, position)
        self._waiting.setdefault(said.name(), []).append(number)
        return number

    def _receive(self, said: Said, position: int) -> int:
        """A message that arrives; one that left before the lines drawn here left at the start."""
        waiting = self._waiting.get(said.name(), [])
        number = waiting.pop(0) if waiting else self._message(said, 0)
        message = self.messages[number]
        self.messages[number] = replace(message, arrived_in=(*message.arrived_in, position))
        return number

    def _message(self, said: Said, sent_in: int) -> int:
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
        said: Said | None,
        action: str = LINE,
    ) -> None:
        """A line, as a step at its server."""
        self._states[server] = after
        position = len(self.steps) + 1
        self.steps.append(
            Step(
                label=str(number),
                action={"action": action},
                text=f"{server}: {text}",
                server=server,
                states={server: after} if after != before else {},
                message=None if said is None or said.leaves else self._receive(said, position),
                sent=(self._send(said, position),) if said is not None and said.leaves else (),
            )
        )


def started(state: ServerState, event: facts_format.Start) -> ServerState:
    """A server starts, with what its disk holds."""
    term = state.current_term if event.term is None else event.term
    commit = 0 if event.commit is None else event.commit
    vote = state.voted_for if term == state.current_term else None
    if event.voted_for is not msgspec.UNSET:
        vote = None if event.voted_for is None else str(event.voted_for)
    return replace(
        state,
        is_up=True,
        role="follower",
        current_term=term,
        voted_for=vote,
        commit_index=commit,
    )


def crashed(state: ServerState, event: facts_format.Crash) -> ServerState:
    """A server stops."""
    return replace(state, is_up=False)


def in_term(state: ServerState, event: facts_format.Term) -> ServerState:
    """Term and vote."""
    vote = state.voted_for if event.term == state.current_term else None
    if event.voted_for is not msgspec.UNSET:
        vote = None if event.voted_for is None else str(event.voted_for)
    return replace(state, current_term=event.term, voted_for=vote)


def in_role(state: ServerState, event: facts_format.RoleTaken | facts_format.Leader) -> ServerState:
    """A role, and the term where it is said."""
    role = "leader" if isinstance(event, facts_format.Leader) else event.role.replace("_", "-")
    term = state.current_term if event.term is None else event.term
    return replace(state, role=role, current_term=term)


def committed(state: ServerState, event: facts_format.Commit) -> ServerState:
    """The commit index."""
    return replace(state, commit_index=event.index)


def applied(state: ServerState, event: facts_format.Apply) -> ServerState:
    """The last entry that is applied."""
    return replace(state, last_applied=event.index)


FACTS: Final[Mapping[type, Callable[..., ServerState]]] = {
    facts_format.Start: started,
    facts_format.Crash: crashed,
    facts_format.Term: in_term,
    facts_format.RoleTaken: in_role,
    facts_format.Leader: in_role,
    facts_format.Commit: committed,
    facts_format.Apply: applied,
}
"""By kind of line, what it says of its server's state but for the log."""


def starts_with(log: Entries, event: facts_format.Start) -> None:
    """A server starts with what its disk holds of the log."""
    if event.last_index is not None:
        log.keep_to(event.last_index)


def appended(log: Entries, event: facts_format.Append) -> None:
    """An entry; what stood there goes."""
    log.append(event.index, (event.term, "" if event.digest is None else str(event.digest)))


LOGS: Final[Mapping[type, Callable[[Entries, Any], None]]] = {
    facts_format.Start: starts_with,
    facts_format.Append: appended,
    facts_format.Truncate: lambda log, event: log.keep_to(event.first - 1),
    facts_format.Snapshot: lambda log, event: log.discard(event.index),
}
"""By kind of line, what it says of its server's log."""


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


def words_of(event: facts_format.AtServer) -> str:
    """A line in words: its kind, and all that it says."""
    name = str(event.__struct_config__.tag)
    if isinstance(event, facts_format.Send):
        message = in_words(asdict(event.message))
        return f"{name} to {event.destination} {event.message.type} {message}"
    if isinstance(event, facts_format.Receive):
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
    return " ".join(f"{name}={value_in_words(value)}" for name, value in known.items())


def value_in_words(value: object) -> str:
    """A value in short, as the lines of a trace spell it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(value_in_words, value)) or "-"
    return f"@{value.term}" if isinstance(value, facts_format.TraceEntry) else str(value)
