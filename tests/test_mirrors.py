"""Tests mirror the code: what a module decides is looked for in the file of tests of its name."""

from pathlib import Path
from typing import Final

import pytest

from tests.sources import ROOT, functions_of, sources

MIRRORED: Final = ("raft_core", "properties", "model", "oracle")
"""The packages that have a folder of tests; bench has one for what it measures."""
FOLDERS: Final = {"properties.rules": "properties"}
"""Rooms whose tests lie in the folder of the room around them."""

COMMAND_LINE: Final = "tests/oracle/commands/test_usage.py"
HUNTS: Final = "tests/oracle/hunting/test_broken_subjects.py"
EXPLORED: Final = "tests/model/explorer/engines/test_engines.py"
PYSYNCOBJ: Final = "tests/oracle/subjects/test_pysyncobj.py"
RAFTOS: Final = "tests/oracle/subjects/test_raftos.py"
ETCD: Final = "tests/oracle/traces/etcd/test_etcd.py"
ELSEWHERE: Final = {
    # Values and ports, which decide nothing that could be tested without their users.
    "raft_core.state": "tests/raft_core/test_server.py",
    "model.failures": "tests/model/runs/test_shrink.py",
    "model.subject": "tests/model/world/test_world.py",
    "model.runs.describe": "tests/model/runs/test_render.py",
    "model.runs.recorded": "tests/model/runs/test_execution.py",
    "model.runs.grouping": "tests/model/runs/test_execution.py",
    "model.world.judged_servers": "tests/model/world/test_world.py",
    "model.world.links": "tests/model/runs/test_execution.py",
    "model.world.records": "tests/model/runs/test_execution.py",
    "model.explorer.running.outcome": "tests/model/explorer/running/test_exploration.py",
    # One behaviour of several files, so that its tests name the behaviour.
    "model.actions": "tests/model/actions/test_catalogue.py",
    "model.drivers.machine_turns": "tests/model/drivers/test_rule_machine.py",
    "model.drivers.even_draws": "tests/model/drivers/test_rule_machine.py",
    "model.drivers.action_source": "tests/model/drivers/test_walker.py",
    "model.drivers.run_profile": "tests/model/drivers/test_walker.py",
    "model.mutants": "tests/model/mutants/test_mutants.py",
    "model.reference.meaning": "tests/oracle/traces/test_hunts.py",
    "model.explorer.engines.numpy_engine": EXPLORED,
    "oracle.adapter": "tests/oracle/adapter/test_reference_child.py",
    "oracle.traces.etcd": ETCD,
    "oracle.traces.events": "tests/oracle/traces/events/test_events.py",
    "oracle.subjects.pysyncobj": PYSYNCOBJ,
    "oracle.subjects.raftos": RAFTOS,
    # Seen from the command line, in processes of their own, as its users see it.
    "oracle.bridging": "tests/oracle/commands/test_trace.py",
    "oracle.commands": COMMAND_LINE,
    "oracle.formats.schedule_file": COMMAND_LINE,
    "oracle.formats.lab_json": "tests/oracle/commands/test_lab.py",
    "oracle.hunting": HUNTS,
    "oracle.pictures": "tests/oracle/commands/test_figure16.py",
    "oracle.processes": "tests/oracle/hunting/test_interrupts.py",
    "oracle.regression": "tests/findings/test_findings.py",
    "oracle.store": "tests/oracle/hunting/test_findings.py",
    "oracle.subjects": "tests/oracle/hunting/test_broken_subjects.py",
    "oracle.terminal": COMMAND_LINE,
    "oracle.traces": "tests/oracle/commands/test_check_trace.py",
}
"""Modules without a file of tests of their name, or rooms that have such: where to look instead."""

DECIDING: Final = [
    source.module
    for source in sources()
    if source.layer in MIRRORED
    and any(functions_of(source))
    and not source.name.endswith("__init__.py")
    and not source.name.startswith("oracle/scaffolds/")
]
"""All modules with a function in them."""


def own_file(module: str) -> Path:
    """Where the tests of a module are looked for first."""
    folder, _, name = module.rpartition(".")
    return ROOT / "tests" / FOLDERS.get(folder, folder).replace(".", "/") / f"test_{name}.py"


def listed(module: str) -> str:
    """The entry of ELSEWHERE that a module falls under; empty where there is none."""
    fitting = [name for name in ELSEWHERE if f"{module}.".startswith(f"{name}.")]
    return max(fitting, key=len, default="")


def test_every_module_has_its_tests() -> None:
    """In a file of its name in the same room, or where ELSEWHERE says."""
    assert [each for each in DECIDING if not own_file(each).is_file() and not listed(each)] == []


def test_what_is_elsewhere_is_there() -> None:
    """Every file that ELSEWHERE names exists."""
    assert [path for path in ELSEWHERE.values() if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("entry", ELSEWHERE)
def test_what_is_listed_as_elsewhere_needs_it(entry: str) -> None:
    """An entry leaves the list once all modules under it have files of their own."""
    assert [each for each in DECIDING if listed(each) == entry and not own_file(each).is_file()]
