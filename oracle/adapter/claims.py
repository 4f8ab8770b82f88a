"""What an adapter has to do beyond answering: each claim is tried, and holds or fails.

The properties of Raft are not judged here: what an implementation does wrong is for a hunt.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal, TypeAlias

import msgspec
from attrs import field, frozen

from model import actions
from model.actions import OPTIONAL_TYPES, Action, OptionalAction
from model.drivers.walker import walk
from model.failures import PropertyViolatedError
from model.schedule import NOT_READABLE
from model.subject import NetworkKind, SubjectError
from model.world.fair_schedule import PROGRESS_NAMES
from model.world.macro_actions import Cluster
from oracle.adapter import wire
from oracle.adapter.subject import (
    Adapter,
    AdapterSubject,
    Exchange,
    command_of,
    observed,
)
from oracle.adapter.views import NAME_OF
from oracle.processes.line_process import ENDING_SECONDS, LineProcess
from oracle.terminal.wording import unbroken
from properties.checker import Checker
from properties.rules.conforms import CONFORMS
from properties.view import (
    CLIENTS,
    MACHINE,
    MEANINGS,
    MEMBERSHIP,
    REPLICATION,
    SNAPSHOT,
    VOTE,
    View,
)
from raft_core import SERVERS, Role, Server

Verdict: TypeAlias = Literal["ok", "FAILED", "skipped"]
OTHER_RUNS: Final = 1_000
"""Number of the first of the runs that come between a schedule and its repetition."""
EVERY_ADAPTER: Final = (
    actions.Elect(SERVERS[0]),
    actions.ClientRequest(SERVERS[0], "v1"),
    actions.Sync(SERVERS[0]),
    actions.HeartbeatTimeout(SERVERS[0]),
    actions.ElectionTimeout(SERVERS[1]),
    actions.Crash(SERVERS[2]),
    actions.Restart(SERVERS[2]),
    actions.Partition((SERVERS[0],)),
    actions.Heal(),
)
"""Every command that every adapter has; connections break on fifo networks only."""
COMMITTED_AND_NOT: Final = (
    actions.Elect(SERVERS[0]),
    actions.ClientRequest(SERVERS[0], "v1"),
    actions.Sync(SERVERS[0]),
    actions.ClientRequest(SERVERS[0], "v2"),
)
"""An election, an entry that everybody has, and one that only the leader has."""
NEVER_KNOWN: Final = b'{"op":"no_such_command"}'
NEVER_FITTING: Final = "no_such_setting"


@frozen
class Claim:
    """Something that an adapter has to do, and whether it does."""

    text: str
    verdict: Verdict
    reason: str = ""


@frozen(kw_only=True)
class Examination:
    """An adapter and the clusters with which it is tried."""

    adapter: Adapter
    servers: int
    network: NetworkKind
    settings: Mapping[str, str] = field(factory=dict)
    seed: int = 0
    steps: int = 300

    def claims(self) -> Iterator[Claim]:
        """Every claim, tried one after the other."""
        yield tried("replies to every command", self.every_command)
        for name in sorted(EXAMPLES):
            text = f"replies to {name}"
            if name in self.adapter.hello.offers:
                yield tried(text, partial(self.optional_command, name))
            else:
                yield Claim(text, "skipped", "it is not offered")
        yield tried(
            "elects a leader and commits an entry on every server, by deliveries alone",
            self.progress,
        )
        yield tried("keeps term, vote and log in a crash", self.restart)
        yield from self.repetitions()
        yield tried("answers an unsupported command with an error", self.unsupported)
        if self.adapter.hello.settings is msgspec.UNSET:
            yield tried("answers a setting that it does not know with an error", self.odd_setting)
        yield tried("ends when its input ends", self.end_of_input)

    def refusal(self) -> str:
        """Why the adapter refuses its settings; empty where they fit, or where a claim will say."""
        try:
            process = self.adapter.take()
            reset = wire.Reset(NAME_OF[: self.servers], dict(self.settings))
            reply = reply_of(process.ask(wire.encode_command(reset), self.adapter.patience))
        except SubjectError:
            return ""
        self.adapter.give_back(process)
        return "" if reply.error is None else unbroken(reply.error)

    def subject(self) -> AdapterSubject:
        """A new cluster."""
        return AdapterSubject(self.adapter, self.servers, self.settings)

    def cluster(self, subject: AdapterSubject) -> Cluster:
        """A cluster in a world where nothing is judged."""
        checker = Checker(self.servers, observed(self.adapter.hello), ())
        checker.ignored = frozenset({CONFORMS})
        return Cluster(subject, self.servers, self.network, checker)

    def run(self, schedule: Sequence[Action]) -> Cluster:
        """A cluster after these actions."""
        subject = self.subject()
        cluster = self.cluster(subject)
        try:
            cluster.reset()
            for action in schedule:
                cluster.apply(action)
        finally:
            subject.close()
        return cluster

    def every_command(self) -> None:
        """Each command at least once."""
        known = [each for each in EVERY_ADAPTER if fits(each, self.servers)]
        self.run(known)

    def optional_command(self, name: str) -> None:
        """One of the commands that are offered, at a leader with an entry, and steps after it."""
        start: list[Action] = [actions.Elect(SERVERS[0]), actions.ClientRequest(SERVERS[0], "v1")]
        chosen = EXAMPLES[name](SERVERS[: self.servers])
        rest: list[Action] = [actions.ClientRequest(SERVERS[0], "v2"), actions.Sync(SERVERS[0])]
        self.run([*start, actions.Sync(SERVERS[0]), chosen, *rest])

    def progress(self) -> None:
        """What is sent and delivered is enough for Raft to make progress."""
        self.run([actions.Settle(actions.fair_rounds(self.servers))])

    def restart(self) -> None:
        """Every server in turn, after an election and two entries."""
        subject = self.subject()
        cluster = self.cluster(subject)
        shows_vote = VOTE in cluster.checker.observes
        try:
            cluster.reset()
            for action in COMMITTED_AND_NOT:
                cluster.apply(action)
            for server in cluster.members:
                before = cluster.views[server]
                cluster.apply(actions.Restart(server))
                after = cluster.views[server]
                same(server, "term", before.current_term, after.current_term)
                if shows_vote:
                    same(server, "vote", before.voted_for, after.voted_for)
                same_log(server, before, after)
        finally:
            subject.close()

    def repetitions(self) -> Iterator[Claim]:
        """The same commands again have to get the same replies."""
        transcript: list[Exchange] = []
        steps = f"does {self.steps} random steps of seed {self.seed}"
        walked = tried(steps, lambda: transcript.extend(self.walked(0)))
        yield walked
        for text, call in (
            ("does the same again in the same process", lambda: self.again(transcript)),
            ("forgets everything in a reset", lambda: self.again_after_others(transcript)),
            ("does the same in a new process", lambda: self.again_in_new_process(transcript)),
        ):
            if walked.verdict == "ok":
                yield tried(text, call)
            else:
                yield Claim(text, "skipped", "the random steps failed")
        if walked.verdict == "ok":
            yield tried("labels tell messages apart", lambda: check_labels(transcript))
            yield from self.observations(transcript)

    def observations(self, transcript: Sequence[Exchange]) -> Iterator[Claim]:
        """What the adapter says that it observes is to be seen in its replies."""
        replies = [msgspec.json.decode(line) for _, line in transcript]
        rare = {SNAPSHOT, CLIENTS} if self.servers > 1 else {SNAPSHOT, CLIENTS, *BETWEEN_SERVERS}
        for word, is_shown in SHOWN_BY.items():
            text = f"shows {word}"
            if any(map(is_shown, replies)):
                yield Claim(text, "ok")
            elif word == MEMBERSHIP and "ChangeMembership" in self.adapter.hello.offers:
                yield Claim(text, "FAILED", "found no voters, expected them: changes are offered")
            elif word not in self.adapter.hello.observes:
                yield Claim(text, "skipped", "it is not observed")
            elif word in rare:
                yield Claim(text, "skipped", "nothing of it happened in the random steps")
            else:
                reason = "found it in no reply to the random steps, expected it: it is observed"
                yield Claim(text, "FAILED", reason)

    def walked(self, first: int) -> list[Exchange]:
        """All that was said in random runs, of at least so many steps."""
        subject = self.subject()
        transcript: list[Exchange] = []
        subject.transcript = transcript
        cluster = self.cluster(subject)
        number = first
        try:
            while cluster.micro_steps < self.steps:
                violation, _ = walk(cluster, self.seed, number)
                if violation is not None and violation.property not in PROGRESS_NAMES:
                    raise SubjectError(violation.detail)
                number += 1
        finally:
            subject.close()
        return transcript

    def again(self, transcript: Sequence[Exchange]) -> None:
        """The same commands in a process that has done them before."""
        process = self.adapter.take()
        compare(transcript, process, self.adapter.patience)
        self.adapter.give_back(process)

    def again_after_others(self, transcript: Sequence[Exchange]) -> None:
        """The same commands after other runs."""
        self.walked(OTHER_RUNS)
        self.again(transcript)

    def again_in_new_process(self, transcript: Sequence[Exchange]) -> None:
        """The same commands in a process that has done nothing."""
        idle, self.adapter.idle = self.adapter.idle, []
        for each in idle:
            each.stop()
        self.again(transcript)

    def unsupported(self) -> None:
        """A command that nobody knows, and those that are not offered."""
        process = self.adapter.take()
        reset = wire.Reset(NAME_OF[: self.servers], dict(self.settings))
        process.ask(wire.encode_command(reset), self.adapter.patience)
        offered = self.adapter.hello.offers
        lines = [NEVER_KNOWN, *(line for name, line in UNSUPPORTED.items() if name not in offered)]
        for line in lines:
            reply = reply_of(process.ask(line, self.adapter.patience))
            if reply.error is None:
                raise SubjectError(f"{line.decode()}: found a reply without error, expected one")
        process.ask(wire.encode_command(reset), self.adapter.patience)
        self.adapter.give_back(process)

    def odd_setting(self) -> None:
        """A setting that it cannot know."""
        process = self.adapter.take()
        reset = wire.Reset(NAME_OF[: self.servers], {NEVER_FITTING: "1"})
        reply = reply_of(process.ask(wire.encode_command(reset), self.adapter.patience))
        if reply.error is None:
            raise SubjectError(
                f"reset with {NEVER_FITTING}=1: found a reply without error, expected one"
            )
        self.adapter.give_back(process)

    def end_of_input(self) -> None:
        """It must not outlive us."""
        if not self.adapter.take().ends_with_input(ENDING_SECONDS + self.adapter.patience):
            raise SubjectError("found it running, expected its process to end")


EXAMPLES: Final[Mapping[str, Callable[[tuple[Server, ...]], OptionalAction]]] = {
    kind.offers[0]: kind.example for kind in OPTIONAL_TYPES
}
"""By the word in `offers`: an action that makes sense at a leader, the first of some servers."""
UNSUPPORTED: Final[Mapping[str, bytes]] = {
    name: wire.encode_command(command_of(example(SERVERS[:1])))
    for name, example in EXAMPLES.items()
}
"""By the word in `offers`: the command with which an adapter that lacks it is asked for it."""


def views_of(reply: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The views in a reply."""
    return list(reply.get("views", {}).values())


