"""`raft-oracle lab`, as a student runs it, and as a course does."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from model.target import Directory
from oracle.adapter.factory import AdapterFactory
from oracle.commands.lab import exit_code
from oracle.commands.lab_course import names_of, read_report
from oracle.commands.lab_report import text_of
from oracle.commands.schema import printed
from oracle.formats.lab_json import LabFinding, LabPart, LabReport, LabsReport, decode_report
from oracle.hunting.lab_parts import PART
from oracle.processes.side_by_side import Ended
from oracle.subjects.registry import factory_of
from tests.oracle.command import ROOT, Done, is_refused, raft_oracle
from tests.oracle.unmodified.labs import LABS, copy_of, mistakes_of, plant
from tests.require import needs

LAB = "leader_by_vote"
STEPS = ("--through", "3A", "--steps", "600", "--workers")
STORED = ROOT / "oracle/schemas/lab-v1.json"


def planted(module: Path, mistake: str) -> Path:
    """A copy of the labs with a mistake in one of them, whose directory is returned."""
    copy_of(module)
    (wanted,) = (each for each in mistakes_of(LAB) if each.name == mistake)
    plant(wanted, module / LAB)
    return module / LAB


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """Three students, of whom one elects too many leaders and one does not compile."""
    cwd = tmp_path_factory.mktemp("course")
    copy_of(cwd / "ann")
    planted(cwd / "bob", "leads_by_its_vote_alone")
    broken = planted(cwd / "cid", "leads_by_its_vote_alone") / "raft.go"
    broken.write_text(broken.read_text() + "\nfunc {\n")
    (cwd / "dot\x1b[2J").mkdir()
    directories = [f"{each}/{LAB}" for each in ("ann", "bob", "cid")]
    words = ("lab", *directories, "dot\x1b[2J", *STEPS, "1", "--out", "out")
    return cwd, raft_oracle(cwd, *words)


@needs("go")
def test_course_has_a_line_for_each_student(course: tuple[Path, Done]) -> None:
    """What does not compile, and what is no lab, spoils nobody; what is printed is printable."""
    _, done = course
    assert done.code == 1, done
    lines = done.out.splitlines()[:4]
    assert lines[0].startswith(f"ann/{LAB}")
    assert "3A held  3D not begun" in lines[0]
    assert "broken" in lines[1]
    assert "3A broken (" in lines[1]
    assert "refused" in lines[2]
    assert "raft.go" in lines[2]
    assert "found no Raft in" in lines[3]
    assert "\x1b" not in done.out


@needs("go")
def test_course_has_a_report_for_each_student(course: tuple[Path, Done]) -> None:
    """A folder each, with the finding of each part, which replays; and one report of all."""
    cwd, _ = course
    whole = decode_report((cwd / "out/report.json").read_bytes())
    assert [each.outcome for each in whole.labs] == ["held", "broken", "refused", "refused"]
    assert whole.exit_code == 1
    bob = whole.labs[1]
    (first,) = bob.parts[0].findings
    assert first.property in ("LeaderHasMajority", "ElectionSafety")
    assert first.severity == "unsafe"
    assert first.steps <= 4
    folder = cwd / "out" / f"bob-{LAB}" / "3A"
    assert first.folder == "out/bob-leader_by_vote/3A"
    assert raft_oracle(cwd, "replay", str(folder / "schedule.json")).code == 1
    assert (cwd / "out/dot_2J/report.json").is_file()


@needs("go")
def test_same_seed_and_steps_give_the_same_report(
    course: tuple[Path, Done], tmp_path: Path
) -> None:
    """One student alone, with other workers: the object on standard output is as in the course."""
    cwd, _ = course
    words = ("lab", str(cwd / f"bob/{LAB}"), "--json", *STEPS, "2")
    done = raft_oracle(tmp_path, *words, "--out", "out")
    assert done.code == 1, done
    alone = json.loads(done.out)["labs"][0]
    of_course = json.loads((cwd / f"out/bob-{LAB}/report.json").read_bytes())["labs"][0]
    assert without_places(alone) == without_places(of_course)


def without_places(report: dict[str, Any]) -> object:
    """A report without the places where it lies."""
    for part in report["parts"]:
        for finding in part["findings"]:
            finding["folder"] = finding["folder"] and Path(finding["folder"]).name
    return {name: value for name, value in report.items() if name != "directory"}


@needs("go")
def test_directory_without_a_lab_is_wrong_usage(tmp_path: Path) -> None:
    """One line, exit code 64, and nothing that stays; a grader gets the same as an object."""
    assert is_refused(raft_oracle(tmp_path, "lab", "."))
    assert not list(tmp_path.iterdir())
    done = raft_oracle(tmp_path, "lab", ".", "--json", "--out", "out")
    assert done.code == 64
    assert (tmp_path / "out/report.txt").is_file()
    report = decode_report(done.out.encode())
    assert report.labs[0].outcome == "refused"
    assert (report.labs[0].error or "no error") in done.err


@pytest.mark.parametrize(
    "words",
    [(), (".", "--through", "3E"), (".", "--budget", "soon"), (".", "--workers", "0")],
)
def test_wrong_usage_is_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    """Nothing is begun with options that do not fit."""
    assert is_refused(raft_oracle(tmp_path, "lab", *words))


FOUND = LabFinding(
    property="VoteOnce", severity="untidy", detail="S1\x1b", steps=4, folder=None, seen_in="3A"
)
REPORT = LabReport(
    directory="here",
    outcome="untidy",
    parts=(
        LabPart(part="3A", outcome="untidy", findings=(FOUND,), reached=("leader elected",)),
        LabPart(part="3B", outcome="held", runs=3, steps=1200),
        LabPart(part="3C", outcome="inconclusive", note="no leader was elected"),
        LabPart(part="3D", outcome="not begun"),
    ),
)


def test_table_has_a_row_for_each_part() -> None:
    """Findings with their steps, or what was covered, and why a part is inconclusive."""
    text = text_of(REPORT)
    assert "3A    untidy        VoteOnce               4" in text
    assert "3B    held          1,200 steps of 3 runs" in text
    assert "3C    no leader was elected." in text
    assert "3D    not begun" in text
    assert "VoteOnce, untidy (as in 3A): S1" in text


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (("held",), 0),
        (("untidy", "held"), 0),
        (("held", "broken", "refused"), 1),
        (("held", "refused"), 2),
        (("inconclusive",), 2),
        (("interrupted",), 2),
        (("refused",), 64),
        (("refused", "refused"), 2),
    ],
)
def test_exit_code_is_that_of_the_worst_lab(outcomes: tuple[Any, ...], expected: int) -> None:
    """Broken, then what could not be judged; one directory that cannot be read is wrong usage."""
    reports = [LabReport(directory=str(place), outcome=each) for place, each in enumerate(outcomes)]
    assert exit_code(reports) == expected


def test_stored_schema_is_what_the_classes_make() -> None:
    """Whoever changes the report prints the schema anew: `raft-oracle schema lab`."""
    assert STORED.read_text() == printed("lab")


@pytest.mark.parametrize("kind", [LabsReport, LabReport, LabPart, LabFinding])
def test_schema_names_every_field_and_no_other(kind: type[msgspec.Struct]) -> None:
    """A grader may rely on each field, and would notice another."""
    schema = json.loads(STORED.read_text())["$defs"][kind.__name__]
    assert set(schema["properties"]) == set(kind.__struct_encode_fields__)
    assert schema["additionalProperties"] is False
    page = (ROOT / "docs/labs.md").read_text()
    assert all(f"`{name}`" in page for name in kind.__struct_encode_fields__)


def test_folders_have_names_that_tell_students_apart() -> None:
    """What all paths have in common is left out, and no two names are alike."""
    assert names_of(["/c/ann/src/raft", "/c/bob/src/raft"]) == ["ann", "bob"]
    assert names_of(["/c/raft"]) == ["raft"]
    assert names_of(["/c/x y", "/c/x+y", "/c/z"])[:2] == ["x_y", "x_y~2"]
    assert len(set(names_of(["/c/a", "/c/a", "/c/a"]))) == 3


def test_examination_without_a_report_is_told() -> None:
    """Whatever becomes of the process, its student has a line."""
    crashed = read_report("here", Ended(-9, b"", b"first\nkilled\x1b"))
    assert crashed.outcome == "refused"
    assert "exit code -9): killed?" in (crashed.error or "")
    assert "took too long" in (read_report("here", Ended(2, b"{", b"", overdue=True)).error or "")
    assert read_report("here", None).outcome == "interrupted"


@needs("go")
def test_program_of_a_lab_says_how_far_it_has_come_and_where_it_handles_messages() -> None:
    """The parts to hunt, and the places in the code, are what its reply to hello has."""
    factory = factory_of(Directory(str(LABS / LAB)))
    assert isinstance(factory, AdapterFactory)
    defaults = {each.name: each.default for each in factory.settings}
    assert defaults[PART] == "3C"
    for name, place in factory.adapter.hello.handlers.items():
        file, line = place.split(":")
        text = (LABS / LAB / file).read_text().splitlines()[int(line) - 1]
        assert text.startswith("func (rf *Raft) " + name)
    assert {"AppendEntries", "RequestVote"} <= set(factory.adapter.hello.handlers)
    for process in factory.adapter.idle:
        process.stop()
    factory.adapter.idle.clear()
