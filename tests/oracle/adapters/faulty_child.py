"""An adapter of servers that only stand for election, with one fault that its argument names.

faulty_child.py FAULT [COMMAND]: the fault happens at every COMMAND, else at client_request.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

Reply = dict[str, Any]
FLOOD = 100 << 20
TALK = 1 << 20
EMPTY: Reply = {"from": 1, "entries": []}
HELLO: Reply = {
    "protocol": 1,
    "name": "faulty",
    "version": "1",
    "network": "any",
    "observes": ["voted_for"],
}


class Servers:
    """Every server's view."""

    def __init__(self) -> None:
        self.views: dict[str, Reply] = {}
        self.sent = 0

    def reply(self, command: Reply) -> Reply:
        """Do a command as it should be done."""
        name, server = command["op"], command.get("server", "")
        if name == "hello":
            return HELLO
        if name == "reset":
            self.views = {each: blank() for each in command["servers"]}
            return {"views": self.views}
        if name == "election_timeout":
            return self.stand(server)
        if name == "restart":
            shown = {**self.views[server], "role": "follower", "log": EMPTY}
            return {"views": {server: shown}}
        return {}

    def stand(self, server: str) -> Reply:
        """A server asks the others for their votes."""
        view = self.views[server]
        view |= {"role": "candidate", "term": view["term"] + 1, "vote": server}
        label = f"RequestVote t{view['term']}"
        others = [each for each in self.views if each != server]
        sent = [{"to": each, "message": label, "label": label} for each in others]
        return {"sent": sent, "views": {server: view}}


def blank() -> Reply:
    """A server at its start."""
    return {"role": "follower", "term": 0, "vote": None, "commit": 0, "applied": 0}


def with_view(**changes: Any) -> Callable[[Reply, str], Reply]:
    """A fault in the view of the command's server."""

    def fault(reply: Reply, server: str) -> Reply:
        return {"views": {server: blank() | changes}}

    return fault


def with_sent(**message: Any) -> Callable[[Reply, str], Reply]:
    """A fault in what the command's server sent; SELF is that server."""

    def fault(reply: Reply, server: str) -> Reply:
        named = {key: server if value == "SELF" else value for key, value in message.items()}
        return {"sent": [named]}

    return fault


def without_term(reply: Reply, server: str) -> Reply:
    """A field is missing."""
    view = blank()
    del view["term"]
    return {"views": {server: view}}


REPLIES: Mapping[str, Callable[[Reply, str], Reply]] = {
    "talks": lambda reply, server: {"sent": [], "hides": ["x" * TALK]},
    "error": lambda reply, server: {"error": "panic: index out of range\n at raft.go:7"},
    "guess": lambda reply, server: {"error": "S1: guess: commit=seen: it says 0 when 1 is applied"},
    "unknown-field": lambda reply, server: {**reply, "sents": []},
    "missing-field": without_term,
    "wrong-type": with_view(term="7"),
    "negative": with_view(commit=-1),
    "unknown-role": with_view(role="king"),
    "vote-for-nobody": with_view(vote="S9"),
    "log-with-gap": with_view(log={"from": 5, "entries": [[1, "v1"]]}),
    "log-in-snapshot": with_view(snapshot=[3, 1], log={"from": 2, "entries": [[1, "v1"]]}),
    "unknown-server": lambda reply, server: {"views": {"S8": blank()}},
    "sent-to-itself": with_sent(to="SELF", message="m", label="m"),
    "sent-to-nobody": with_sent(to="S9", message="m", label="m"),
    "sent-without-label": with_sent(to="S1", message="m"),
    "long-label": with_sent(to="S1", message="m", label="m" * TALK),
    "long-error": lambda reply, server: {"error": "e" * TALK},
    "unknown-meaning": with_sent(to="S1", message="m", label="m", meaning={"type": "poem"}),
    "no-views": lambda reply, server: {},
    "no-log": lambda reply, server: {"views": {server: blank()}},
    "crashed-unasked": lambda reply, server: {"crashed": True},
    "other-version": lambda reply, server: {**HELLO, "protocol": 2},
    "unknown-offer": lambda reply, server: {**HELLO, "offers": ["Fly"]},
    "unknown-observation": lambda reply, server: {**HELLO, "observes": ["moods"]},
    "keeps": lambda reply, server: {
        "views": {each: view | {"term": term_so_far()} for each, view in reply["views"].items()}
    },
    "forgets": lambda reply, server: {"views": {server: blank() | {"log": EMPTY}}},
    "one-label": lambda reply, server: {
        "sent": [
            {"to": each["to"], "message": each["label"], "label": "m"} for each in reply["sent"]
        ],
        "views": reply["views"],
    },
    "by-time": lambda reply, server: {
        "sent": [
            {"to": each, "message": "m", "label": f"at {time.perf_counter_ns()}"}
            for each in ("S1", "S2", "S3")
            if each != server
        ]
    },
}


RESETS: list[None] = []
"""One item for each reset that there was."""


def term_so_far() -> int:
    """What should be forgotten in a reset: one more each time."""
    RESETS.append(None)
    return len(RESETS)


def write(data: bytes) -> None:
    """Write all of it to standard output."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def half_a_line() -> None:
    """The process ends within its reply."""
    write(b'{"sent":[{"to"')
    os._exit(0)


def close_output() -> None:
    """Nobody can be answered any more."""
    os.close(1)
    time.sleep(60)


def flood_errors() -> None:
    """Much on standard error; the end of it tells more."""
    for _ in range(FLOOD >> 16):
        os.write(2, b"chatter " * (1 << 13))
    os.write(2, b"\nthe last word\n")


def complain_and_exit() -> None:
    """What a panic does."""
    sys.stderr.write("panic: everything is lost\n")
    sys.stderr.flush()
    os._exit(2)


DEEDS: Mapping[str, Callable[[], object]] = {
    "silent": lambda: time.sleep(60),
    "half-a-line": half_a_line,
    "garbage": lambda: write(b"panic!\n"),
    "no-utf8": lambda: write(b'{"error":"\xff"}\n'),
    "no-object": lambda: write(b"[]\n"),
    "twice": lambda: write(b"{}\n{}\n"),
    "exits": lambda: os._exit(3),
    "complains": complain_and_exit,
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "closes-output": close_output,
    "floods": lambda: write(b"x" * FLOOD),
    "floods-errors": flood_errors,
}
HARMLESS = frozenset({"none", "stays"})
ONCE_MORE = frozenset({"floods-errors"})
"""Deeds after which the command is answered nevertheless."""


def main() -> None:
    """One line in, one line out, but for the fault."""
    fault = sys.argv[1]
    where = sys.argv[2] if len(sys.argv) > 2 else "client_request"
    servers = Servers()
    for line in sys.stdin:
        command = json.loads(line)
        reply = servers.reply(command)
        if command["op"] == where:
            if fault in HARMLESS:
                pass
            elif fault in DEEDS:
                DEEDS[fault]()
                if fault not in ONCE_MORE:
                    continue
            else:
                reply = REPLIES[fault](reply, command.get("server", ""))
        write(json.dumps(reply).encode() + b"\n")
    if fault == "stays":
        time.sleep(60)


if __name__ == "__main__":
    main()
