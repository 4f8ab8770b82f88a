"""`raft-oracle show`: what is drawn of a schedule or a trace, and what is refused."""

from pathlib import Path

import pytest

from oracle.commands.show import FORMS
from oracle.formats.trace_json import trace_json
from tests.oracle.command import raft_oracle
from tests.oracle.pictures.drawn import violated


@pytest.fixture
def trace(tmp_path: Path) -> str:
    """A trace as a file."""
    (tmp_path / "trace.json").write_bytes(trace_json(violated()))
    return "trace.json"


@pytest.mark.parametrize("form", FORMS)
def test_trace_is_drawn_in_every_form(tmp_path: Path, trace: str, form: str) -> None:
    """To standard output and to a file, the same bytes."""
    printed = raft_oracle(tmp_path, "show", trace, "--as", form)
    stored = raft_oracle(tmp_path, "show", trace, "--as", form, "--out", "drawn")
    assert (printed.code, stored.code) == (0, 0), printed.err + stored.err
    assert (tmp_path / "drawn").read_text() == printed.out
    assert len(printed.out) > 100
    assert stored.err == "written to drawn\n"


def test_schedule_is_run_and_drawn_as_its_trace_is(tmp_path: Path) -> None:
    """A hunt's schedule gives the picture of the finding."""
    found = raft_oracle(tmp_path, "hunt", "--mutant", "double-vote", "--out", "found")
    assert found.code == 1, found.err
    by_schedule = raft_oracle(tmp_path, "show", "found/schedule.json", "--as", "svg")
    by_trace = raft_oracle(tmp_path, "show", "found/trace.json", "--as", "svg")
    assert by_schedule.out == by_trace.out
    assert "led term" in by_schedule.out


def test_steps_up_to_a_number_are_drawn(tmp_path: Path, trace: str) -> None:
    """What comes later is not told, nor what it breaks."""
    shown = raft_oracle(tmp_path, "show", trace, "--until", "4")
    assert shown.code == 0, shown.err
    assert shown.out.startswith("No violation in 4 steps.")
    assert "S2 election timeout" not in shown.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ("show", "missing.json"),
            "raft-oracle: schedule: found 'missing.json', expected a file or a scenario's name\n",
        ),
        (("show", "trace.json", "--as", "png"), "'png' is not one of"),
        (("show", "trace.json", "--open"), "open: found no file, expected --out FILE with it"),
        (("show", "trace.json", "--until", "-1"), "-1"),
        (("show", "trace.json", "--out", "no/folder/x"), "out: cannot write to no/folder/x"),
        (("show", "torn.json"), "trace torn.json: "),
        (("show", "other.json"), "schedule other.json: "),
    ],
)
def test_wrong_usage_is_one_line(
    tmp_path: Path, trace: str, words: tuple[str, ...], complaint: str
) -> None:
    """What was found, where, and exit code 64."""
    (tmp_path / "torn.json").write_bytes((tmp_path / trace).read_bytes()[:-40])
    (tmp_path / "other.json").write_text("{}")
    done = raft_oracle(tmp_path, *words)
    assert done.code == 64
    assert complaint in done.err
    assert done.err.count("\n") == 1
