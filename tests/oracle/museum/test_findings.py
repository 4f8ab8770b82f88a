"""Tests of how the museum reads findings; tests/findings holds what it reads to the schedules."""

from pathlib import Path

import pytest

from oracle.museum.findings import read_finding, read_findings
from oracle.terminal.usage import UsageError

PAGE = """---
library: Somebody's
versions: 1.0 to 1.2
mechanism: vote given twice
property: ElectionSafety
steps: 7
issues: [owner/name#5]
teaches: >-
  One vote
  a term.
---

# Two leaders

Breaks ElectionSafety in 7 steps.
"""


def written(folder: Path, text: str) -> Path:
    """A page as a file."""
    path = folder / "two-leaders.md"
    path.write_text(text)
    return path


def test_finding_is_read_with_what_lies_beside_it(tmp_path: Path) -> None:
    """The fields of its head, its title, and its schedule and run where these are."""
    page = written(tmp_path, PAGE)
    (tmp_path / "README.md").write_text("# All")
    (tmp_path / "two-leaders.json").write_text("{}")
    (finding,) = read_findings(tmp_path)
    assert finding == read_finding(page)
    assert (finding.name, finding.title) == ("two-leaders", "Two leaders")
    assert finding.head.teaches == "One vote a term."
    assert finding.head.issues == ("owner/name#5",)
    assert finding.text.startswith("# Two leaders\n")
    assert finding.schedule == tmp_path / "two-leaders.json"
    assert finding.trace is None


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("---\nlibrary", "library", "found no head"),
        ("library: Somebody's\n", "", "missing required field `library`"),
        ("steps: 7", "steps: few", "Expected `int`, got `str` - at `$.steps`"),
        ("steps: 7", "steps: 7\nlength: 8", "contains unknown field `length`"),
        ("steps: 7", "steps: [", "head: while parsing"),
        ("given twice", "given thrice", "mechanism: found 'vote given thrice', expected one of"),
        ("# Two leaders", "Two leaders", "found 'Two leaders', expected a title"),
    ],
)
def test_page_that_is_not_as_the_others_is_named(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    """In one line, with the field and what was expected of it."""
    page = written(tmp_path, PAGE.replace(old, new, 1))
    with pytest.raises(UsageError) as caught:
        read_finding(page)
    assert complaint in str(caught.value)
    assert str(caught.value).startswith(str(page))
    assert "\n" not in str(caught.value)


def test_folder_without_findings_is_named(tmp_path: Path) -> None:
    """A site of nothing is a mistake."""
    with pytest.raises(UsageError, match="found no page in"):
        read_findings(tmp_path)
