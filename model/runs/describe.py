"""A step in words: what happened, and what it changed."""

from model import actions
from model.subject import Subject, handlers_of
from model.world.records import StepRecord
from properties.facts import Responded
from properties.view import UNOBSERVED, View
from raft_core import Index, Log, Role, Server, State


def handler_of(subject: Subject, record: StepRecord) -> str:
    """The name of the function of the subject that handled the message of a step; often empty."""
    packet = record.happening.packet
    if packet is None or record.server is None or not handlers_of(subject):
        return ""
    name, *rest = subject.describe(packet).split(maxsplit=2)
    return name if name in handlers_of(subject) and rest[:1] != ["reply"] else ""


def describe_step(subject: Subject, record: StepRecord) -> str:
    """What happened, with the message that was moved, if any."""
    packet = record.happening.packet
    if packet is None:
        return record.happening.action.text()
    link = f"{packet.source!s} -> {packet.destination!s}"
    message = subject.describe(packet)
    match record.happening.action:
        case actions.Drop():
            return f"{link} lost: {message}"
        case actions.Duplicate():
            return f"{link} {message} (a copy stays in flight)"
        case _:
            down = "" if record.server is not None else " (down)"
            return f"{link} {message}{down}"


def change(record: StepRecord) -> str:
    """What the step changed at the server that acted; empty where nothing did."""
    before, after, server = record.before, record.after, record.server
    if before is None or after is None or server is None:
        return ""
    parts = changes_between(server, before, after)
    if record.crashed:
        parts.append("crashes inside this step")
    told = [f"client {each.client} is told {each.output!r}" for each in responses(record)]
    return "; ".join([*at_server(server, parts), *told])


def changes_between(server: Server, before: View, after: View) -> list[str]:
    """What differs between two views of one server, a few words each."""
    parts = [*role_change(before, after), *log_change(before.log, after.log)]
    if after.commit_index != before.commit_index:
        parts.append(f"commit {before.commit_index} -> {after.commit_index}")
    if after.last_applied != before.last_applied and after.last_applied != after.commit_index:
        parts.append(f"applied {before.last_applied} -> {after.last_applied}")
    return [*parts, *replication_change(server, before, after), *lease_change(before, after)]


def change_between(server: Server, before: View, after: View) -> str:
    """The same with the server's name; empty where nothing differs."""
    return "".join(at_server(server, changes_between(server, before, after)))


def at_server(server: Server, parts: list[str]) -> list[str]:
    """The changes in one text with the server's name; no text where nothing changed."""
    return [f"{server!s} {', '.join(parts)}"] if parts else []


def responses(record: StepRecord) -> list[Responded]:
    """The answers that clients got in this step."""
    return [each for each in record.facts if isinstance(each, Responded)]


def lease_change(before: View, after: View) -> list[str]:
    """A leader's lease, by its own clock; only the reference shows it."""
    if not isinstance(before, State) or not isinstance(after, State):
        return []
    lease_until = after.extensions.lease_until
    if lease_until == before.extensions.lease_until or after.role is not Role.LEADER:
        return []
    return [f"lease until {lease_until}, now {after.extensions.clock}"]


def role_change(before: View, after: View) -> list[str]:
    """Role, term and vote."""
    parts = []
    if after.role is not before.role:
        old = f"{before.role.value} {before.current_term}"
        parts.append(f"{old} -> {after.role.value} {after.current_term}")
    elif after.current_term != before.current_term:
        parts.append(f"term {before.current_term} -> {after.current_term}")
    same_term = after.current_term == before.current_term
    if same_term and after.voted_for == before.voted_for:
        return parts
    if after.voted_for is UNOBSERVED:
        return parts
    if after.voted_for is not None and after.role is not Role.CANDIDATE:
        parts.append(f"votes {after.voted_for!s}")
    elif after.voted_for is None and same_term:
        parts.append(f"vote for {before.voted_for!s} gone")
    return parts


def log_change(before: Log, after: Log) -> list[str]:
    """Entries that went and entries that came, as index@term."""
    if after is before:
        return []
    changed = [f"configuration {after.membership}"] if after.membership != before.membership else []
    if after.snapshot_index > before.last_index:
        return [f"snapshot to {after.snapshot_index}", *changed]
    common = after.common_last_index(before)
    parts = []
    if before.last_index > common:
        parts.append(f"log -{span(before, common + 1)}")
    if after.last_index > common:
        parts.append(f"log +{span(after, common + 1)}")
    if after.snapshot_index > before.snapshot_index:
        parts.append(f"log compacted up to {after.snapshot_index}")
    elif after.snapshot_index < before.snapshot_index:
        parts.append(f"log reaches back to {after.first_index}")
    return parts + changed


def span(log: Log, first: Index) -> str:
    """The entries of a log from `first` on, in short."""
    last = log.last_index
    if last == first:
        return f"{first}@{log.term_at(first)}"
    return f"{first}@{log.term_at(first)}..{last}@{log.term_at(last)}"


def replication_change(server: Server, before: View, after: View) -> list[str]:
    """What a leader learnt of its followers."""
    if before.role is not Role.LEADER or after.role is not Role.LEADER:
        return []
    pairs = zip(before.match_index, after.match_index, strict=False)
    return [
        f"match {Server(position)!s} {old} -> {new}"
        for position, (old, new) in enumerate(pairs)
        if old != new and position != server
    ]
