"""Mutation study of trace checking: single changes to a real trace, and which are noticed.

Each mutation changes one event: a term or an index by one, a vote, or drops the event, or swaps it
with its neighbour. Many such traces are still traces of Raft; an accepted one is put into a class
that says why. `python -m tests.oracle.traces.mutations [TRACE...]` prints the table.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

from attrs import frozen

from oracle.traces.formats import ETCD
from oracle.traces.lines import TraceError, lines_of
from oracle.traces.verdict import Kind, Verdict, check_trace

TRACES: Final = Path(__file__).parents[2] / "data" / "traces"
COUNT: Final = 200
SETTLED: Final = 40
"""Lines before this one are the start of the servers, and are left alone."""
Told = dict[str, Any]
Lines = Sequence[bytes]


@frozen
class Mutation:
    """One change: what kind, at which line (from 0), and the lines that come out."""

    kind: str
    place: int
    lines: tuple[bytes, ...]
    field: str = ""


@frozen
class Result:
    """What became of a mutation: rejected by a rule so many lines later, or accepted, and why."""

    mutation: Mutation
    rule: str
    distance: int
    reason: str


def encoded(told: Told) -> bytes:
    """A line of JSON."""
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"


def replaced(lines: Lines, place: int, told: Told) -> tuple[bytes, ...]:
    """The lines with another one at a place."""
    return (*lines[:place], encoded(told), *lines[place + 1 :])


def with_number(kind: str, names: Sequence[tuple[str, str]]) -> Callable[..., Mutation | None]:
    """A mutation that moves one of these numbers by one, of those that the event has."""

    def mutate(lines: Lines, place: int, random: Random) -> Mutation | None:
        told = json.loads(lines[place])
        event = told["event"]
        there = [
            (part, name)
            for part, name in names
            if name in (event if not part else event.get(part, ()))
        ]
        if not there:
            return None
        part, name = random.choice(there)
        holder = event[part] if part else event
        step = -1 if kind == "term lowered" else random.choice((-1, 1))
        if holder[name] + step < 0:
            return None
        holder[name] += step
        field = f"{part}.{name}".strip(".")
        return Mutation(kind, place, replaced(lines, place, told), field)

    return mutate


def vote_changed(lines: Lines, place: int, random: Random) -> Mutation | None:
    """Another vote, or none."""
    told = json.loads(lines[place])
    state = told["event"]["state"]
    state["vote"] = random.choice([each for each in "0123" if each != state["vote"]])
    return Mutation("vote changed", place, replaced(lines, place, told), "state.vote")


def event_dropped(lines: Lines, place: int, random: Random) -> Mutation | None:
    """The trace without an event."""
    return Mutation("event dropped", place, (*lines[:place], *lines[place + 1 :]))


def events_swapped(lines: Lines, place: int, random: Random) -> Mutation | None:
    """An event and the next one in the other order."""
    if place + 1 >= len(lines):
        return None
    pair = (lines[place + 1], lines[place])
    return Mutation("events swapped", place, (*lines[:place], *pair, *lines[place + 2 :]))


STATE_TERM: Final = (("state", "term"), ("msg", "term"), ("msg", "logTerm"))
INDEXES: Final = (("state", "commit"), ("", "log"), ("msg", "index"), ("msg", "commit"))
KINDS: Final[dict[str, Callable[..., Mutation | None]]] = {
    "term lowered": with_number("term lowered", STATE_TERM),
    "vote changed": vote_changed,
    "index moved": with_number("index moved", INDEXES),
    "event dropped": event_dropped,
    "events swapped": events_swapped,
}


def mutations(lines: Lines, count: int, seed: int = 0) -> list[Mutation]:
    """Seeded mutations of a trace, of all kinds in turn."""
    random, found = Random(seed), list[Mutation]()
    makers = list(KINDS.values())
    while len(found) < count:
        place = random.randrange(SETTLED, len(lines))
        mutation = makers[len(found) % len(makers)](lines, place, random)
        if mutation is not None:
            found.append(mutation)
    return found


def judged(lines: Lines, mutation: Mutation) -> Result:
    """What the checker says of a mutated trace."""
    verdict = check_trace(mutation.lines, ETCD)
    if verdict.kind is Kind.REJECTED and verdict.rule is not None:
        return Result(mutation, verdict.rule.name, distance_of(mutation, verdict), "")
    return Result(mutation, "", 0, reason_of(lines, mutation))


def distance_of(mutation: Mutation, verdict: Verdict) -> int:
    """How many lines after the mutation the trace is rejected."""
    return max(verdict.number - 1 - mutation.place, 0)


def reason_of(lines: Lines, mutation: Mutation) -> str:
    """Why a mutated trace is still one of Raft."""
    here = json.loads(lines[mutation.place])["event"]
    if mutation.kind == "event dropped":
        return why_droppable(lines, mutation.place, here)
    if mutation.kind == "events swapped":
        return why_swappable(here, json.loads(lines[mutation.place + 1])["event"])
    message = here.get("msg", {})
    if mutation.field.startswith("msg") and here["name"].startswith("Receive"):
        told = json.loads(mutation.lines[mutation.place])["event"]["msg"]
        if any(is_send_of(line, told) for line in lines[: mutation.place]):
            return "says the same as another message that was sent"
    if mutation.field.startswith("msg") and not is_said(message.get("type"), mutation.field):
        return f"{message.get('type')} does not use {mutation.field[4:]}"
    return f"not constrained: {mutation.field} of {here['name']} {message.get('type', '')}".strip()


def is_said(kind: str | None, field: str) -> bool:
    """Whether a message of this type says anything by this field."""
    used = {
        "msg.logTerm": ("MsgApp", "MsgVote"),
        "msg.index": ("MsgApp", "MsgVote", "MsgAppResp"),
        "msg.commit": ("MsgApp", "MsgHeartbeat"),
        "msg.term": (kind,),
    }
    return kind in used[field]


def why_droppable(lines: Lines, place: int, here: Told) -> str:
    """Why a trace without an event is still one."""
    name, message = here["name"], here.get("msg")
    if name.startswith("Send") and message is not None:
        arrives = any(is_receipt(line, message) for line in lines[place + 1 :])
        twin = any(is_same_send(line, here) for line in (*lines[:place], *lines[place + 1 :]))
        if not arrives:
            return f"{message['type']} that never arrives"
        return f"{message['type']} that is sent twice" if twin else "a send without effect"
    following = next((line for line in lines[place + 1 :] if of_node(line, here["nid"])), None)
    after = None if following is None else json.loads(following)["event"]
    if after is None or shown(after) == shown(here):
        return f"{name}: changes nothing that shows"
    return f"{name}: what follows is explained without it"


def why_swappable(here: Told, there: Told) -> str:
    """Why two events in the other order are still a trace."""
    if here == there:
        return "the same event twice"
    if here["nid"] != there["nid"]:
        return "different nodes, and neither waits for the other"
    if shown(here) == shown(there):
        names = " and ".join(sorted({here["name"], there["name"]}))
        return f"one node, same state: {names} commute"
    return "one node, states differ"


def shown(event: Told) -> tuple[Any, ...]:
    """The state that a line shows."""
    return (event["state"], event["role"], event["log"], event["conf"])


def of_node(line: bytes, node: str) -> bool:
    """Whether a line is of a node."""
    found: bool = json.loads(line)["event"]["nid"] == node
    return found


def is_receipt(line: bytes, message: Told) -> bool:
    """Whether a line says that this message is received."""
    event = json.loads(line)["event"]
    return bool(event["name"].startswith("Receive") and event.get("msg") == message)


def is_send_of(line: bytes, message: Told) -> bool:
    """Whether a line says that this message is sent."""
    event = json.loads(line)["event"]
    return bool(event["name"].startswith("Send") and event.get("msg") == message)


def is_same_send(line: bytes, sent: Told) -> bool:
    """Whether a line says that an equal message is sent."""
    event = json.loads(line)["event"]
    return bool(event["name"] == sent["name"] and event.get("msg") == sent["msg"])


def table(results: Sequence[Result]) -> str:
    """By kind: how many are rejected and how soon; then why others are accepted."""
    lines = [
        f"{'mutation':<16}{'made':>6}{'rejected':>10}{'at once':>9}{'within 10':>11}{'later':>7}"
    ]
    for kind in KINDS:
        mine = [each for each in results if each.mutation.kind == kind]
        distances = [each.distance for each in mine if each.rule]
        at_once = sum(distance <= 1 for distance in distances)
        soon = sum(1 < distance <= 10 for distance in distances)
        later = len(distances) - at_once - soon
        lines.append(
            f"{kind:<16}{len(mine):>6}{len(distances):>10}{at_once:>9}{soon:>11}{later:>7}"
        )
    reasons = Counter((each.mutation.kind, each.reason) for each in results if not each.rule)
    lines.append("\naccepted, because")
    for (kind, reason), count in sorted(reasons.items(), key=lambda item: (item[0][0], -item[1])):
        lines.append(f"{count:>4}  {kind}: {reason}")
    return "\n".join(lines) + "\n"


def study(lines: Lines, count: int = COUNT, seed: int = 0) -> list[Result]:
    """Every mutation with what became of it."""
    return [judged(lines, each) for each in mutations(lines, count, seed)]


def main() -> None:
    """Print the table of the traces named on the command line, or of those of the tests."""
    names = sys.argv[1:] or sorted(map(str, TRACES.glob("etcd*.ndjson.gz")))
    for name in names:
        try:
            lines = tuple(lines_of(Path(name)))
        except TraceError as error:
            sys.exit(f"tests.oracle.traces.mutations: {name}: {error}")
        print(f"{Path(name).name}: {len(lines):,} events, {COUNT} mutations, seed 0\n")
        print(table(study(lines)))


if __name__ == "__main__":
    main()
