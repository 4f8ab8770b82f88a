"""Traces: a run as text that a person debugs with, the same bytes every time."""

from textwrap import wrap

from model import actions
from model.runs.run import Run
from model.subject import Subject, handlers_of
from model.world.records import StepRecord
from properties.facts import Responded
from properties.property import Violation
from properties.view import UNOBSERVED, View
from raft_core import Index, Log, Role, Server, State

WIDTH = 99
ACTION_WIDTH = 56


def render(subject: Subject, outcome: Run, heading: str = "") -> str:
    """The whole trace: verdict, heading, one row a micro step, and the servers at the end."""
    headings = [part for line in heading.splitlines() for part in wrap(line, WIDTH)]
    lines = [*verdict(subject, outcome), *headings, ""]
    lines += table_of_steps(subject, outcome)
    views = last_views(outcome)
    if views:
        lines += ["", *table_of_servers(views, down_at_end(outcome))]
    lines += places_in_code(subject, outcome)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def verdict(subject: Subject, outcome: Run) -> list[str]:
    """What was broken, where, and where that is written."""
    violation = outcome.violation
    if violation is None:
        return [f"No violation in {len(outcome.records)} steps."]
    where = f"at step {len(outcome.records)}" if outcome.records else "while starting"
    if outcome.records and outcome.records[-1].server in violation.servers:
        name = handler_of(subject, outcome.records[-1])
        where += f", in {name} ({handlers_of(subject)[name]})" if name else ""
    first = f"{violation.property} violated {where}: {violation.detail}"
    return [*wrap(first, WIDTH), *wrap(f"{violation.source}: {violation.statement}", WIDTH), ""]


def handler_of(subject: Subject, record: StepRecord) -> str:
    """The name of the function of the subject that handled the message of a step; often empty."""
    packet = record.happening.packet
    if packet is None or record.server is None or not handlers_of(subject):
        return ""
    name, *rest = subject.describe(packet).split(maxsplit=2)
    return name if name in handlers_of(subject) and rest[:1] != ["reply"] else ""


def places_in_code(subject: Subject, outcome: Run) -> list[str]:
    """Where in the subject's code the messages of a run were handled, if that is known."""
    called = {handler_of(subject, record) for record in outcome.records}
    places = [f"{name} {place}" for name, place in handlers_of(subject).items() if name in called]
    return ["", *wrap(f"In the code: {', '.join(places)}", WIDTH)] if places else []


def table_of_steps(subject: Subject, outcome: Run) -> list[str]:
    """One row for each micro step; the row that broke the property is marked."""
    lines = [f"     {'action':<{ACTION_WIDTH}} change"]
    for number, record in enumerate(outcome.records, start=1):
        marked = outcome.violation is not None and number == len(outcome.records)
        lines += rows(number, subject, record, outcome.violation if marked else None)
    return lines


def rows(
    number: int, subject: Subject, record: StepRecord, violation: Violation | None
) -> list[str]:
    """One micro step: what happened, what it changed, and whether it is the one to blame."""
    left = wrap(describe_step(subject, record), ACTION_WIDTH, subsequent_indent="  ")
    text = change(record) + ("  <-- " + violation.property if violation else "")
    right = wrap(text.strip(), WIDTH - ACTION_WIDTH - 6, subsequent_indent="  ")
    height = max(len(left), len(right), 1)
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    numbers = [f"{number:>3}"] + ["   "] * (height - 1)
    return [
        f"{mark}  {action:<{ACTION_WIDTH}} {effect}"
        for mark, action, effect in zip(numbers, left, right, strict=True)
    ]


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
    parts = [*role_change(before, after), *log_change(before.log, after.log)]
    if after.commit_index != before.commit_index:
        parts.append(f"commit {before.commit_index} -> {after.commit_index}")
    if after.last_applied != before.last_applied and after.last_applied != after.commit_index:
        parts.append(f"applied {before.last_applied} -> {after.last_applied}")
    parts += [*replication_change(server, before, after), *lease_change(before, after)]
    if record.crashed:
        parts.append("crashes inside this step")
    told = [f"client {each.client} is told {each.output!r}" for each in responses(record)]
    own = f"{server!s} {', '.join(parts)}" if parts else ""
    return "; ".join([own, *told] if own else told)


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
    if after.snapshot_index != before.snapshot_index:
        parts.append(f"first entry {after.first_index}")
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


def last_views(outcome: Run) -> dict[Server, View]:
    """Every server that acted, as it was seen last."""
    views: dict[Server, View] = {}
    for record in outcome.records:
        if record.server is not None and record.after is not None:
            views[record.server] = record.after
    return dict(sorted(views.items()))


def down_at_end(outcome: Run) -> set[Server]:
    """Every server that crashed and did not start again."""
    down: set[Server] = set()
    for record in outcome.records:
        if record.crashed and record.server is not None:
            down.add(record.server)
        match record.happening.action:
            case actions.Crash(server):
                down.add(server)
            case actions.Restart(server):
                down.discard(server)
            case _:
                pass
    return down


def table_of_servers(views: dict[Server, View], down: set[Server]) -> list[str]:
    """Role, term, vote and log of each server at the end; of one that is down, its disk."""
    roles = {each: "down" if each in down else view.role.value for each, view in views.items()}
    width = max(9, *map(len, roles.values()))
    lines = [f"     {'role':<{width}}  term  voted_for  log as index@term (| after commit_index)"]
    for server, view in views.items():
        vote = vote_text(view)
        left = f"{server!s:<4} {roles[server]:<{width}}  {view.current_term:>4}  {vote:<9}  "
        logs = wrap(log_text(view), WIDTH - len(left)) or ["|"]
        lines.append(left + logs[0])
        lines += [" " * len(left) + line for line in logs[1:]]
    return lines


def vote_text(view: View) -> str:
    """The server that a vote went to: `-` for none, `?` where votes are not observed."""
    if view.voted_for is UNOBSERVED:
        return "?"
    return "-" if view.voted_for is None else str(view.voted_for)


def log_text(view: View) -> str:
    """A log with a bar after the committed part."""
    log = view.log
    parts = [f"[snapshot to {log.snapshot_index}]"] if log.snapshot_index else []
    if view.commit_index < log.first_index:
        parts.append("|")
    for index in range(log.first_index, log.last_index + 1):
        parts.append(f"{index}@{log.term_at(index)}")
        if index == view.commit_index:
            parts.append("|")
    if view.commit_index > log.last_index:
        parts.append(f"... | commit_index {view.commit_index}")
    return " ".join(parts)
