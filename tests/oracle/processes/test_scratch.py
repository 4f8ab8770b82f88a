"""Tests of scratch folders: there as long as their owner is, and not much longer."""

import os
from pathlib import Path

import pytest

from oracle.processes import scratch
from oracle.processes.scratch import (
    LOCK,
    NOTE,
    PREFIX,
    YOUNG_PREFIX,
    Scratch,
    half_made,
    half_made_folder,
    scratch_folder,
    sweep,
)


@pytest.fixture(autouse=True)
def _memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "memory").mkdir()
    monkeypatch.setattr(scratch, "MEMORY_DIRECTORY", str(tmp_path / "memory"))


def memory(tmp_path: Path) -> list[str]:
    """What lies where scratch folders are made."""
    return sorted(each.name for each in (tmp_path / "memory").iterdir())


def killed(left: Scratch) -> None:
    """As after a kill, which lets go of locks and removes nothing."""
    os.close(left.lock)


def test_a_folder_that_is_held_stays_and_one_that_is_left_goes(tmp_path: Path) -> None:
    """However young it is, and what is called otherwise is somebody else's."""
    held, left = Scratch.made(), Scratch.made()
    killed(left)
    (tmp_path / "memory/raft-oracle-known").mkdir()
    sweep()
    assert memory(tmp_path) == sorted([Path(held.path).name, "raft-oracle-known"])
    held.remove()
    assert not Path(held.path).exists()


def test_a_kill_while_a_folder_is_made_or_removed_leaves_what_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder has its name once it is locked, and loses its lock last."""
    (tmp_path / "memory" / f"{PREFIX}emptied").mkdir()
    (tmp_path / "memory" / f"{PREFIX}full").mkdir()
    (tmp_path / "memory" / f"{PREFIX}full/file").touch()
    (tmp_path / "memory" / f"{YOUNG_PREFIX}new").mkdir()
    (tmp_path / "memory" / f"{YOUNG_PREFIX}locked").mkdir()
    (tmp_path / "memory" / f"{YOUNG_PREFIX}locked" / LOCK).touch()
    sweep()
    young = [f"{YOUNG_PREFIX}locked", f"{YOUNG_PREFIX}new"]
    assert memory(tmp_path) == [f"{PREFIX}full", *young]
    monkeypatch.setattr(scratch, "YOUNG_SECONDS", -1.0)
    sweep()
    assert memory(tmp_path) == [f"{PREFIX}full"]


def test_a_lock_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    """A link in a folder that everybody may write to is no lock of ours."""
    folder = tmp_path / "memory" / f"{PREFIX}linked"
    folder.mkdir()
    target = tmp_path / "target"
    target.write_text("kept")
    (folder / LOCK).symlink_to(target)
    sweep()
    assert target.read_text() == "kept"
    assert folder.is_dir()


def test_what_is_half_made_elsewhere_goes_with_its_maker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end of the block, at the end of the pool whose worker was killed, or at a sweep."""
    place = tmp_path / "cache"
    for ends in (sweep, None):
        owner = Scratch.made()
        monkeypatch.setenv("RAFT_ORACLE_SCRATCH", owner.path)
        with half_made_folder(place, "built") as fresh, half_made(tmp_path / "schedule") as file:
            (fresh / "sealed").mkdir(mode=0o500)
            file.write_text("half")
            notes = {each: each.read_bytes() for each in Path(owner.path).glob(f"{NOTE}*")}
            fresh.rename(place / "moved")  # as far as a kill would have left it
        assert list(place.iterdir()) == [place / "moved"]
        assert not file.exists()
        (place / "moved").rename(fresh)
        for note, content in notes.items():
            note.write_bytes(content)
        if ends is None:
            owner.remove()
        else:
            killed(owner)
            ends()
        assert [*place.iterdir(), *memory(tmp_path)] == []


def test_a_folder_for_a_while_goes_with_all_in_it(tmp_path: Path) -> None:
    """Nothing of it is left, and nothing beside it."""
    with scratch_folder() as folder:
        (folder / "file").touch()
        assert memory(tmp_path) == [folder.name]
    assert memory(tmp_path) == []
