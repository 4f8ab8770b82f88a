"""Tests of scratch folders: there as long as their owner is, and not much longer."""

import os
from pathlib import Path

import pytest

from oracle.processes import scratch
from oracle.processes.scratch import LOCK, PREFIX, Scratch, sweep


@pytest.fixture(autouse=True)
def _memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "MEMORY_DIRECTORY", str(tmp_path))
    monkeypatch.setattr(scratch, "YOUNG_SECONDS", -1.0)


def test_a_folder_that_is_held_stays_and_one_that_is_left_goes(tmp_path: Path) -> None:
    """As after a kill, which lets go of locks and removes nothing."""
    held, left = Scratch.made(), Scratch.made()
    os.close(left.lock)
    (tmp_path / "raft-oracle-known").mkdir()
    (tmp_path / f"{PREFIX}without-a-lock").mkdir()
    sweep()
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(
        [Path(held.path).name, "raft-oracle-known", f"{PREFIX}without-a-lock"]
    )
    held.remove()
    assert not Path(held.path).exists()


def test_a_young_folder_may_be_about_to_be_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner has made the lock and does not hold it yet."""
    monkeypatch.setattr(scratch, "YOUNG_SECONDS", 60.0)
    (tmp_path / f"{PREFIX}new").mkdir()
    (tmp_path / f"{PREFIX}new" / LOCK).touch()
    sweep()
    assert (tmp_path / f"{PREFIX}new").is_dir()


def test_a_lock_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    """A link in a folder that everybody may write to is no lock of ours."""
    folder = tmp_path / f"{PREFIX}linked"
    folder.mkdir()
    target = tmp_path / "target"
    target.write_text("kept")
    (folder / LOCK).symlink_to(target)
    sweep()
    assert target.read_text() == "kept"
    assert folder.is_dir()
