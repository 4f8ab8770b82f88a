"""Tests of what is said when the project itself has gone wrong."""

import tempfile
from pathlib import Path

import pytest

from oracle.terminal.own_mistake import in_one_line


def raised() -> Exception:
    """An error with a traceback."""
    try:
        [].pop()
    except IndexError as error:
        return error
    raise AssertionError


def test_the_traceback_is_kept_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line names the error, says that it is no verdict, and where the rest is."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    line = in_one_line(raised())
    (file,) = tmp_path.iterdir()
    assert line == (
        "a mistake of raft-oracle itself, which says nothing of the subject: "
        f"IndexError: pop from empty list; please report it with {file}"
    )
    assert "[].pop()" in file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0


def test_without_a_place_for_it_the_line_says_where_it_was_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that is full."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    line = in_one_line(raised())
    assert f"{Path(__file__).name}:" in line
    assert "No such file" in line