SHOWN_BY: Final[Mapping[str, Callable[[Mapping[str, Any]], bool]]] = {
    VOTE: lambda reply: any(view.get("vote") for view in views_of(reply)),
    REPLICATION: lambda reply: any(view.get("match") for view in views_of(reply)),
    MACHINE: lambda reply: any(view.get("digest") is not None for view in views_of(reply)),
    SNAPSHOT: lambda reply: any(view.get("snapshot", [0, 0])[0] for view in views_of(reply)),
    MEMBERSHIP: lambda reply: any(view.get("voters") for view in views_of(reply)),
    CLIENTS: lambda reply: bool(reply.get("answers")),
    MEANINGS: lambda reply: any(each.get("meaning") for each in reply.get("sent", ())),
}
"""By word of `observes`: whether a reply shows it."""
BETWEEN_SERVERS: Final = frozenset({REPLICATION, MEANINGS})
"""What a cluster of one server has nothing of."""


def tried(text: str, call: Callable[[], object]) -> Claim:
    """A claim after it was tried."""
    try:
        call()
    except PropertyViolatedError as violated:
        return Claim(text, "FAILED", violated.violation.detail)
    except SubjectError as error:
        return Claim(text, "FAILED", str(error))
    return Claim(text, "ok")


def fits(action: Action, servers: int) -> bool:
    """Whether an action names servers of a cluster of this size only."""
    named = getattr(action, "server", SERVERS[0])
    return int(named) < servers


