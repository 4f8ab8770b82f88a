"""Checkpoints: a search that is stored and taken up again ends as it would have."""

import os
import shutil
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from model.explorer.engines.choice import make_engine
from model.explorer.search import checkpoint
from model.explorer.search.breadth_first import BreadthFirstSearch
from model.explorer.search.checkpoint import (
    SUMS,
    CheckpointError,
    meaning_of,
    read_manifest,
    restore,
    save,
    sums_of,
    take_place,
)
from model.explorer.search.result import INTERRUPTED, SearchLimits, never_stop
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft import RaftSystem
from model.explorer.systems.raft_tla import RaftTla
from model.explorer.systems.system import System
from model.reference.settings import read_settings
from properties.checker import Checker
from properties.view import REFERENCE_OBSERVES
from tests.model.explorer.cases import COMPILED_OR_NOT, EVERYTHING, system


def made() -> RaftSystem:
    """A cluster with a few hundred states."""
    return system(2, client_requests=1, max_inbox=2)


def within_bounds() -> RaftSystem:
    """A cluster without properties, whose states depend on raft_core and the encoding alone."""
    bounds = Bounds(max_term=2, max_inbox=1, restarts=1)
    return RaftSystem(read_settings({}, 2), bounds, Checker(2, REFERENCE_OBSERVES, ()))


def stored_search(folder: Path) -> BreadthFirstSearch:
    """A search that was stored in the middle of a level, with states of the next one found."""
    engine = make_engine("numpy", made(), True, 1)
    engine.chunk = 1
    search = BreadthFirstSearch(engine)
    search.run(
        EVERYTHING,
        lambda each: INTERRUPTED if each.position and any(map(len, each.following)) else None,
    )
    save(search, {"asked": "for"}, 2.5, folder)
    return search


@pytest.mark.parametrize("engine", COMPILED_OR_NOT)
def test_search_in_the_middle_of_a_level_is_taken_up(tmp_path: Path, engine: str) -> None:
    """With any engine it ends with the counts and levels of a search in one go."""
    part = stored_search(tmp_path)
    assert 0 < part.position < len(part.frontier)
    search, manifest = restore(make_engine(engine, made(), True, 1), tmp_path)
    assert (search.distinct, search.generated) == (part.distinct, part.generated)
    assert (manifest.order, manifest.seconds) == ({"asked": "for"}, 2.5)
    whole = BreadthFirstSearch(make_engine("numpy", made(), True, 1)).run(EVERYTHING, never_stop)
    assert search.run(EVERYTHING, never_stop) == whole


def test_violation_that_was_found_is_kept(tmp_path: Path) -> None:
    """Stored between the violation and the end of its level."""
    broken = system(3, mutant="double-vote", max_inbox=2)
    engine = make_engine("numpy", broken, True, 1)
    engine.chunk = 1
    search = BreadthFirstSearch(engine)
    search.run(EVERYTHING, lambda each: INTERRUPTED if each.violation else None)
    save(search, {}, 0.0, tmp_path)
    again, _ = restore(make_engine("numpy", broken, True, 1), tmp_path)
    found, expected = (each.run(EVERYTHING, never_stop) for each in (again, search))
    assert found.verdict == "violated"
    assert found.path == expected.path


def test_last_checkpoint_counts_until_the_next_is_whole(tmp_path: Path) -> None:
    """Killed between the two renamings, the search goes on from the one before."""
    stored_search(tmp_path)
    (tmp_path / "current").rename(tmp_path / "before")
    folder, _ = read_manifest(tmp_path)
    assert folder == tmp_path / "before"


def test_next_checkpoint_takes_the_place_of_the_last(tmp_path: Path) -> None:
    """There is one folder at the end, and it is the new one."""
    stored_search(tmp_path)
    fresh = tmp_path / "next"
    fresh.mkdir()
    (fresh / "mark").touch()
    take_place(tmp_path, fresh)
    assert [each.name for each in tmp_path.iterdir()] == ["current"]
    assert (tmp_path / "current/mark").is_file()


