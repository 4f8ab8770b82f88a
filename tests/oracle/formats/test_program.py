"""Tests of actions as Python source."""

from model.schedule import NAMES
from oracle.formats.program import program
from tests.oracle.formats.found import SCHEDULE


def test_program_evaluates_to_the_schedule() -> None:
    """Whatever stands in a command, what is printed runs as it stands."""
    assert eval(f"({program(SCHEDULE, '  ')})", dict(NAMES)) == SCHEDULE


def test_program_has_a_line_for_each_action() -> None:
    """A schedule can be cut by deleting lines."""
    lines = program(SCHEDULE, "    ").splitlines()
    assert len(lines) == len(SCHEDULE)
    assert all(line.startswith("    ") and line.endswith(",") for line in lines)
