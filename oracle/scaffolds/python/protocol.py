"""The adapter protocol, version 1: one JSON object a line, each command answered by one line.

There is nothing to change here. `serve` reads commands, calls the cluster, and writes what it
returned; of a log it writes only what differs from what it wrote last.
"""

import json
import sys
import traceback
from dataclasses import dataclass
from typing import Any, Protocol

View = dict[str, Any]
"""role, term, vote, commit, applied, log, and of a leader next and match."""


@dataclass
class Sent:
    """A message that a server sent."""

    source: str
    to: str
    message: str
    label: str
    meaning: dict[str, Any]


class Calls(Protocol):
    """What a cluster does; see adapter.py."""

    def reset(self, servers: list[str], settings: dict[str, str]) -> list[Sent]: ...
    def election_timeout(self, server: str) -> list[Sent]: ...
    def heartbeat_timeout(self, server: str) -> list[Sent]: ...
    def client_request(self, server: str, command: str) -> list[Sent]: ...
    def receive(self, server: str, source: str, message: str) -> list[Sent]: ...
    def crash(self, server: str) -> None: ...
    def restart(self, server: str) -> list[Sent]: ...
    def view(self, server: str) -> View: ...


class Session:
    """A conversation: the cluster, and the logs that were shown of it."""

    def __init__(self, hello: dict[str, Any], cluster: Calls) -> None:
        self.hello = hello
        self.cluster = cluster
        self.shown: dict[str, list[Any]] = {}

    def reply(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do one command."""
        op = command["op"]
        if op == "hello":
            return {"protocol": 1, **self.hello}
        if op == "reset":
            self.shown.clear()
            names: list[str] = command["servers"]
            sent = self.cluster.reset(names, command.get("settings", {}))
            return self.answer(sent, names)
        server: str = command["server"]
        if op == "crash":
            self.cluster.crash(server)
            self.shown.pop(server, None)
            return {}
        return self.answer(self.do(op, server, command), [server])

    def do(self, op: str, server: str, command: dict[str, Any]) -> list[Sent]:
        """A command at one running server."""
        match op:
            case "election_timeout":
                return self.cluster.election_timeout(server)
            case "heartbeat_timeout":
                return self.cluster.heartbeat_timeout(server)
            case "client_request":
                return self.cluster.client_request(server, command["command"])
            case "receive":
                return self.cluster.receive(server, command["from"], command["message"])
            case "restart":
                return self.cluster.restart(server)
            case "connect" | "disconnect":
                return []
        raise ValueError(f"unknown op {op}")

    def answer(self, sent: list[Sent], servers: list[str]) -> dict[str, Any]:
        """What was sent, and what the servers look like now."""
        return {
            "sent": [
                {
                    "from": each.source,
                    "to": each.to,
                    "message": each.message,
                    "label": each.label,
                    "meaning": each.meaning,
                }
                for each in sent
            ],
            "views": {server: self.view(server) for server in servers},
        }

    def view(self, server: str) -> View:
        """A view with the part of its log that was not shown before."""
        view = dict(self.cluster.view(server))
        log = list(view.pop("log"))
        shown = self.shown.get(server)
        if log == shown:
            return view
        same = 0
        while shown and same < min(len(log), len(shown)) and log[same] == shown[same]:
            same += 1
        self.shown[server] = log
        view["log"] = {"from": same + 1, "entries": log[same:]}
        return view


def serve(hello: dict[str, Any], cluster: Calls) -> None:
    """Answer commands until there are no more; what the cluster raises is an answer too."""
    session = Session(hello, cluster)
    for line in sys.stdin:
        try:
            reply = session.reply(json.loads(line))
        except Exception as error:
            traceback.print_exc()
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply, separators=(",", ":")), flush=True)
