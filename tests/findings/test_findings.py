"""Every finding in docs/findings is still what its page says."""

from pathlib import Path

import pytest

from model.schedule import load_schedule
from oracle.regression import violation_of_schedule
from oracle.subjects.naming import read_subject
from oracle.terminal.usage import UsageError
from tests.oracle.command import raft_oracle
from tests.require import BRIDGE_NEEDS, unmet

FOLDER = Path(__file__).parent.parent.parent / "docs" / "findings"
SCHEDULES = sorted(FOLDER.glob("*.json"))

pytestmark = pytest.mark.once


def test_there_are_findings() -> None:
    """The folder is where this test looks for it, and every schedule has its page."""
    assert SCHEDULES
    assert all(path.with_suffix(".md").is_file() for path in SCHEDULES)


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
    """A replay on the version that the schedule names ends in the same violation."""
    saved = load_schedule(path.read_bytes(), read_subject)
    head = saved.head()
    try:
        violation = violation_of_schedule(
            saved.actions,
            head.subject,
            head.servers,
            head.network,
            head.settings,
            ignore=head.ignore,
        )
    except (UsageError, LookupError) as error:
        unmet(BRIDGE_NEEDS.get(head.subject, "pypi"), f"the version cannot be installed: {error}")
    assert violation is not None
    assert violation.property == saved.property
    text = path.with_suffix(".md").read_text()
    assert f"Breaks {saved.property} in {len(saved.actions)} steps" in text
    assert saved.subject_version in text
