"""What bubbles promise: one order of everything in every process, and failures that are told."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from oracle.processes.family import ENDLESS_VARIABLE
from oracle.unmodified.overlay import standard_library
from oracle.unmodified.toolchain import find
from tests.oracle.unmodified.probes import (
    ENDS,
    FAILURES,
    FILES,
    LEAKS,
    MAIN,
    MULTIPLIES,
    ORDERS,
    WAITS,
    built,
    told,
)
from tests.require import needs

pytestmark = [needs("go"), pytest.mark.once]
PROCESSES: Final = 5
SECONDS: Final = 30
LOCKED: Final = """
	var m sync.Mutex
	m.Lock()
	go func() { m.Lock(); note("second at ", time.Now().Second()) }()
	time.Sleep(5*time.Second)
	m.Unlock()"""
SLEEPS: Final = """
	end := time.Now().Add(time.Second)
	time.Sleep(time.Second)
	note(time.Now().After(end), " ", time.Since(end) < time.Millisecond)"""
PROBES: Final[Mapping[str, str]] = {
    **ORDERS,
    **{name: body for name, (body, _) in (FAILURES | LEAKS | WAITS | ENDS | MULTIPLIES).items()},
    **FILES,
    "waits for a lock": LOCKED,
    "sleeps to the moment": SLEEPS,
}


class Probed:
    """The program, and a folder in which it runs."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program = program
        self.folder = folder

    def __call__(self, name: str) -> str:
        """What it prints for a probe, in a process of its own."""
        done = subprocess.run(
            (str(self.program), name),
            cwd=self.folder,
            env={**os.environ, ENDLESS_VARIABLE: "1000"},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory) -> Probed:
    """The program of all probes."""
    folder = tmp_path_factory.mktemp("probes")
    (folder / "here").mkdir()
    program = built(PROBES, standard_library(find()), folder / "program")
    return Probed(program, folder / "here")


def line_of_main(text: str) -> int:
    """The line of the program in which this stands first."""
    return 1 + MAIN[: MAIN.index(text)].count("\n")


def all_printed(probed: Probed, name: str) -> Sequence[str]:
    """What each of several processes prints."""
    return [probed(name) for _ in range(PROCESSES)]


@pytest.mark.parametrize("what", ORDERS)
def test_chance_is_the_same_in_every_process(what: str, probed: Probed) -> None:
    """Whatever the runtime decides by chance is drawn from the bubble's generator."""
    found = all_printed(probed, what)
    assert len(set(found)) == 1, found
    assert len(found[0]) > len("\n")


@pytest.mark.parametrize("what", FAILURES)
def test_a_failure_is_told_in_one_line(what: str, probed: Probed) -> None:
    """With the place in the server's own code; the process goes on."""
    assert probed(what) == told(PROBES, what, FAILURES[what][1]) + "\n"


@pytest.mark.parametrize("what", LEAKS)
def test_goroutines_are_leaked_that_nobody_can_wake(what: str, probed: Probed) -> None:
    """Those that somebody may wake are told from them, unless there are a thousand of one kind."""
    assert set(all_printed(probed, what)) == {told(PROBES, what, LEAKS[what][1]) + "\n"}


@pytest.mark.parametrize("what", WAITS)
def test_who_waits_for_ever_is_told_for_what(what: str, probed: Probed) -> None:
    """And where somebody waits who may hold the lock that it waits for."""
    assert probed(what) == told(PROBES, what, WAITS[what][1]) + "\n"


@pytest.mark.parametrize("what", ENDS)
def test_what_ends_the_process_is_told_with_a_stack(what: str, probed: Probed) -> None:
    """It says first what it was, and then where."""
    found = probed(what)
    assert found.splitlines()[0] == ENDS[what][1]
    assert "main.probe" in found


def test_an_exit_at_the_start_is_told_with_what_was_logged(probed: Probed) -> None:
    """What is printed goes nowhere by then, so that nobody else would say why."""
    place = f"main.go:{line_of_main('log.Fatal')} (main.init.0)"
    assert probed("an end at the start") == (
        f"raft-oracle: os.Exit(1) at {place}: nothing is configured\n"
    )


def test_a_lock_is_waited_for_like_a_channel(probed: Probed) -> None:
    """The bubble is quiescent while a goroutine waits for a lock whose holder sleeps."""
    assert probed("waits for a lock") == "second at 5\n"


def test_goroutines_without_end_are_told_where_they_are_started(probed: Probed) -> None:
    """Each that starts one too many ends there, so that the process goes on."""
    ((what, (_, words)),) = MULTIPLIES.items()
    assert probed(what).splitlines()[-1] == told(PROBES, what, words)


def test_a_sleep_ends_after_the_moment_that_it_was_to_end_at(probed: Probed) -> None:
    """By little, as everywhere: some compare the clock with that very moment."""
    assert probed("sleeps to the moment") == "true true\n"


@pytest.mark.parametrize("what", FILES)
def test_files_stay_as_they_are(what: str, probed: Probed) -> None:
    """A server that writes, makes, removes or renames files leaves all as it was."""
    there = probed.folder / "there"
    there.write_text("as it was")
    there.chmod(0o600)
    assert set(probed(what).split()) == {"<nil>"}
    assert list(probed.folder.iterdir()) == [there]
    assert there.read_text() == "as it was"
    assert there.stat().st_mode & 0o777 == 0o600