def same(server: Server, what: str, before: object, after: object) -> None:
    """What is on the disk is the same after a restart."""
    if before != after:
        raise SubjectError(
            f"{what} of {server}: found {after} after its restart, expected {before}"
        )


def same_log(server: Server, before: View, after: View) -> None:
    """The log too, though a snapshot may have taken the place of its beginning.

    A leader may still not have written what is not committed (thesis, section 10.2.1).
    """
    last = after.log.last_index
    if before.role is not Role.LEADER or not before.commit_index <= last < before.log.last_index:
        same(server, "last index", before.log.last_index, last)
    if before.log.common_last_index(after.log) != last:
        raise SubjectError(f"log of {server}: found other entries after its restart")


def reply_of(line: bytes) -> wire.Reply:
    """A reply that was asked for by hand."""
    try:
        return wire.decode_reply(line)
    except NOT_READABLE as error:
        raise SubjectError(str(error)) from None


def compare(transcript: Sequence[Exchange], process: LineProcess, patience: float) -> None:
    """Give the same commands again; SubjectError at the first reply that is different."""
    for number, (asked, expected) in enumerate(transcript, start=1):
        found = process.ask(asked, patience)
        if found == expected:
            continue
        then = msgspec.json.decode(found)
        where = difference(msgspec.json.decode(expected), then, "")
        if where:
            name = msgspec.json.decode(asked)["op"]
            raise SubjectError(f"command {number}, {name}{where}")


