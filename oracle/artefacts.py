"""What a hunt leaves behind: schedule, trace and a regression test, safe on disk.

A file is written beside its name and then renamed, so that there is never half of one. What
cannot be written, because the disk is full, say, is printed instead.

May import: click, msgspec, os, pathlib, attrs, typing, model.
"""

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from attrs import frozen

from model.actions import MicroAction, Schedule
from model.cluster import Cluster
from model.run import Run
from model.schedule import SavedSchedule, dump_action, dump_schedule
from model.shrink import Shrunk
from model.trace import render
from properties.property import Violation
from properties.view import View

if TYPE_CHECKING:
    from oracle.plan import Plan

HOME = Path(".raft-oracle")


@frozen
class Artefacts:
    """A finding, ready to be stored: the files' contents by name."""

    violation: Violation
    found: int
    macro: int
    micro: int
    trace: str
    files: dict[str, bytes]


def artefacts_of(plan: "Plan", cluster: Cluster, shrunk: Shrunk) -> Artefacts:
    """All files of a shrunk violation."""
    heading = heading_of(plan, cluster, shrunk)
    trace = render(cluster.subject, shrunk.run, heading)
    trace += f"\nThe same in macro actions:\n{program(shrunk.macro, '  ')}\n"
    saved = saved_schedule(plan, shrunk.violation, shrunk.micro, shrunk.macro, shrunk.found)
    return Artefacts(
        violation=shrunk.violation,
        found=len(shrunk.found),
        macro=len(shrunk.macro),
        micro=len(shrunk.micro),
        trace=trace,
        files={
            "schedule.json": dump_schedule(saved),
            "trace.txt": trace.encode(),
            "trace.json": trace_json(cluster, shrunk.run, saved),
            "test_regression.py": regression_test(saved, shrunk.violation).encode(),
        },
    )


def heading_of(plan: "Plan", cluster: Cluster, shrunk: Shrunk) -> str:
    """One line on where this comes from."""
    settings = "".join(f", {name}={value}" for name, value in sorted(plan.settings.items()))
    mutant = f", mutant {plan.mutant}" if plan.mutant else ""
    version = plan.setup().factory.version(plan.settings)
    return (
        f"{plan.subject} {version}{mutant}, {plan.servers} servers, {plan.network} network"
        f"{settings}; {plan.driver}, seed {plan.seed};\n"
        f"{len(shrunk.found)} actions shrunk to {len(shrunk.macro)}, "
        f"which are {len(shrunk.micro)} steps."
    )


def saved_schedule(
    plan: "Plan",
    violation: Violation | None,
    actions: Schedule,
    macro: Schedule = (),
    found: Schedule = (),
) -> SavedSchedule:
    """A schedule with its provenance."""
    return SavedSchedule(
        subject=plan.subject,
        subject_version=plan.setup().factory.version(plan.settings),
        servers=plan.servers,
        network=plan.network,
        settings=dict(sorted(plan.settings.items())),
        mutant=plan.mutant,
        ignore=sorted(plan.ignore),
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


def trace_json(cluster: Cluster, outcome: Run, saved: SavedSchedule) -> bytes:
    """The trace for programs: every micro action, its message, and the server after it."""
    steps = [
        {
            "step": number,
            **dump_action(record.happening.action),
            "message": record.happening.packet
            and cluster.subject.describe(record.happening.packet),
            "after": (
                record.server is not None
                and record.after is not None
                and {"server": repr(record.server), **dump_view(record.after)}
            )
            or None,
        }
        for number, record in enumerate(outcome.records, start=1)
    ]
    violation = outcome.violation
    document = {
        "format": "raft-oracle trace",
        "version": 1,
        "subject": saved.subject,
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
    log = view.log
    return {
        "role": view.role.value,
        "current_term": view.current_term,
        "voted_for": None if view.voted_for is None else repr(view.voted_for),
        "commit_index": view.commit_index,
        "last_applied": view.last_applied,
        "snapshot_index": log.snapshot_index,
        "log": [[entry.term, entry.command] for entry in log.entries],
    }


REGRESSION = '''"""{title}

Found by raft-oracle {provenance}.
Run it with pytest where raft-oracle is installed: it fails as long as the bug is there.
"""

from oracle.regression import violation_of_schedule

# ruff: noqa: F403, F405
from model.actions import *
from raft_core.types import *

SUBJECT = {subject!r}
SERVERS = {servers}
NETWORK = {network!r}
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


def regression_test(saved: SavedSchedule, violation: Violation) -> str:
    """A pytest file that fails with the bug and passes without it."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", violation.property).lower()
    detail = violation.detail.replace("\\", "\\\\").replace('"""', "'''")
    return REGRESSION.format(
        title=f"{violation.property}: {detail}",
        provenance=f"in {saved.subject} {saved.subject_version} "
        f"({saved.driver}, seed {saved.seed})",
        subject=saved.subject,
        servers=saved.servers,
        network=saved.network,
        settings=saved.settings,
        mutant=saved.mutant,
        ignore=tuple(saved.ignore),
        actions=program(saved.actions, "    "),
        name=name,
        statement=violation.statement,
    )


class Store:
    """A folder for one hunt's files, and `latest`, which leads to it."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder or HOME / time.strftime("%Y-%m-%dT%H-%M-%S")
        self.latest = folder is None

    def write(self, files: dict[str, bytes]) -> Path | None:
        """Store files; where that fails, print the schedule, so that it is not lost."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                write_safely(self.folder / name, content)
            if self.latest:
                point_latest(self.folder)
        except OSError as error:
            click.echo(f"cannot write to {self.folder}: {error.strerror}; the schedule:", err=True)
            click.echo(files["schedule.json"], err=True)
            return None
        return HOME / "latest" if self.latest else self.folder


def write_safely(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def point_latest(folder: Path) -> None:
    """Let `latest` lead to this folder, as a link that is replaced in one go."""
    link = folder.parent / f".latest.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    link.replace(folder.parent / "latest")
