"""A recorded run as an Execution, from which every picture of it is drawn."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from attrs import define, field
from msgspec.structs import replace

from model import actions
from model.runs.describe import change, change_between, describe_step, handler_of, responses
from model.runs.execution import (
    NOT_SEEN,
    Execution,
    LogEntry,
    Message,
    Origin,
    ServerState,
    Step,
    Verdict,
)
from model.runs.grouping import groups_of, quiet_ones
from model.runs.run import Run
from model.runs.told_entries import ToldEntries, cut_short
from model.schedule import dump_action
from model.subject import Packet, Subject, handlers_of
from model.world.links import Links
from model.world.records import StepRecord
from properties.evidence import evidence, in_words
from properties.facts import BLANK
from properties.property import Violation
from properties.rules.vocabulary import FIELDS_OF, KINDS, Meaning
from properties.view import UNOBSERVED, View
from raft_core import SERVERS, Server

MeaningOf: TypeAlias = Callable[[Packet], Meaning | None]
KIND_BY_WORD: Final = {kind.replace("_", ""): kind for kind in KINDS}
"""Kinds as descriptions of messages spell them: `RequestVote` and `request_vote` are one."""


def execution_of(
    subject: Subject,
    outcome: Run,
    servers: int,
    origin: Origin,
    meaning: MeaningOf | None = None,
    macro: Sequence[str] = (),
    is_bounded: bool = False,
) -> Execution:
    """A run with all that pictures show of it; `meaning` tells what messages say, if known.

    LongRunError where that is bounded, and too much.
    """
    names = tuple(str(server) for server in SERVERS[:servers])
    entries = ToldEntries.bounded() if is_bounded else ToldEntries()
    recorder = Recording(subject, meaning, Links(servers, origin.network == "fifo"), entries)
    started = recorder.start(outcome, servers)
    positions = [0]
    for number, record in enumerate(outcome.records, start=1):
        for place, each in enumerate(record.rounds, start=1):
            recorder.add(each, f"{number}.{place}", is_round=True)
        recorder.add(record, str(number))
        positions.append(len(recorder.steps))
    in_flight = tuple(recorder.number_of(packet) for packet in outcome.in_flight)
    steps = quiet_ones(with_evidence(recorder.steps, outcome), recorder.messages)
    return Execution(
        origin=origin,
        verdict=verdict_of(outcome.violation),
        servers=names,
        start=started,
        steps=steps,
        messages=tuple(recorder.messages),
        groups=groups_of(steps, recorder.messages),
        ends=tuple(positions[count] for count in outcome.ends),
        in_flight=in_flight,
        macro=tuple(macro),
    )


def verdict_of(violation: Violation | None) -> Verdict | None:
    """A violation as pictures tell it."""
    if violation is None:
        return None
    return Verdict(
        property=violation.property,
        statement=violation.statement,
        source=violation.source,
        detail=violation.detail,
        servers=tuple(map(str, violation.servers)),
    )


def with_evidence(steps: Sequence[Step], outcome: Run) -> tuple[Step, ...]:
    """The steps, with what the broken property rests on."""
    if outcome.violation is None:
        return tuple(steps)
    facts = [[*record.facts, *record.aftermath.facts] for record in outcome.records]
    rests = evidence(outcome.violation.property, facts)
    by_label = {str(place + 1): tuple(map(in_words, found)) for place, found in rests.items()}
    return tuple(replace(step, rests_on=by_label.get(step.label, ())) for step in steps)


@define
class Recording:
    """Turns one record after the other into a step, and keeps what the next ones need."""

    subject: Subject
    meaning: MeaningOf | None
    links: Links
    entries: ToldEntries
    steps: list[Step] = field(factory=list)
    messages: list[Message] = field(factory=list)
    _numbers: dict[int, int] = field(factory=dict)
    """Messages by the identity of their packets, all of which the records keep alive."""
    _views: dict[Server, View] = field(factory=dict)
    _up: dict[Server, bool] = field(factory=dict)

    def start(self, outcome: Run, servers: int) -> Mapping[str, ServerState]:
        """Every server as it began."""
        for place, server in enumerate(SERVERS[:servers]):
            self._up[server] = True
            self._views[server] = outcome.start[place] if place < len(outcome.start) else BLANK
        return {
            str(server): state(view, True, self.entries.of_log(view.log))
            for server, view in self._views.items()
        }

    def add(self, record: StepRecord, label: str, is_round: bool = False) -> None:
        """The next step."""
        position = len(self.steps) + 1
        moved = self._move(record, position)
        states = self._states(record)
        self.links.follow(record.happening.action)
        sent = tuple(
            self._number(packet, position) for packet in (*record.sent, *record.aftermath.sent)
        )
        name = handler_of(self.subject, record)
        step = Step(
            label=label,
            action=dump_action(record.happening.action),
            text=describe_step(self.subject, record),
            server=server_name(record),
            change="; ".join(self._changes(record)),
            states=states,
            message=moved,
            sent=sent,
            cut=tuple((str(one), str(other)) for one, other in self.links.cut()),
            crashed=record.crashed,
            answers=tuple(f"client {each.client}: {each.output!r}" for each in responses(record)),
            handler=(name, handlers_of(self.subject)[name]) if name else None,
            is_round=is_round,
        )
        for server, view in seen_in(record):
            self._views[server] = view
        self.steps.append(step)

    def _changes(self, record: StepRecord) -> Iterator[str]:
        """What changed, at the server that acted and at the others."""
        if own := change(record):
            yield own
        for server, view in record.aftermath.views.items():
            own_view = record.after if server == record.server else None
            if text := change_between(server, own_view or self._views[server], view):
                yield text

    def _states(self, record: StepRecord) -> dict[str, ServerState]:
        """The servers of which something changed."""
        match record.happening.action:
            case actions.Crash(server):
                self._up[server] = False
                return {str(server): state(self._views[server], False, None)}
            case actions.Restart(server):
                self._up[server] = True
            case _ if record.crashed and record.server is not None:
                self._up[record.server] = False
        return {
            str(server): state(view, self._up[server], self._changed_log(server, view))
            for server, view in seen_in(record)
            if self._looks_different(server, view) or record.crashed or is_restart(record)
        }

    def _looks_different(self, server: Server, view: View) -> bool:
        """Whether a picture of the server would change: some of what views hold is never shown."""
        before = self._views[server]
        if view is before or view.log is not before.log:
            return view is not before
        return state(view, True, None) != state(before, True, None)

    def _changed_log(self, server: Server, view: View) -> tuple[LogEntry, ...] | None:
        """The entries of a server's log; None where it is the one before."""
        return None if view.log is self._views[server].log else self.entries.of_log(view.log)

    def _move(self, record: StepRecord, position: int) -> int | None:
        """The message of a step: it arrives, or is lost."""
        packet = record.happening.packet
        if packet is None:
            return None
        number = self.number_of(packet)
        message = self.messages[number]
        if record.server is None:
            self.messages[number] = replace(message, lost_in=position)
        else:
            self.messages[number] = replace(message, arrived_in=(*message.arrived_in, position))
        return number

    def number_of(self, packet: Packet) -> int:
        """The number of a message, be it known or sent at the start."""
        return self._number(packet, 0)

    def _number(self, packet: Packet, sent_in: int) -> int:
        """The number of a message; one that was seen in no step before was sent at the start."""
        known = self._numbers.get(id(packet))
        if known is not None:
            return known
        self._numbers[id(packet)] = number = len(self.messages)
        said = None if self.meaning is None else self.meaning(packet)
        if said is not None:
            self.entries.count(map(str, said.contents or ()))
        text = self.subject.describe(packet)
        self.messages.append(
            Message(
                source=str(packet.source),
                destination=str(packet.destination),
                text=text,
                kind=kind_of(text) if said is None else said.kind,
                fields={} if said is None else fields_of(said),
                sent_in=sent_in,
                is_cut_off=sent_in > 0 and self.links.loses(packet.source, packet.destination),
            )
        )
        return number