def difference(first: object, then: object, path: str) -> str:
    """Where two JSON values differ, and how; empty where they do not."""
    if isinstance(first, dict) and isinstance(then, dict):
        keys = [*first, *(key for key in then if key not in first)]
        parts = ((first.get(key), then.get(key), f"{path}.{key}") for key in keys)
    elif isinstance(first, list) and isinstance(then, list) and len(first) == len(then):
        pairs = enumerate(zip(first, then, strict=True))
        parts = ((one, other, f"{path}[{place}]") for place, (one, other) in pairs)
    else:
        return "" if first == then else f"{path}: found {then!r}, expected {first!r} as before"
    return next(filter(None, (difference(*part) for part in parts)), "")


def check_labels(transcript: Sequence[Exchange]) -> None:
    """In one run, one label on one link stands for one message."""
    known: dict[tuple[str, str, str], object] = {}
    for asked, line in transcript:
        command = msgspec.json.decode(asked)
        if command["op"] == "reset":
            known.clear()
        for each in msgspec.json.decode(line).get("sent", ()):
            source = each.get("from", command.get("server"))
            link = (source, each["to"], each["label"])
            message = known.setdefault(link, each["message"])
            if message != each["message"]:
                raise SubjectError(
                    f"{each['label']!r} from {source} to {each['to']}: "
                    "found two different messages, expected one"
                )
