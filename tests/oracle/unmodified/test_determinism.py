"""The same schedule gives the same bytes in every process, and the same seed the same files.

`make determinism` plays 100 schedules of 100 events in 5 processes for each lab of the tests and
examples, and for hashicorp/raft, while the machine has other work. Else a few are played.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from oracle.bridging.build import built_command
from oracle.unmodified.build import built_directory
from tests.oracle.command import raft_oracle
from tests.oracle.unmodified import idioms, labs
from tests.oracle.unmodified.idioms import (
    HUNT_SECONDS,
    PATIENT,
    Mistake,
    files_in,
    raft_of,
    with_mistake,
)
from tests.oracle.unmodified.schedules import digests
from tests.require import needs, needs_bridge

SCHEDULES: Final = 100 if PATIENT else 6
PROCESSES: Final = 5 if PATIENT else 2
EVENTS: Final = 100
BRIDGE: Final = "hashicorp-raft"
MUTANT: Final = "truncates-without-conflict"
STEPS: Final = "400000" if PATIENT else "3000"
LOOP: Final = "while True: pass"
CLOCK: Final = re.compile(r", [\d.]+ s( \(.* steps/s\))?(, and [\d.]+ s of shrinking)?\.$")
"""How a summary ends with what the clock says."""
SHORTEST: Final[Mapping[str, Mistake]] = dict(
    sorted(idioms.MISTAKES, key=lambda each: -each[1].length)
)
"""Of each lab of the tests, the mistake that takes the fewest steps."""
QUICK: Final = min(SHORTEST, key=lambda lab: SHORTEST[lab].length)
HUNTED: Final = sorted(SHORTEST) if PATIENT else [QUICK]


@pytest.fixture(autouse=True)
def other_work() -> Iterator[None]:
    """Something that takes a processor, where the machine has less to do than it can."""
    processors = os.cpu_count() or 1
    if not PATIENT or os.getloadavg()[0] > processors:
        yield
        return
    with subprocess.Popen((sys.executable, "-c", LOOP)) as busy:
        yield
        busy.kill()


def assert_same(command: tuple[str, ...], folder: Path) -> None:
    """Each process plays the schedules in another order, so that none depends on those before."""
    seeds = list(range(SCHEDULES))
    first = digests(command, seeds, EVENTS, folder / "errors")
    assert len(first) == SCHEDULES
    for number in range(1, PROCESSES):
        turned = seeds[number * 7 :] + seeds[: number * 7]
        again = digests(command, turned[:: (-1) ** number], EVENTS, folder / "errors")
        assert {seed for seed in seeds if again[seed] != first[seed]} == set()


@needs("go")
@pytest.mark.parametrize("lab", idioms.NAMES)
def test_labs_answer_the_same(lab: str, tmp_path: Path) -> None:
    """Whatever they draw, wait for and start: labs in the shapes of many years."""
    assert_same(built_directory(str(raft_of(idioms.LABS / lab))).command, tmp_path)


@needs("go")
@pytest.mark.parametrize("lab", labs.NAMES)
def test_examples_answer_the_same(lab: str, tmp_path: Path) -> None:
    """So do the labs after the notes."""
    assert_same(built_directory(str(labs.LABS / lab)).command, tmp_path)


@needs_bridge(BRIDGE)
def test_a_library_answers_the_same(tmp_path: Path) -> None:
    """So does a library with threads, changes of members and transfers."""
    assert_same(built_command(BRIDGE), tmp_path)


def hunted(folder: Path, workers: int, *words: str) -> tuple[str, Mapping[str, bytes]]:
    """What a hunt prints, without what the clock says, and the files of its findings."""
    folder.mkdir()
    budget = ("--steps", STEPS, "--seed", "0", "--workers", str(workers), "--out", "found")
    done = raft_oracle(folder, "hunt", *words, *budget, seconds=HUNT_SECONDS)
    assert done.code in (0, 1), done
    lines = done.out.splitlines()
    timeless = [CLOCK.sub("", each) for each in lines]
    return "\n".join(timeless), files_in(folder / "found")


def assert_same_files(folder: Path, *words: str) -> None:
    """Any number of workers finds the same, and shrinks it to the same."""
    one = hunted(folder / "one", 1, *words)
    assert one[1]
    for workers in (2, 4):
        assert hunted(folder / str(workers), workers, *words) == one


@needs("go")
@pytest.mark.parametrize("lab", HUNTED)
def test_workers_find_the_same_in_labs(lab: str, tmp_path: Path) -> None:
    """A mistake in each, shrunk to the same schedule."""
    raft = with_mistake(lab, SHORTEST[lab], tmp_path / "lab")
    settings = {"part": SHORTEST[lab].part, **SHORTEST[lab].settings}
    words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    assert_same_files(tmp_path, str(raft), "--servers", str(SHORTEST[lab].servers), *words)


@needs_bridge(BRIDGE)
@pytest.mark.skipif(not PATIENT, reason="takes a minute: make determinism runs it")
def test_workers_find_the_same_in_a_library(tmp_path: Path) -> None:
    """A mistake that is planted in hashicorp/raft, found three times."""
    assert_same_files(tmp_path, BRIDGE, "--mutant", MUTANT)
