"""Several labs at once: each is examined by a `raft-oracle lab --json` of its own.

So what one of them does to its process, its memory or its time is nothing to the others.
"""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from attrs import evolve, frozen

import oracle
from oracle.formats.lab_json import LabReport, decode_report
from oracle.hunting.lab_parts import LabRequest
from oracle.processes.process_pool import SAFE_PATH_VARIABLE
from oracle.processes.scratch import scratch_folder
from oracle.processes.side_by_side import Ended, side_by_side
from oracle.processes.signals import interruptible
from oracle.store.result_folder import made_below
from oracle.terminal.progress import reporting
from oracle.terminal.wording import one_line

BUILDING_SECONDS: Final = 900.0
"""What building may take on top of the budget, and shrinking what was found last."""
PLAIN: Final = re.compile(r"[^A-Za-z0-9._-]+")
"""What does not go into the name of a folder of ours."""
PATH_VARIABLE: Final = "PYTHONPATH"


@frozen
class Progress:
    """How far a course is."""

    done: int
    running: Sequence[str]


def examined(requests: Sequence[LabRequest], out: Path, workers: int) -> list[LabReport]:
    """The reports of all directories, in their order; files go into folders of their own."""
    names = names_of([each.directory for each in requests])
    at_once = min(workers, len(requests))
    share = max(1, workers // at_once)
    commands = {
        name: command_of(evolve(request, workers=share), made_below(out, name))
        for name, request in zip(names, requests, strict=True)
    }
    seconds = max(each.budget.seconds or BUILDING_SECONDS for each in requests) + BUILDING_SECONDS

    def line(said: Progress) -> str:
        return f"{said.done} of {len(requests)} labs done; at work: {', '.join(said.running)}"

    with (
        interruptible() as interruption,
        reporting(f"{len(requests)} labs", line) as report,
        scratch_folder() as scratch,
    ):
        ended = side_by_side(
            commands,
            environment(),
            at_once,
            seconds,
            scratch,
            interruption,
            lambda done, running: report(Progress(done, running)),
        )
    return [
        read_report(request.directory, ended.get(name))
        for name, request in zip(names, requests, strict=True)
    ]


def command_of(request: LabRequest, out: Path) -> list[str]:
    """The command line that examines one directory."""
    budget = request.budget
    limit = ("--steps", str(budget.steps)) if budget.steps else ("--budget", f"{budget.seconds}s")
    through = () if request.through is None else ("--through", f"3{request.through}")
    settings = [word for pair in request.settings.items() for word in ("--set", "=".join(pair))]
    return [
        *(sys.executable, "-P", "-m", "oracle", "lab", "--json"),
        *(*limit, "--seed", str(request.seed), "--workers", str(request.workers)),
        *(*through, *settings, "--out", str(out), "--", os.path.abspath(request.directory)),
    ]


def environment() -> dict[str, str]:
    """The environment in which the same raft-oracle is found, whatever lies in this directory."""
    home = str(Path(oracle.__file__).resolve().parent.parent)
    path = os.pathsep.join(each for each in (home, os.environ.get(PATH_VARIABLE, "")) if each)
    return {**os.environ, PATH_VARIABLE: path, SAFE_PATH_VARIABLE: "1"}


def read_report(directory: str, ended: Ended | None) -> LabReport:
    """The report on one directory, or why there is none."""
    if ended is None:
        return LabReport(directory=directory, outcome="interrupted")
    try:
        (report,) = decode_report(ended.out).labs
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError):
        lines = ended.errors.decode(errors="replace").strip().splitlines()
        said = f": {lines[-1]}" if lines else ""
        why = "it took too long" if ended.overdue else f"exit code {ended.code}"
        error = one_line(f"its examination ended without a report ({why}){said}")
        return LabReport(directory=directory, outcome="refused", error=error)
    return msgspec.structs.replace(report, directory=directory)


def names_of(directories: Sequence[str]) -> list[str]:
    """A name for each directory's folder, made of the parts of its path that others do not have."""
    paths = [Path(os.path.abspath(each)).parts for each in directories]
    common = set(paths[0]).intersection(*paths)
    names: list[str] = []
    for path in paths:
        own = [each for each in path if each not in common] or path[-1:]
        name = PLAIN.sub("_", "-".join(own)).strip(".")[-80:] or "lab"
        number = sum(each == name or each.startswith(f"{name}~") for each in names)
        names.append(f"{name}~{number + 1}" if number else name)
    return names
