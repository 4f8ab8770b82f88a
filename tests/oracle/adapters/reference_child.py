"""An adapter that speaks the protocol: the reference, or a mutant of it, in a process of its own.

reference_child.py [--mutant NAME] [--set NAME=VALUE]...
"""

import argparse
import base64
import json
import pickle
import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Any, cast

from attrs import evolve

from model import actions
from model.mutants import MUTANT_BY_NAME
from model.reference.cluster import ReferenceCluster, ReferenceFactory, offers_of
from model.reference.describe import describe
from model.reference.meaning import meaning_of
from model.reference.settings import read_settings
from model.subject import Packet, Sent, ServerCrashedError
from properties.rules.vocabulary import FIELDS_OF
from raft_core import (
    SERVERS,
    Log,
    Membership,
    Role,
    Server,
    State,
)

SERVER_OF = {str(server): server for server in SERVERS}
CALLS = {
    "election_timeout",
    "heartbeat_timeout",
    "client_request",
    "crash",
    "restart",
    "disconnect",
    "connect",
}
ACTIONS: Mapping[str, Callable[..., Any]] = {
    "compact": actions.Compact,
    "change_membership": actions.ChangeMembership,
    "transfer_leadership": actions.TransferLeadership,
    "pass_time": actions.PassTime,
    "invoke": actions.Invoke,
    "crash_inside": actions.CrashInside,
    "fail_write": actions.FailWrite,
    "complete_write": actions.CompleteWrite,
}
ALWAYS = {"role", "log", "commit_index", "last_applied"}


def chosen() -> tuple[ReferenceFactory, dict[str, str]]:
    """The factory and the settings that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutant")
    parser.add_argument("--set", action="append", default=[])
    words = parser.parse_args()
    settings = dict(pair.split("=", 1) for pair in words.set)
    if words.mutant is None:
        return ReferenceFactory(), settings
    mutant = MUTANT_BY_NAME[words.mutant]
    return evolve(ReferenceFactory(), protocol=mutant.protocol()), {**mutant.settings, **settings}


class Adapter:
    """A cluster, and what of it has been shown."""

    def __init__(self) -> None:
        self.factory, self.settings = chosen()
        self.cluster: ReferenceCluster
        self.shown: dict[Server, tuple[State, int]] = {}
        """The servers, each with how many writes are under way."""

    def hello(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """What this is."""
        choices = read_settings(self.settings, 3)
        return {
            "protocol": 1,
            "name": "reference",
            "version": "1",
            "network": "any",
            "observes": sorted(self.factory.observes_with(self.settings) - ALWAYS),
            "offers": sorted(offers_of(choices.configuration, choices.disk_faults)),
            "settings": [
                {"name": each.name, "default": each.default, "meaning": each.meaning}
                for each in self.factory.settings
            ],
            "summary": "the reference as an adapter",
        }

    def reply(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do a command."""
        name = command.pop("op")
        if name == "hello":
            return self.hello(command)
        if name == "reset":
            return self.reset(command)
        before = dict(self.shown)
        try:
            sent = self.do(name, command)
        except ServerCrashedError as crash:
            server = SERVER_OF[command["server"]]
            self.shown.pop(server)
            known, _ = before[server]
            disk = cast(State, crash.view or known)
            views = {str(server): view_of(server, disk, known.log, self.members())}
            return {"crashed": True, "sent": packed(crash.sent), "views": views}
        reply: dict[str, Any] = {"sent": packed(sent), "views": self.changes()}
        if "Invoke" in self.cluster.offers:
            told = self.cluster.answers()
            reply["answers"] = [
                {"client": each.client, "number": each.number, "output": each.output}
                for each in told
            ]
        return reply

    def reset(self, command: dict[str, Any]) -> dict[str, Any]:
        """A new cluster."""
        settings = {**self.settings, **command["settings"]}
        try:
            self.cluster = self.factory.create(len(command["servers"]), settings)
        except ValueError as error:
            return {"error": str(error)}
        self.shown.clear()
        return {"views": self.changes()}

    def do(self, name: str, command: dict[str, Any]) -> Sent:
        """Any command but the first two."""
        if name == "receive":
            message = pickle.loads(base64.b64decode(command["message"]))
            source, server = SERVER_OF[command["from"]], SERVER_OF[command["server"]]
            return self.cluster.receive(Packet(source, server, "", message))
        members = {key: plain(key, value) for key, value in command.items()}
        if name in ACTIONS:
            if ACTIONS[name].__name__ not in self.cluster.offers:
                raise ValueError(f"op: found {name!r}, which is not offered")
            return self.cluster.perform(ACTIONS[name](**members))
        if name == "restart":
            self.shown.pop(members["server"], None)
        if name not in CALLS:
            raise ValueError(f"op: found {name!r}, expected one of the protocol")
        sent: Sent | None = getattr(self.cluster, name)(*members.values())
        return sent or ()

    def members(self) -> Membership | None:
        """All servers, which no configuration in the log stands for; None where they stay."""
        members = tuple(self.cluster.configuration.members())
        return Membership(members) if "ChangeMembership" in self.cluster.offers else None

    def changes(self) -> dict[str, Any]:
        """The views that are not as they were shown last."""
        views = {}
        for server in self.cluster.configuration.members():
            state, known = self.seen(server), self.shown.get(server)
            writes = self.cluster.writes_under_way(server)
            if state is None or (known is not None and state is known[0] and writes == known[1]):
                continue
            log = known[0].log if known else Log()
            views[str(server)] = view_of(server, state, log, self.members()) | {"writes": writes}
            self.shown[server] = (state, writes)
        return views

    def seen(self, server: Server) -> State | None:
        """A running server, or one that is down and owes less than it has shown."""
        if server not in self.cluster._down:
            return self.cluster.view(server)
        known, owed = self.shown.get(server), self.cluster.owed(server)
        return None if known is None or owed == known[0] else owed


