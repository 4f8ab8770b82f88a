"""A search on disk, which ends with the same counts when it is taken up again.

Only numbers are stored: the states of the frontier, the fingerprints, the parent of each state,
and the order in which pairs of values and labels were worked out. Working them out again in that
order gives all numbers their meaning back, so a file cannot make this program run anything but its
own functions.

A checkpoint is written beside the last one and takes its place by renaming; if the program is
killed in between, the last one is still there.
"""

import hashlib
import os
import shutil
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import Any, Final

import msgspec
import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from model.explorer.engines.engine import Engine
from model.explorer.engines.tables import FIRST_BROKEN, key_of
from model.explorer.search.breadth_first import BreadthFirstSearch
from model.schedule import NOT_READABLE

FORMAT: Final = "raft-oracle checkpoint"
VERSION: Final = 2
UNFINISHED: Final = "next"
"""What a checkpoint is called until it is complete."""
MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
"""What `sha256sum` prints of all other files: a byte that has changed is noticed."""
MOST_WORDS: Final = 16 * 1024 * 1024
"""Bytes of each of these two: all else that a checkpoint holds is numbers."""
MOST_MOVES: Final = 2**63 - 1
"""So many can be counted."""
MOST_OF_STATE: Final = 2**16
"""Moves that a state has at most, as their numbers have 16 bits."""
LEAST_KEY: Final = key_of(0, 0)
MOST_ON_THE_WAY: Final = 2**27
"""Pairs, and outcomes: each is an object in memory, beside the eight bytes that are stored."""


class CheckpointError(ValueError):
    """A checkpoint cannot be taken up: the file, what was found there, and what was expected."""


@frozen(kw_only=True)
class Manifest:
    """What a checkpoint says of itself, beside its arrays; its names are on disk, and stay.

    `order` is what the user asked for (`ExplorationSpec.as_json`). `meaning` is a digest of all
    hashes of values, which is another one if a different version of the program works out other
    values for the same pairs.
    """

    format: str
    version: int
    order: dict[str, Any]
    meaning: str
    levels: list[int]
    first: int
    position: int
    violation: tuple[int, int, int] | None
    kinds: list[int]
    seconds: float