def seen_in(record: StepRecord) -> Iterator[tuple[Server, View]]:
    """The servers that a step shows, as they were after it."""
    if record.server is not None and record.after is not None:
        yield record.server, record.after
    yield from record.aftermath.views.items()


def is_restart(record: StepRecord) -> bool:
    """Whether a server starts from its disk."""
    return isinstance(record.happening.action, actions.Restart)


def server_name(record: StepRecord) -> str | None:
    """The server at which something happened, be it that it stopped."""
    action = record.happening.action
    if record.server is None and isinstance(action, actions.Crash):
        return str(action.server)
    return None if record.server is None else str(record.server)


def state(view: View, is_up: bool, entries: tuple[LogEntry, ...] | None) -> ServerState:
    """A server's state; its log's entries are left out where they are those before."""
    log, vote = view.log, view.voted_for
    shown = NOT_SEEN if vote is UNOBSERVED else None if vote is None else str(vote)
    return ServerState(
        is_up=is_up,
        role=view.role.value,
        current_term=view.current_term,
        voted_for=shown,
        commit_index=view.commit_index,
        last_applied=view.last_applied,
        snapshot_index=log.snapshot_index,
        log=entries,
        next_index=tuple(view.next_index),
        match_index=tuple(view.match_index),
        configuration=None if log.membership is None else str(log.membership),
    )


def kind_of(text: str) -> str:
    """The kind of a message by the first word that describes it; empty where that is none."""
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    return KIND_BY_WORD.get(first.replace("_", "").replace("-", "").lower(), "")


def fields_of(said: Meaning) -> dict[str, object]:
    """What a message says, in the paper's words and order."""
    found: dict[str, object] = {} if said.term is None else {"term": said.term}
    for attribute, name in FIELDS_OF[said.kind].items():
        value = getattr(said, attribute)
        if value is not None:
            found[name] = value
    if said.terms is not None:
        contents = said.contents or (None,) * len(said.terms)
        found["entries"] = [
            f"term {term}" if content is None else f"term {term}: {cut_short(str(content))}"
            for term, content in zip(said.terms, contents, strict=False)
        ]
    return found