def plain(key: str, value: Any) -> Any:
    """Names of servers as servers."""
    if isinstance(value, list):
        return tuple(SERVER_OF[each] for each in value)
    return SERVER_OF[value] if key in ("server", "peer", "target") else value


def packed(sent: Sent) -> list[dict[str, Any]]:
    """Messages for the wire."""
    return [
        {
            "from": str(packet.source),
            "to": str(packet.destination),
            "message": base64.b64encode(pickle.dumps(packet.content)).decode(),
            "label": label_of(packet.content),
            "meaning": said_by(packet),
        }
        for packet in sent
    ]


def label_of(message: object) -> str:
    """A message in one line; what that leaves out tells messages apart by a checksum."""
    return f"{describe(message)} #{zlib.crc32(repr(message).encode()):08x}"


def said_by(packet: Packet) -> dict[str, Any]:
    """What a packet means, in the words of the protocol."""
    meaning = meaning_of(packet.content, packet.source, packet.destination)
    if meaning is None:
        return {"type": "other"}
    fields = FIELDS_OF[meaning.kind].items()
    said = {name: getattr(meaning, attribute) for attribute, name in fields}
    if meaning.terms is not None and meaning.contents is not None:
        said["entries"] = list(zip(meaning.terms, meaning.contents, strict=True))
    told = {name: value for name, value in said.items() if value is not None}
    return {"type": meaning.kind, "term": meaning.term, **told}


def view_of(
    server: Server, state: State, known: Log, first_members: Membership | None
) -> dict[str, Any]:
    """A server's state: the part of the log that is new, and members where they change."""
    log = state.log
    same = known.snapshot_index == log.snapshot_index
    first = known.common_last_index(log) + 1 if same else log.first_index
    entries = log.entries_from(first, log.last_index - first + 1)
    view: dict[str, Any] = {
        "role": "follower" if state.role is Role.PRE_CANDIDATE else state.role.value,
        "term": state.current_term,
        "vote": None if state.voted_for is None else str(state.voted_for),
        "commit": state.commit_index,
        "applied": state.last_applied,
        "snapshot": [log.snapshot_index, log.snapshot_term],
        "log": {"from": first, "entries": [[each.term, str(each.command)] for each in entries]},
    }
    if state.role is Role.LEADER:
        view["match"] = indexes(state.match_index)
        view["next"] = indexes(state.next_index)
    digest = getattr(state, "applied_digest", None)
    if digest is not None:
        view["digest"] = str(digest)
    if first_members is not None:
        *earlier, latest = ((0, first_members), *log.memberships)
        view |= voters(*latest) | {"earlier": [voters(*each) for each in earlier]}
    return view


def indexes(values: tuple[int, ...]) -> dict[str, int]:
    """Indexes by server."""
    return {str(server): value for server, value in zip(SERVERS, values, strict=False)}


def voters(since: int, membership: Membership) -> dict[str, Any]:
    """The configuration in force."""
    return {
        "voters": [str(each) for each in membership.voters],
        "learners": [str(each) for each in membership.learners],
        "new_voters": [str(each) for each in membership.new_voters],
        "voters_since": since,
    }


def main() -> None:
    """One line in, one line out."""
    adapter = Adapter()
    for line in sys.stdin:
        command: dict[str, Any] = {}
        try:
            command = json.loads(line)
            reply = adapter.reply(command)
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