def save(search: BreadthFirstSearch, order: dict[str, Any], seconds: float, folder: Path) -> None:
    """Store a search in `folder`, in the place of what was stored there before; OSError if not."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / UNFINISHED
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        write(search, order, seconds, fresh)
        take_place(folder, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)  # half a checkpoint, if the disk is full


def write(search: BreadthFirstSearch, order: dict[str, Any], seconds: float, fresh: Path) -> None:
    """Write a search into an empty folder."""
    for name, array in arrays_of(search).items():
        np.save(fresh / f"{name}.npy", array, allow_pickle=False)
    manifest = Manifest(
        format=FORMAT,
        version=VERSION,
        order=order,
        meaning=meaning_of(search.engine),
        levels=search.levels,
        first=search.first,
        position=search.position,
        violation=search.violation,
        kinds=search.engine.counts.kinds.tolist(),
        seconds=seconds,
    )
    (fresh / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    (fresh / SUMS).write_text(sums_of(fresh), "ascii")


def sums_of(folder: Path) -> str:
    """The digests of all files of a checkpoint, in the form of `sha256sum`."""
    lines = []
    for path in sorted(folder.iterdir()):
        if path.name != SUMS:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            lines.append(f"{digest}  {path.name}\n")
    return "".join(lines)


def take_place(folder: Path, fresh: Path) -> None:
    """Make the complete `fresh` the checkpoint; at every moment `current` or `before` is one."""
    current, before = folder / "current", folder / "before"
    if current.exists():
        shutil.rmtree(before, ignore_errors=True)
        current.rename(before)
    fresh.rename(current)
    shutil.rmtree(before, ignore_errors=True)


def arrays_of(search: BreadthFirstSearch) -> dict[str, NDArray[Any]]:
    """Everything in a search that grows, by the name of its file."""
    engine, trail = search.engine, search.trail
    slots = engine.fingerprints.slots
    width = engine.tables.width
    return {
        "filled": engine.tables.filled.array,
        "fingerprints": slots[slots != 0],
        "parents": joined(trail.parents, np.zeros(0, dtype=np.uint32)),
        "numbers": joined(trail.numbers, np.zeros(0, dtype=np.uint16)),
        "frontier": search.frontier,
        "following": joined(search.following, np.zeros((0, width), dtype=np.int32)),
        "outcomes": engine.counts.outcomes,
    }


def joined(pieces: Iterable[NDArray[Any]], empty: NDArray[Any]) -> NDArray[Any]:
    """Pieces as one array; `empty` says the type where there are none."""
    return np.concatenate([empty, *pieces])


def meaning_of(engine: Engine) -> str:
    """A digest of the hashes of all values, in the order of their numbers."""
    return hashlib.blake2b(engine.tables.hashes.array.tobytes(), digest_size=16).hexdigest()


def read_manifest(folder: Path) -> tuple[Path, Manifest]:
    """The folder of the checkpoint itself, and its manifest; CheckpointError if there is none."""
    for name in ("current", "before"):
        path = folder / name / MANIFEST
        if path.is_file():
            break
    else:
        raise CheckpointError(f"{folder}: found no {MANIFEST}, expected a checkpoint")
    try:
        manifest = msgspec.json.decode(words_in(path), type=Manifest)
    except (*NOT_READABLE, OSError, ValueError) as error:
        raise CheckpointError(f"{path}: {error}") from None
    if (manifest.format, manifest.version) != (FORMAT, VERSION):
        found = f"{manifest.format!r} version {manifest.version}"
        raise CheckpointError(
            f"{path}: found {found}, expected {FORMAT!r} version {VERSION}; begin the search anew "
            "with --checkpoint, or resume it with the raft-oracle that stored it"
        )
    return path.parent, manifest


def words_in(path: Path) -> bytes:
    """What a file of a checkpoint says in words; ValueError where it is no such file."""
    with path.open("rb") as file:
        found = file.read(MOST_WORDS + 1)
    if len(found) > MOST_WORDS:
        raise ValueError(f"{path.name}: found more than {MOST_WORDS:,} bytes, expected fewer")
    return found


def restore(engine: Engine, folder: Path) -> tuple[BreadthFirstSearch, Manifest]:
    """A search as it was stored, with an engine for the same system that has done nothing yet.

    CheckpointError says which file does not fit, and why.
    """
    path, manifest = read_manifest(folder)
    try:
        empty = arrays_of(BreadthFirstSearch(engine))
        check_names(path, empty)
        check_lengths(path, empty, manifest)
        check_sums(path)
        arrays = {name: array_in(path / f"{name}.npy") for name in empty}
        refill(engine, arrays)
        if meaning_of(engine) != manifest.meaning:
            raise ValueError(
                "found states that mean something else to this program, "
                "expected a checkpoint of the same version"
            )
        return taken_up(engine, arrays, manifest), manifest
    except (OSError, ValueError, LookupError, EOFError, TypeError) as error:
        raise CheckpointError(f"{path}: {error}") from None


def array_in(path: Path) -> NDArray[Any]:
    """An array from a file; ValueError where it is none."""
    with numpy_errors_of(path):
        array: NDArray[Any] = np.load(path, allow_pickle=False)
        return array


@contextmanager
def numpy_errors_of(path: Path) -> Iterator[None]:
    """What NumPy raises of a file that is none of its own becomes a ValueError that names it.

    So does a warning: that a first line is as only an old Python writes it.
    """
    try:
        with warnings.catch_warnings(action="error"):
            yield
    except (SyntaxError, TokenError, RecursionError, OverflowError, Warning) as error:
        raise ValueError(f"{path.name}: found no array: {type(error).__name__}") from None


def shape_in(path: Path, kind: np.dtype[Any]) -> tuple[int, ...]:
    """The shape of an array of this kind in a file, which has to be as long as it says."""
    with numpy_errors_of(path), path.open("rb") as file:
        np.lib.format.read_magic(file)
        shape, _, found = np.lib.format.read_array_header_1_0(file)
        length = path.stat().st_size - file.tell()
    if found != kind:
        raise ValueError(f"{path.name}: found numbers of the kind {found}, expected {kind}")
    if prod(shape) * kind.itemsize != length:
        raise ValueError(f"{path.name}: found {length} bytes of an array of the shape {shape}")
    return tuple(shape)


def check_names(folder: Path, arrays: Iterable[str]) -> None:
    """ValueError names the first file that is none of a checkpoint's."""
    names = {SUMS, MANIFEST, *(f"{name}.npy" for name in arrays)}
    for path in folder.iterdir():
        if path.name not in names:
            raise ValueError(f"{path.name}: found a file that no checkpoint has")
        if not path.is_file() or path.is_symlink():  # a pipe, say, has no end
            raise ValueError(f"{path.name}: found no plain file, expected those of a checkpoint")


def check_lengths(folder: Path, empty: dict[str, NDArray[Any]], manifest: Manifest) -> None:
    """Check that arrays are as long as so many states need, before anybody reads to their end.

    What is stored of each state and of each pair is never 0, so that files of these have no holes:
    their content takes the room on disk that their length says. ValueError if not.
    """
    lengths = {name: length_in(folder / f"{name}.npy", each) for name, each in empty.items()}
    states = sum(manifest.levels) + lengths["following"]
    found = [lengths[name] for name in ("parents", "numbers", "fingerprints")]
    if found != [states] * 3:
        each = "{}, {} and {}".format(*found)
        expected = "expected as many as states"
        raise ValueError(f"parents, numbers, fingerprints: found {each}, {expected}")
    pairs = min(states * MOST_OF_STATE, MOST_ON_THE_WAY)
    for name, most in (("frontier", states), ("filled", pairs), ("outcomes", pairs)):
        if lengths[name] > most:
            raise ValueError(f"{name}: found {lengths[name]}, expected at most {most}")
    for name in ("fingerprints", "filled"):
        if has_holes(folder / f"{name}.npy"):
            raise ValueError(f"{name}: found a file with holes, expected numbers above 0")


