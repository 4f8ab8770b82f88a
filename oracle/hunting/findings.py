"""What a hunt leaves behind: a schedule, its trace as text and as JSON, and a regression test."""

import re
from typing import Final

import msgspec
from attrs import frozen

from model.actions import MicroAction, Schedule
from model.runs.render import render, responses
from model.runs.run import Run
from model.runs.shrink import Shrunk
from model.schedule import SavedSchedule, dump_action, dump_schedule, servers_of
from model.subject import Subject
from oracle.hunting.plan import HuntPlan
from properties.property import Violation
from properties.view import UNOBSERVED, View

LONGEST_LINE: Final = 88
"""Characters of a generated import, as formatters have it, before it takes a line a name."""


@frozen
class Artefacts:
    """A finding, ready to be stored: the files' contents by name."""

    violation: Violation
    found: int
    macro: int
    micro: int
    trace: str
    files: dict[str, bytes]


def artefacts_of(
    plan: HuntPlan,
    subject: Subject,
    shrunk: Shrunk,
    actions: Schedule,
    note: str = "",
    heading: str | None = None,
) -> Artefacts:
    """All files of a shrunk violation, to which `actions` lead; `note` adds to the heading."""
    heading = (heading or heading_of(plan, shrunk)) + note
    trace = render(subject, shrunk.run, heading)
    if shrunk.macro:
        trace += f"\nThe same in macro actions:\n{program(shrunk.macro, '  ')}\n"
    saved = saved_schedule(plan, shrunk.violation, actions, shrunk.macro, shrunk.found)
    return Artefacts(
        violation=shrunk.violation,
        found=len(shrunk.found),
        macro=len(shrunk.macro),
        micro=len(shrunk.micro),
        trace=trace,
        files={
            "schedule.json": dump_schedule(saved),
            "trace.txt": trace.encode(),
            "trace.json": trace_json(subject, shrunk.run, saved),
            "test_regression.py": regression_test(saved, shrunk.violation).encode(),
        },
    )


def heading_of(plan: HuntPlan, shrunk: Shrunk) -> str:
    """Where this comes from."""
    return (
        f"{plan.world()}; {plan.driver}, seed {plan.seed};\n{plan.caveat()}"
        f"{counted(len(shrunk.found), 'action')} shrunk to {len(shrunk.macro)}, "
        f"which are {counted(len(shrunk.micro), 'step')}."
    )


def counted(number: int, noun: str) -> str:
    """So many of something."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def saved_schedule(
    plan: HuntPlan,
    violation: Violation | None,
    actions: Schedule,
    macro: Schedule = (),
    found: Schedule = (),
) -> SavedSchedule:
    """A schedule with its provenance."""
    return SavedSchedule(
        target=plan.target,
        subject_version=plan.version,
        driver=plan.driver,
        seed=plan.seed,
        property=violation.property if violation else None,
        actions=actions,
        macro=macro,
        found=found,
    )


def program(schedule: tuple[MicroAction, ...] | Schedule, indent: str) -> str:
    """Actions as the lines of a Python tuple."""
    return "\n".join(f"{indent}{action!r}," for action in schedule)


def trace_json(subject: Subject, outcome: Run, saved: SavedSchedule) -> bytes:
    """The trace for programs: every micro action, its message, and the server after it."""
    steps = [
        {
            "step": number,
            **dump_action(record.happening.action),
            "message": record.happening.packet and subject.describe(record.happening.packet),
            "after": (
                record.server is not None
                and record.after is not None
                and {"server": repr(record.server), **dump_view(record.after)}
            )
            or None,
            "crashed": record.crashed,
            "answers": [[each.client, each.number, each.output] for each in responses(record)],
        }
        for number, record in enumerate(outcome.records, start=1)
    ]
    violation = outcome.violation
    document = {
        "format": "raft-oracle trace",
        "version": 1,
        "subject": saved.target.subject.text,
        "subject_version": saved.subject_version,
        "violation": violation
        and {
            "property": violation.property,
            "detail": violation.detail,
            "source": violation.source,
            "servers": [repr(server) for server in violation.servers],
        },
        "steps": steps,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def dump_view(view: View) -> dict[str, object]:
    """A server's state as a JSON object."""
    log, vote = view.log, view.voted_for
    shown = {} if vote is UNOBSERVED else {"voted_for": None if vote is None else repr(vote)}
    return {
        "role": view.role.value,
        "current_term": view.current_term,
        **shown,
        "commit_index": view.commit_index,
        "last_applied": view.last_applied,
        "snapshot_index": log.snapshot_index,
        "log": [[entry.term, str(entry.command)] for entry in log.entries],
        "configuration": None if log.membership is None else str(log.membership),
    }


REGRESSION = '''"""{title}

Found by raft-oracle {provenance}.
Run it with pytest where raft-oracle is installed: it fails as long as the bug is there.
"""

from typing import Final

{imports}

SUBJECT = {subject!r}
SERVERS = {servers}
NETWORK: Final = {network!r}
SETTINGS: dict[str, str] = {settings!r}
MUTANT: str | None = {mutant!r}
IGNORE: tuple[str, ...] = {ignore!r}

SCHEDULE = (
{actions}
)


def test_{name}_holds() -> None:
    """{statement}"""
    violation = violation_of_schedule(
        SCHEDULE, SUBJECT, SERVERS, NETWORK, SETTINGS, mutant=MUTANT, ignore=IGNORE
    )
    assert violation is None, violation
'''


def imports_of(schedule: Schedule) -> str:
    """The import of a regression test: what its schedule names, and what runs it."""
    kinds = {type(action).__name__ for action in schedule}
    servers = {repr(server) for action in schedule for server in servers_of(action)}
    names = sorted({*kinds, *servers, "violation_of_schedule"})
    line = f"from raft_oracle import {', '.join(names)}"
    if len(line) <= LONGEST_LINE:
        return line
    return "\n".join(["from raft_oracle import (", *(f"    {name}," for name in names), ")"])


def regression_test(saved: SavedSchedule, violation: Violation) -> str:
    """A pytest file that fails with the bug and passes without it."""
    head = saved.head()
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", violation.property).lower()
    detail = violation.detail.replace("\\", "\\\\").replace('"""', "'''")
    return REGRESSION.format(
        title=f"{violation.property}: {detail}",
        provenance=f"in {head.subject} {head.subject_version} ({saved.driver}, seed {saved.seed})",
        imports=imports_of(saved.actions),
        subject=head.subject,
        servers=head.servers,
        network=head.network,
        settings=head.settings,
        mutant=head.mutant,
        ignore=tuple(head.ignore),
        actions=program(saved.actions, "    "),
        name=name,
        statement=violation.statement,
    )
