"""Tests of scratch folders: there as long as their owner is, and not much longer."""

import os
from pathlib import Path

import pytest

from oracle.processes import scratch
from oracle.processes.scratch import LOCK, Scratch, sweep


@pytest.fixture(autouse=True)
def _memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "MEMORY_DIRECTORY", str(tmp_path))
    monkeypatch.setattr(scratch, "YOUNG_SECONDS", -1.0)


def test_a_folder_that_is_held_stays_and_one_that_is_left_goes(tmp_path: Path) -> None:
    """As after a kill, which lets go of locks and removes nothing."""
    held, left = Scratch.made(), Scratch.made()
    os.close(left.lock)
    (tmp_path / "raft-oracle-of-an-earlier-version").mkdir()
    (tmp_path / "somebody-elses").mkdir()
    sweep()
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(
        [Path(held.path).name, "somebody-elses"]
    )
    held.remove()
    assert not Path(held.path).exists()


def test_a_young_folder_may_be_about_to_be_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner has made it and not locked it yet."""
    monkeypatch.setattr(scratch, "YOUNG_SECONDS", 60.0)
    (tmp_path / "raft-oracle-new").mkdir()
    sweep()
    assert (tmp_path / "raft-oracle-new").is_dir()


def test_a_lock_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    """A link in a folder that everybody may write to is no lock of ours."""
    folder = tmp_path / "raft-oracle-linked"
    folder.mkdir()
    target = tmp_path / "target"
    target.write_text("kept")
    (folder / LOCK).symlink_to(target)
    sweep()
    assert target.read_text() == "kept"
    assert folder.is_dir()
