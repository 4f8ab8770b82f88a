"""The calls that raft-oracle makes, answered by a Raft: put yours in the place of the toy.

Fill in the seven methods of `Cluster`; `protocol.py` does the rest. Everything happens inside the
call: no sockets, no threads, no clock, no dice. Timers run out when raft-oracle says so.
"""

import json
from dataclasses import asdict
from typing import Any

from protocol import Sent, View, serve
from raft import Disk, Message, Server

HELLO = {
    "name": "toy",
    "version": "1",
    "network": "any",  # "fifo", if yours relies on connections that keep order
    "observes": ["voted_for", "next_index and match_index", "message meanings"],
    "summary": "the toy of the Python scaffold",
}


class Cluster:
    """All servers of a run."""

    def reset(self, servers: list[str], settings: dict[str, str]) -> list[Sent]:
        """Forget everything, disks too, and start all servers."""
        if settings:
            raise ValueError(f"setting {min(settings)}: the toy has none")
        self.names = servers
        self.disks = {name: Disk() for name in servers}
        self.running: dict[str, Server] = {}
        return [message for name in servers for message in self.restart(name)]

    def election_timeout(self, server: str) -> list[Sent]:
        """The election timer of a server runs out."""
        self.running[server].election_timeout()
        return self.sent_by(server)

    def heartbeat_timeout(self, server: str) -> list[Sent]:
        """One heartbeat interval goes by at a server."""
        self.running[server].heartbeat_timeout()
        return self.sent_by(server)

    def client_request(self, server: str, command: str) -> list[Sent]:
        """A client hands a server a command."""
        self.running[server].propose(command)
        return self.sent_by(server)

    def receive(self, server: str, source: str, message: str) -> list[Sent]:
        """A message arrives."""
        fields = json.loads(message)
        fields["entries"] = [(term, command) for term, command in fields["entries"]]
        self.running[server].receive(source, Message(**fields))
        return self.sent_by(server)

    def crash(self, server: str) -> None:
        """A server stops at once; its disk stays."""
        del self.running[server]

    def restart(self, server: str) -> list[Sent]:
        """A server starts from its disk."""
        peers = [name for name in self.names if name != server]
        self.running[server] = Server(server, peers, self.disks[server])
        return self.sent_by(server)

    def view(self, server: str) -> View:
        """What there is to be seen of a running server; `log` holds [term, command] pairs."""
        raft = self.running[server]
        view: View = {
            "role": raft.role,
            "term": raft.term,
            "vote": raft.voted_for,
            "commit": raft.commit_index,
            "applied": raft.last_applied,
            "log": raft.log,
        }
        if raft.role == "leader":
            view["next"] = raft.next_index
            view["match"] = raft.match_index
        return view

    def sent_by(self, server: str) -> list[Sent]:
        """What a server sent since the last time."""
        outbox = self.running[server].outbox
        sent = [
            Sent(server, to, json.dumps(asdict(message)), label_of(message), meaning_of(message))
            for to, message in outbox
        ]
        outbox.clear()
        return sent


def label_of(message: Message) -> str:
    """A message in one short line; two messages with one label must be the same."""
    match message.type:
        case "request_vote":
            last = f"{message.last_log_index}@{message.last_log_term}"
            return f"RequestVote t{message.term} last {last}"
        case "request_vote_response":
            return f"RequestVote reply t{message.term} {yes_or_no(message.vote_granted)}"
        case "append_entries":
            first = message.prev_log_index + 1
            entries = "".join(
                f" {index}@{term}:{command}"
                for index, (term, command) in enumerate(message.entries, first)
            )
            prev = f"{message.prev_log_index}@{message.prev_log_term}"
            commit = message.leader_commit
            return f"AppendEntries t{message.term} prev {prev} entries{entries} commit {commit}"
        case _:
            success = yes_or_no(message.success)
            return f"AppendEntries reply t{message.term} {success} {message.match_index}"


def yes_or_no(value: bool) -> str:
    """What a label says of a truth value."""
    return "yes" if value else "no"


def meaning_of(message: Message) -> dict[str, Any]:
    """A message in the words of the paper; leave out what yours does not have."""
    names = ["type", "term"]
    match message.type:
        case "request_vote":
            names += ["last_log_index", "last_log_term"]
        case "request_vote_response":
            names += ["vote_granted"]
        case "append_entries":
            names += ["prev_log_index", "prev_log_term", "entries", "leader_commit"]
        case "append_entries_response":
            names += ["success", "match_index"] if message.success else ["success"]
    return {name: getattr(message, name) for name in names}


if __name__ == "__main__":
    serve(HELLO, Cluster())