def test_checkpoint_that_cannot_be_written_leaves_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: half a checkpoint is removed, and the one before stays as it is."""
    search = stored_search(tmp_path)
    before = (tmp_path / "current/manifest.json").read_bytes()

    def full(*arguments: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="No space left"):
        save(search, {}, 9.0, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["current"]
    assert (tmp_path / "current/manifest.json").read_bytes() == before


def changed_array(name: str, change: Any) -> Any:
    """A damage: an array with something in it changed."""

    def damage(folder: Path) -> None:
        path = folder / f"{name}.npy"
        np.save(path, change(np.load(path)))

    return damage


def changed_manifest(**changes: Any) -> Any:
    """A damage: a manifest that says something else."""

    def damage(folder: Path) -> None:
        path = folder / "manifest.json"
        values = {**msgspec.json.decode(path.read_bytes()), **changes}
        path.write_bytes(msgspec.json.encode(values))

    return damage


def level_below_zero(folder: Path) -> None:
    """A damage: as many states as before, but one of the levels has fewer than none."""
    levels = msgspec.json.decode((folder / "manifest.json").read_bytes())["levels"]
    changed_manifest(levels=[*levels, -1, 1])(folder)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (level_below_zero, "levels: found"),
        (changed_array("frontier", lambda rows: rows[:, 1:]), "frontier: found shape"),
        (changed_array("frontier", lambda rows: rows + 10**6), "frontier: found values"),
        (changed_array("following", lambda rows: rows[:, ::-1]), "in another's place"),
        (changed_array("parents", lambda parents: parents[1:]), "expected as many as states"),
        (changed_array("parents", lambda parents: parents + 99), "comes before its parent"),
        (changed_manifest(position=10**6), "position: found 1000000"),
        (changed_manifest(first=0), "first: found 0, expected"),
        (changed_manifest(kinds=[2**64]), "kinds: found"),
        (changed_manifest(kinds=[-1]), "kinds: found"),
        (changed_manifest(kinds=[1] * 99), "kinds: found"),
        (changed_manifest(violation=(0, 0, -3)), "violation: found"),
        (changed_manifest(violation=(10**30, 0, 0)), "violation: found"),
        (changed_manifest(version=1), "expected 'raft-oracle checkpoint' version 2; begin"),
        (changed_manifest(meaning="another"), "mean something else to this program"),
        (changed_manifest(levels="none"), "levels"),
        (changed_array("filled", lambda keys: keys * 0), "filled: found a pair twice, or of no"),
        (changed_array("outcomes", lambda counts: counts.astype("i4")), "of the kind int32"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(tmp_path: Path, damage: Any, expected: str) -> None:
    """Engines look numbers up unchecked, so that a checkpoint is checked before."""
    stored_search(tmp_path)
    damage(tmp_path / "current")
    sums = checkpoint.sums_of(tmp_path / "current")  # as who means harm would do
    (tmp_path / "current" / checkpoint.SUMS).write_text(sums)
    with pytest.raises(CheckpointError, match=expected):
        restore(make_engine("numpy", made(), True, 1), tmp_path)


def test_checkpoint_with_any_byte_changed_is_refused(tmp_path: Path) -> None:
    """In every file, at its start, in the middle and at its end; so is one that lacks a file."""
    stored_search(tmp_path)
    for path in sorted((tmp_path / "current").iterdir()):
        content = path.read_bytes()
        for at in (0, len(content) // 2, len(content) - 1):
            path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            with pytest.raises(CheckpointError):
                restore(make_engine("numpy", made(), True, 1), tmp_path)
        path.unlink()
        with pytest.raises(CheckpointError):
            restore(make_engine("numpy", made(), True, 1), tmp_path)
        path.write_bytes(content)
    restore(make_engine("numpy", made(), True, 1), tmp_path)


@pytest.mark.parametrize("name", ["manifest.json", SUMS])
def test_words_without_an_end_are_refused(tmp_path: Path, name: str) -> None:
    """They are held in memory as a whole."""
    stored_search(tmp_path)
    with (tmp_path / "current" / name).open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(CheckpointError, match=f"{name}: found more than"):
        restore(make_engine("numpy", made(), True, 1), tmp_path)


def test_checkpoint_of_another_system_is_refused(tmp_path: Path) -> None:
    """Its pairs mean something else, or nothing."""
    stored_search(tmp_path)
    with pytest.raises(CheckpointError):
        restore(make_engine("numpy", system(3), True, 1), tmp_path)


def test_folder_without_a_checkpoint_is_refused(tmp_path: Path) -> None:
    """The error says what was looked for."""
    shutil.rmtree(tmp_path)
    with pytest.raises(CheckpointError, match=f"found no {checkpoint.MANIFEST}"):
        read_manifest(tmp_path)


def test_finished_search_can_be_stored(tmp_path: Path) -> None:
    """Taken up, it ends at once with the same result."""
    search = BreadthFirstSearch(make_engine("numpy", made(), True, 1))
    whole = search.run(SearchLimits(), never_stop)
    save(search, {}, 0.0, tmp_path)
    again, _ = restore(make_engine("numpy", made(), True, 1), tmp_path)
    assert again.run(SearchLimits(), never_stop) == whole


@pytest.mark.parametrize(
    ("explored", "meaning"),
    [
        (within_bounds(), "eae019684ac59d4914d43666577f9bcb"),
        (RaftTla(servers=2, history=True), "da7493a122ac8266b61f2aad3f409fca"),
    ],
    ids=["raft", "raft.tla"],
)
def test_numbers_mean_what_they_meant_to_version_0_1_0(explored: System, meaning: str) -> None:
    """Where this digest changes, no checkpoint that users have can be taken up any more."""
    engine = make_engine("numpy", explored, True, 1)
    BreadthFirstSearch(engine).run(EVERYTHING, never_stop)
    assert meaning_of(engine) == meaning


@pytest.mark.parametrize("make", [os.mkfifo, Path.touch])
def test_a_file_that_is_none_of_a_checkpoint_is_not_read(tmp_path: Path, make: Any) -> None:
    """A pipe has no end, and a file of zeros may be as long as anybody likes, listed or not."""
    stored_search(tmp_path)
    more = tmp_path / "current" / "more.npy"
    make(more)
    with (more.parent / SUMS).open("a") as file:
        file.write(f"{'0' * 64}  more.npy\n")
    with pytest.raises(CheckpointError, match=r"more\.npy: found a file that no checkpoint has"):
        restore(make_engine("numpy", made(), True, 1), tmp_path)


NUMBERS_OF_HOLES = 2**35
"""So many would take a minute to be read."""
HOLES: dict[tuple[str, ...], str] = {
    ("filled",): "filled: found 34359738368, expected at most",
    ("outcomes",): "outcomes: found 34359738368, expected at most",
    ("frontier",): "frontier: found 34359738368, expected at most",
    ("following",): "parents, numbers, fingerprints: found",
    ("parents",): "parents, numbers, fingerprints: found 34359738368,",
    ("parents", "numbers", "fingerprints"): "fingerprints: found a file with holes",
}


@pytest.mark.parametrize("names", HOLES, ids=" ".join)
def test_holes_are_not_read(
    tmp_path: Path, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of a few bytes may be as long as anybody likes, and so may what its manifest says."""
    folder = tmp_path / "current"
    stored_search(tmp_path)
    for name in names:
        path = folder / f"{name}.npy"
        array = np.load(path)
        shape = (NUMBERS_OF_HOLES, *array.shape[1:])
        with path.open("wb") as file:
            np.lib.format.write_array_header_1_0(
                file, {"descr": array.dtype.str, "fortran_order": False, "shape": shape}
            )
            file.truncate(file.tell() + array.itemsize * int(np.prod(shape)))
    if "fingerprints" in names:
        following = len(np.load(folder / "following.npy"))
        changed_manifest(levels=[NUMBERS_OF_HOLES - following])(folder)
    monkeypatch.setattr(checkpoint, "sums_of", pytest.fail)
    with pytest.raises(CheckpointError, match=HOLES[names]):
        restore(make_engine("numpy", made(), True, 1), tmp_path)


def test_a_pair_is_worked_out_once(tmp_path: Path) -> None:
    """A list of the same pair over and over is no search."""
    stored_search(tmp_path)
    changed_array("filled", lambda keys: np.repeat(keys, 2))(tmp_path / "current")
    (tmp_path / "current" / SUMS).write_text(sums_of(tmp_path / "current"))
    with pytest.raises(CheckpointError, match="filled: found a pair twice"):
        restore(make_engine("numpy", made(), True, 1), tmp_path)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "shape", ["(10**12, 3)", "(1000000000000, 3)", "(-5, 3)", "(2, 3", "(2L, 3)"]
)
def test_an_array_is_as_long_as_it_says(tmp_path: Path, shape: str) -> None:
    """What is announced is not made room for before it is there."""
    head = f"{{'descr': '<i4', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117)
    stored_search(tmp_path)
    path = tmp_path / "current" / "frontier.npy"
    path.write_bytes(b"\x93NUMPY\x01\x00v\x00" + head + b"\n" + bytes(24))
    (path.parent / SUMS).write_text(sums_of(path.parent))
    with pytest.raises(CheckpointError):
        restore(make_engine("numpy", made(), True, 1), tmp_path)
