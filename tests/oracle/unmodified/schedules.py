"""Schedules that are drawn as they go, with every fault, and what a program answers to them.

What is drawn depends on the answers, which so have to be the same for the rest to be.
"""

import hashlib
import json
import random
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Final

from attrs import define, field

NAMES: Final = ("S1", "S2", "S3")
Word = Mapping[str, object]


@define
class Draw:
    """What comes next in a schedule."""

    random: random.Random
    offers: frozenset[str]
    packets: list[Mapping[str, str]] = field(factory=list)
    down: set[str] = field(factory=set)

    def take(self, word: Word, answer: Mapping[str, list[Mapping[str, str]]]) -> None:
        """Note what became of a command."""
        sender = str(word.get("server"))
        self.packets += ({"from": sender, **packet} for packet in answer.get("sent", ()))
        if answer.get("crashed") or word["op"] == "crash":
            self.down.add(sender)
        if word["op"] == "restart":
            self.down.discard(sender)

    def next(self, number: int) -> Word:
        """Mostly the delivery of a message, sooner or later, twice, or never."""
        server = self.random.choice(NAMES)
        if server in self.down:
            return {"op": "restart", "server": server}
        if self.random.random() < 0.65 and (packet := self.packet()):
            told = {"from": packet["from"], "message": packet["message"]}
            return {"op": "receive", "server": packet["to"], **told}
        return {"server": server, **self.random.choice(self.at_server(number))}

    def at_server(self, number: int) -> list[Word]:
        """What may happen at a server that runs, the more often the more of it is here."""
        voters = self.random.choice((NAMES, NAMES[:2], NAMES[1:]))
        optional: Mapping[str, Word] = {
            "Compact": {"op": "compact", "keep": self.random.randrange(3)},
            "TransferLeadership": {"op": "transfer_leadership", "target": voters[0]},
            "ChangeMembership": {"op": "change_membership", "voters": voters, "learners": ()},
        }
        return [
            *[{"op": "client_request", "command": f"v{number}"}] * 3,
            *[{"op": "election_timeout"}] * 2,
            *[{"op": "heartbeat_timeout"}] * 3,
            {"op": "crash"},
            *(word for name, word in optional.items() if name in self.offers),
        ]

    def packet(self) -> Mapping[str, str] | None:
        """A message that can arrive, which is gone after that, but for one in ten."""
        there = [place for place, one in enumerate(self.packets) if one["to"] not in self.down]
        if not there:
            return None
        place = self.random.choice(there) if self.random.random() < 0.3 else there[0]
        keeps = self.random.random() < 0.1
        return self.packets[place] if keeps else self.packets.pop(place)


@define
class Program:
    """A program that speaks the protocol."""

    process: "subprocess.Popen[bytes]"

    def answer(self, word: Word) -> bytes:
        """What it answers to a command."""
        given, taken = self.process.stdin, self.process.stdout
        assert given is not None
        assert taken is not None
        given.write(json.dumps(word).encode() + b"\n")
        given.flush()
        return taken.readline()


def digests(
    command: tuple[str, ...], seeds: Iterable[int], events: int, errors: Path
) -> Mapping[int, str]:
    """What one process answers to a schedule of each seed: a hash of its lines, by the seed.

    A schedule ends where the program reports a failure.
    """
    with errors.open("wb") as standard_error:
        return played(command, seeds, events, standard_error)


def played(
    command: tuple[str, ...], seeds: Iterable[int], events: int, standard_error: IO[bytes]
) -> Mapping[int, str]:
    """The same, with standard error going there."""
    found = {}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=standard_error
    ) as process:
        program = Program(process)
        hello = json.loads(program.answer({"op": "hello"}))
        for seed in seeds:
            draw = Draw(random.Random(seed), frozenset(hello.get("offers", ())))
            word: Word = {"op": "reset", "servers": NAMES, "settings": {}}
            digest = hashlib.sha256()
            for number in range(events + 1):
                line = program.answer(word)
                assert line, "the program has ended"
                digest.update(line)
                answer = json.loads(line)
                if "error" in answer:
                    break
                draw.take(word, answer)
                word = draw.next(number)
            found[seed] = digest.hexdigest()
        assert process.stdin is not None
        process.stdin.close()
    return found
