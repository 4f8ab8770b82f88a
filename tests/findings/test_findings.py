"""Every finding in docs/findings is still what its page says."""

import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

from model.runs.render import counted_steps, text_of
from model.schedule import load_schedule
from oracle.commands.replay import play_written
from oracle.formats.schedule_file import read_written
from oracle.formats.trace_json import trace_json
from oracle.museum.findings import read_findings, run_of
from oracle.subjects.naming import read_subject
from oracle.terminal.usage import UsageError
from tests.oracle.command import raft_oracle
from tests.require import BRIDGE_NEEDS, unmet

FOLDER = Path(__file__).parent.parent.parent / "docs" / "findings"
HEADING = "     action "
SCHEDULES = sorted(FOLDER.glob("*.json"))

pytestmark = pytest.mark.once


def test_every_schedule_has_its_page_and_its_run() -> None:
    """The folder is where this test looks for it, and nothing in it is alone."""
    assert SCHEDULES
    assert all(path.with_suffix(".md").is_file() for path in SCHEDULES)
    runs = [path.name for path in sorted((FOLDER / "traces").iterdir())]
    assert runs == [f"{path.name}.gz" for path in SCHEDULES]


def test_head_of_a_page_says_what_its_schedule_does() -> None:
    """Property, steps and version are those of the schedule, of the run and of the text."""
    for finding in read_findings(FOLDER):
        head = finding.head
        assert f"Breaks {head.property} in {head.steps} steps" in finding.text
        assert all(re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", issue) for issue in head.issues)
        if finding.schedule is None:
            continue
        saved = load_schedule(finding.schedule.read_bytes(), read_subject)
        assert (saved.property, len(saved.actions)) == (head.property, head.steps), finding.name
        assert head.versions.endswith(saved.subject_version), finding.name
        assert saved.subject_version in finding.text
        run = run_of(finding)
        assert run is not None
        assert run.verdict is not None
        assert run.verdict.property == head.property
        assert len(counted_steps(run)) == head.steps, finding.name


def table_in(text: str) -> str:
    """The steps of a trace, from their heading on; empty where there is none."""
    _, _, rest = text.partition(HEADING)
    return rest.partition("\n\n")[0]


def test_trace_in_a_page_is_the_run() -> None:
    """Where a page shows the steps, they are what a replay prints today."""
    shown = [each for each in read_findings(FOLDER) if HEADING in each.text and each.schedule]
    assert len(shown) > 10
    for finding in shown:
        run = run_of(finding)
        assert run is not None
        assert table_in(finding.text).split("\n```")[0] == table_in(text_of(run)), finding.name


def test_overview_lists_every_finding_as_its_page_says() -> None:
    """With its title, property and steps, and its versions where the table has these."""
    rows = (FOLDER / "README.md").read_text().splitlines()
    for finding in read_findings(FOLDER):
        head = finding.head
        begins = f"| [{finding.title}]({finding.name}.md)"
        own = [row.strip("| ").split(" | ") for row in rows if row.startswith(begins)]
        assert own, begins
        said = {(cells[1].split(" ")[0], cells[2], *cells[3:]) for cells in own}
        wanted = (head.property, str(head.steps))
        assert wanted in said or (*wanted, head.versions) in said, (finding.name, said)


def test_overview_counts_the_findings_of_each_library() -> None:
    """The table of what was hunted says how many pages a library has."""
    table = (FOLDER / "README.md").read_text().partition("### Which release it was")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    said = {cells[0]: int(cells[4]) for cells in rows if cells[4].isdecimal()}
    assert said == Counter(each.head.library for each in read_findings(FOLDER))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.svg")), ids=lambda path: path.stem)
def test_picture_is_the_one_that_is_drawn(path: Path, tmp_path: Path) -> None:
    """`raft-oracle show SCHEDULE --as svg` gives the picture that pages show."""
    schedule = str(path.with_suffix(".json"))
    done = raft_oracle(tmp_path, "show", schedule, "--as", "svg")
    if done.code == 64:
        unmet("pypi", f"the version cannot be installed: {done.err}")
    assert done.out == path.read_text("utf-8")


@pytest.mark.parametrize("path", SCHEDULES, ids=lambda path: path.stem)
def test_schedule_breaks_the_property_that_its_page_names(path: Path) -> None:
    """A replay on the version that the schedule names is the run that is stored."""
    written = read_written(path)
    head = written.saved.head()
    try:
        played = play_written(written, path)
    except (UsageError, LookupError) as error:
        unmet(BRIDGE_NEEDS.get(head.subject, "pypi"), f"the version cannot be installed: {error}")
    assert played.violation is not None
    assert played.violation.property == written.saved.property
    assert played.execution is not None
    stored = FOLDER / "traces" / f"{path.name}.gz"
    again = f"raft-oracle show {path} --as json | gzip -n9 > {stored}"
    is_same = trace_json(played.execution) == gzip.decompress(stored.read_bytes())
    assert is_same, f"run anew: {again}"
