"""Writes a recorded run as a trace of facts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Literal, cast

import msgspec
from attrs import evolve
from msgspec import UNSET, UnsetType

from model import actions
from model.runs.run import recording
from model.subject import SubjectWithMeanings
from model.world.conformance import MeaningOf, step_of
from model.world.macro_actions import Cluster
from model.world.records import StepRecord
from oracle.traces.events import format as facts_format
from oracle.traces.events.messages import message_of
from properties.facts import facts_between
from properties.rules.steps import (
    Appended,
    Applied,
    CommittedTo,
    Received,
    SentOut,
    Snapshotted,
    Step,
    Transition,
    Truncated,
    configured,
    content_of,
    transitions_of,
)
from properties.rules.vocabulary import NOBODY, Configured, Matched, Standing, vote_of
from properties.view import View
from raft_core import Role, Server

ROLE_NAMES: Final[dict[Role, Literal["leader", "candidate", "pre_candidate", "follower"]]] = {
    Role.FOLLOWER: "follower",
    Role.PRE_CANDIDATE: "pre_candidate",
    Role.CANDIDATE: "candidate",
    Role.LEADER: "leader",
}
ENCODER: Final = msgspec.json.Encoder()


class Exporter:
    """Turns the steps of one run into lines, in their order."""

    def __init__(self, servers: Sequence[Server], meaning: MeaningOf) -> None:
        self.servers = tuple(servers)
        self._meaning = meaning

    def lines(self, first: Sequence[View], records: Iterable[StepRecord]) -> Iterator[bytes]:
        """A header, the starts with what is on all disks, and then each step."""
        names = tuple(map(str, self.servers))
        yield encoded(facts_format.Trace(messages="all", servers=names))
        for server, view in zip(self.servers, first, strict=True):
            yield from map(encoded, self._start(server, view))
        for record in records:
            for line in self.lines_of(record):
                yield encoded(line)

    def lines_of(self, record: StepRecord) -> Iterator[facts_format.Line]:
        """One micro step."""
        action, server = record.happening.action, record.server
        if isinstance(action, actions.Crash):
            yield facts_format.Crash(server=str(action.server))
        if server is None or record.before is None or record.after is None:
            return
        if isinstance(action, actions.Restart):
            yield facts_format.Crash(server=str(server))
            yield from self._start(server, record.after)
            return
        for transition in transitions_of(self._step(server, record), self.servers):
            yield from self._line(server, transition)
        if record.crashed:
            yield facts_format.Crash(server=str(server))

    def _step(self, server: Server, record: StepRecord) -> Step:
        """A step; one that a crash ended, as far as it came: to the disk, and to others."""
        if record.crashed:
            if record.reached is None:
                raise ValueError(
                    f"{server}: found a crash inside a step, expected whole steps: "
                    "its subject does not say how far that step had come"
                )
            assert record.before is not None
            facts = facts_between(server, record.before, record.reached)
            record = evolve(record, after=record.reached, facts=facts, crashed=False)
        return step_of(record, self._meaning)

    def _start(self, server: Server, view: View) -> Iterator[facts_format.Line]:
        log = view.log
        yield facts_format.Start(
            server=str(server),
            term=view.current_term,
            voted_for=self._vote(vote_of(view)),
            last_index=log.last_index,
            commit=view.commit_index,
        )
        yield self._members(server, configured(log, self.servers))

    def _line(self, server: Server, transition: Transition) -> Iterator[facts_format.Line]:
        name = str(server)
        match transition:
            case Received(message):
                source = str(self.servers[message.source])
                yield facts_format.Receive(server=name, source=source, message=message_of(message))
            case SentOut(message):
                to = str(self.servers[message.destination])
                yield facts_format.Send(server=name, destination=to, message=message_of(message))
            case Standing(term, vote, role):
                yield self._term(server, term, vote)
                if role is not None:
                    yield facts_format.RoleTaken(server=name, role=ROLE_NAMES[role])
            case Truncated(first):
                yield facts_format.Truncate(server=name, first=first)
            case Appended(first, entries):
                for index, entry in enumerate(entries, start=first):
                    content = content_of(entry)
                    yield facts_format.Append(
                        server=name, index=index, term=entry.term, digest=content
                    )
            case Snapshotted(index, term):
                yield facts_format.Snapshot(server=name, index=index, term=term)
            case CommittedTo(index):
                yield facts_format.Commit(server=name, index=index)
            case Matched():
                pass  # traces say what was acknowledged, and not what a leader makes of it
            case Applied(place):
                yield facts_format.Apply(
                    server=name, index=place.index, term=place.term, digest=place.content
                )
            case Configured():
                yield self._members(server, transition)

    def _term(self, server: Server, term: int | None, vote: int | None) -> facts_format.Term:
        return facts_format.Term(server=str(server), term=term or 0, voted_for=self._vote(vote))

    def _vote(self, vote: int | None) -> str | UnsetType | None:
        """A vote as a trace writes it: null for nobody, and left out where it is not known."""
        if vote is None:
            return UNSET
        return None if vote == NOBODY else str(self.servers[vote])

    def _members(self, server: Server, after: Configured) -> facts_format.Members:
        voters, joining, learners = (
            tuple(str(self.servers[each]) for each in sorted(some))
            for some in (after.voters, after.joining, after.learners)
        )
        return facts_format.Members(
            server=str(server),
            voters=voters,
            learners=learners,
            new_voters=joining,
            index=after.index,
        )


def exporter_of(cluster: Cluster) -> Exporter:
    """An exporter for a cluster whose subject says what its messages mean."""
    return Exporter(cluster.members, cast(SubjectWithMeanings, cluster.subject).meaning)


def encoded(line: facts_format.Line) -> bytes:
    """A line as it stands in a file; what is not known is left out."""
    built = msgspec.to_builtins(line)
    kept = {name: value for name, value in built.items() if value is not None or name in NULLS}
    if "message" in kept:
        kept["message"] = {
            name: value for name, value in kept["message"].items() if value is not None
        }
    return ENCODER.encode(kept) + b"\n"


NULLS: Final = frozenset({"voted_for"})
"""Where null says something: a vote for nobody."""


def trace_of(cluster: Cluster, wander: Callable[[Cluster], object]) -> list[bytes]:
    """The lines of a run: of whatever `wander` does to a cluster from a fresh start on."""
    cluster.reset()
    first = tuple(cluster.views)
    with recording(cluster) as records:
        wander(cluster)
    return list(exporter_of(cluster).lines(first, records))