def length_in(path: Path, empty: NDArray[Any]) -> int:
    """How many rows an array in a file has, which are as wide as those of an empty one."""
    shape = shape_in(path, empty.dtype)
    if len(shape) != empty.ndim or shape[1:] != empty.shape[1:]:
        expected = "one row" if empty.ndim == 1 else f"{empty.shape[1]} wide"
        raise ValueError(f"{path.stem}: found shape {shape}, expected {expected}")
    return shape[0]


def has_holes(path: Path) -> bool:
    """Whether parts of a file were never written, where the file system tells."""
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        return os.lseek(file.fileno(), 0, os.SEEK_HOLE) < length


def check_sums(folder: Path) -> None:
    """ValueError names the first file that is not as it was written."""
    if not (folder / SUMS).is_file():
        raise ValueError(f"found no {SUMS}, which every checkpoint of this version has")
    listed = words_in(folder / SUMS).decode("ascii")
    now = sums_of(folder)
    if listed != now:
        different = {*listed.splitlines()} ^ {*now.splitlines()}
        changed = sorted(each.rpartition(" ")[2] for each in different) or [SUMS]
        raise ValueError(f"{changed[0]}: found another content than was written")


def refill(engine: Engine, arrays: dict[str, NDArray[Any]]) -> None:
    """Work out again what the numbers stand for, and put back the set of states that were seen."""
    filled = arrays["filled"]
    if (filled < LEAST_KEY).any() or len(np.unique(filled)) < len(filled):
        raise ValueError("filled: found a pair twice, or of no value")
    try:
        engine.tables.fill(map(int, filled))
    except AttributeError as error:  # a state, say, in the place of a budget
        raise ValueError(f"filled: found values of another model: {error}") from None
    engine.counts.add(engine.tables, np.zeros(0, dtype=np.int64), arrays["outcomes"])
    held = arrays["fingerprints"].astype(np.uint64)
    engine.fingerprints.make_room(len(held))
    engine.fingerprints.slots[:] = 0
    engine.fingerprints.refill(held)
    engine.fingerprints.length = len(held)


def check(engine: Engine, arrays: dict[str, NDArray[Any]], manifest: Manifest) -> None:
    """Check that the numbers fit together, as engines look them up unchecked; ValueError if not."""
    states, values = len(arrays["fingerprints"]), len(engine.tables.values)
    for name in ("frontier", "following"):
        rows = arrays[name]
        if rows.size and not (rows.min() >= 0 and rows.max() < values):
            raise ValueError(f"{name}: found values from {rows.min()} to {rows.max()}")
        if (engine.tables.place_of.array[rows] != np.arange(engine.tables.width)).any():
            raise ValueError(f"{name}: found a value in another's place")
    parents = arrays["parents"]
    if (parents[1:] >= np.arange(1, states)).any():
        raise ValueError("parents: found a state that comes before its parent")
    check_manifest(engine, manifest, states, len(arrays["frontier"]))


def check_manifest(engine: Engine, manifest: Manifest, states: int, frontier: int) -> None:
    """Check that what a checkpoint says of itself fits so many states; ValueError if not."""
    if not 0 <= manifest.position <= frontier:
        raise ValueError(f"position: found {manifest.position}, expected one in the frontier")
    if any(each < 0 for each in manifest.levels):
        raise ValueError(f"levels: found {manifest.levels}, expected counts of states")
    first = sum(manifest.levels) - frontier
    if manifest.first != first:
        raise ValueError(f"first: found {manifest.first}, expected {first}, where the frontier is")
    is_counted = all(each >= 0 for each in manifest.kinds) and sum(manifest.kinds) <= MOST_MOVES
    if not is_counted or len(manifest.kinds) > len(engine.counts.kinds):
        raise ValueError(f"kinds: found {manifest.kinds}, expected counts of moves")
    if manifest.violation is not None:
        check_violation(manifest.violation, states, len(engine.tables.broken))


def check_violation(violation: tuple[int, int, int], states: int, broken: int) -> None:
    """Check that a violation is one of so many, after one of so many states; ValueError if not."""
    parent, number, flag = violation
    if not (0 <= parent < states and number >= 0 and 0 <= FIRST_BROKEN - flag < broken):
        raise ValueError(f"violation: found {violation}, expected that of a state that was seen")


def taken_up(
    engine: Engine, arrays: dict[str, NDArray[Any]], manifest: Manifest
) -> BreadthFirstSearch:
    """The search between the two chunks where it was stored."""
    check(engine, arrays, manifest)
    search = BreadthFirstSearch(engine)
    search.frontier = arrays["frontier"].astype(np.int32)
    search.following = [arrays["following"].astype(np.int32)]
    search.trail.append(arrays["parents"], arrays["numbers"])
    search.levels = list(manifest.levels)
    search.first, search.position = manifest.first, manifest.position
    search.violation = manifest.violation
    search.judge(search.frontier, search.first)
    search.judge(search.following[0], search.first + len(search.frontier))
    engine.counts.kinds[: len(manifest.kinds)] = manifest.kinds
    return search
