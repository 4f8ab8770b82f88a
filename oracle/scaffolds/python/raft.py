"""A toy Raft that makes the adapter run at once: Figure 2 of the paper, without snapshots.

Replace this file by your own implementation. It owns no network, clock or thread; what it sends
goes into `outbox`, and what must survive a crash into `disk`.
"""

from dataclasses import dataclass, field

Entry = tuple[int, str]
"""A term and a command; the no-op of a new leader is the empty command."""


@dataclass
class Disk:
    """What a server keeps over a crash."""

    term: int = 0
    voted_for: str | None = None
    log: list[Entry] = field(default_factory=list)


@dataclass
class Message:
    """An RPC or its reply; fields that a type does not use stay as they are here."""

    type: str
    term: int
    last_log_index: int = 0
    last_log_term: int = 0
    vote_granted: bool = False
    prev_log_index: int = 0
    prev_log_term: int = 0
    entries: list[Entry] = field(default_factory=list)
    leader_commit: int = 0
    success: bool = False
    match_index: int = 0
    """What a reply acknowledges; in a refusal, where the follower's log may still match."""


class Server:
    """One server; it starts from its disk."""

    def __init__(self, name: str, peers: list[str], disk: Disk) -> None:
        self.name = name
        self.peers = peers
        self.disk = disk
        self.term = disk.term
        self.voted_for = disk.voted_for
        self.log = list(disk.log)
        self.role = "follower"
        self.commit_index = 0
        self.last_applied = 0
        self.votes: set[str] = set()
        self.next_index: dict[str, int] = {}
        self.match_index: dict[str, int] = {}
        self.outbox: list[tuple[str, Message]] = []

    def election_timeout(self) -> None:
        """Stand for election, unless leading."""
        if self.role == "leader":
            return
        self.role = "candidate"
        self.term += 1
        self.voted_for = self.name
        self.votes = {self.name}
        self.persist()
        last = len(self.log)
        for peer in self.peers:
            self.send(peer, Message("request_vote", self.term, last, self.term_at(last)))
        self.count_votes()

    def heartbeat_timeout(self) -> None:
        """Send what each follower lacks, or nothing but the news that there is a leader."""
        if self.role == "leader":
            for peer in self.peers:
                self.send_entries(peer)

    def propose(self, command: str) -> None:
        """Append a client's command, if leading."""
        if self.role == "leader":
            self.log.append((self.term, command))
            self.persist()
            self.heartbeat_timeout()
            self.advance_commit()

    def receive(self, source: str, message: Message) -> None:
        """Handle an RPC or a reply."""
        if message.term > self.term:
            self.role = "follower"
            self.term = message.term
            self.voted_for = None
            self.persist()
        match message.type:
            case "request_vote":
                self.on_request_vote(source, message)
            case "request_vote_response":
                self.on_vote(source, message)
            case "append_entries":
                self.on_append_entries(source, message)
            case "append_entries_response":
                self.on_append_reply(source, message)

    def on_request_vote(self, source: str, asked: Message) -> None:
        """Grant at most one vote a term, and only to who is up to date (section 5.4.1)."""
        last = len(self.log)
        mine = (self.term_at(last), last)
        granted = (
            asked.term == self.term
            and self.voted_for in (None, source)
            and (asked.last_log_term, asked.last_log_index) >= mine
        )
        if granted:
            self.voted_for = source
            self.persist()
        self.send(source, Message("request_vote_response", self.term, vote_granted=granted))

    def on_vote(self, source: str, reply: Message) -> None:
        """Count a vote of this term."""
        if self.role == "candidate" and reply.term == self.term and reply.vote_granted:
            self.votes.add(source)
            self.count_votes()

    def count_votes(self) -> None:
        """Lead, with a majority of votes."""
        if len(self.votes) < self.majority():
            return
        self.role = "leader"
        self.next_index = dict.fromkeys(self.peers, len(self.log) + 1)
        self.match_index = dict.fromkeys(self.peers, 0)
        self.propose("")

    def on_append_entries(self, source: str, sent: Message) -> None:
        """Append what follows a matching entry; delete what conflicts, and only that."""
        if sent.term < self.term:
            self.send(source, Message("append_entries_response", self.term))
            return
        self.role = "follower"
        prev = sent.prev_log_index
        if prev > len(self.log) or self.term_at(prev) != sent.prev_log_term:
            hint = min(prev - 1, len(self.log))
            self.send(source, Message("append_entries_response", self.term, match_index=hint))
            return
        for index, entry in enumerate(sent.entries, prev + 1):
            if index <= len(self.log) and self.term_at(index) != entry[0]:
                del self.log[index - 1 :]
            if index > len(self.log):
                self.log.append(entry)
        self.persist()
        matched = prev + len(sent.entries)
        self.commit(min(sent.leader_commit, matched))
        reply = Message("append_entries_response", self.term, success=True, match_index=matched)
        self.send(source, reply)

    def on_append_reply(self, source: str, reply: Message) -> None:
        """Note what a follower holds, or go back to where its log may match."""
        if self.role != "leader" or reply.term != self.term:
            return
        if reply.success:
            matched = max(self.match_index[source], reply.match_index)
            self.match_index[source] = matched
            self.next_index[source] = max(self.next_index[source], matched + 1)
            self.advance_commit()
        else:
            back = min(self.next_index[source] - 1, reply.match_index + 1)
            self.next_index[source] = max(self.match_index[source] + 1, back)
            self.send_entries(source)

    def advance_commit(self) -> None:
        """Commit what a majority holds, if it is of this term (section 5.4.2)."""
        held = sorted([len(self.log), *self.match_index.values()], reverse=True)
        index = held[self.majority() - 1]
        if self.term_at(index) == self.term:
            self.commit(index)

    def commit(self, index: int) -> None:
        """Commit and apply up to an index; the toy's state machine is its log."""
        self.commit_index = max(self.commit_index, index)
        self.last_applied = self.commit_index

    def send_entries(self, peer: str) -> None:
        """Send a follower all that it lacks."""
        prev = self.next_index[peer] - 1
        self.send(
            peer,
            Message(
                "append_entries",
                self.term,
                prev_log_index=prev,
                prev_log_term=self.term_at(prev),
                entries=self.log[prev:],
                leader_commit=self.commit_index,
            ),
        )

    def send(self, peer: str, message: Message) -> None:
        """Put a message where the adapter takes it."""
        self.outbox.append((peer, message))

    def persist(self) -> None:
        """Write term, vote and log to the disk."""
        self.disk.term = self.term
        self.disk.voted_for = self.voted_for
        self.disk.log = list(self.log)

    def term_at(self, index: int) -> int:
        """The term of an entry; 0 before the first."""
        return self.log[index - 1][0] if index > 0 else 0

    def majority(self) -> int:
        """How many servers are more than half."""
        return (len(self.peers) + 1) // 2 + 1
