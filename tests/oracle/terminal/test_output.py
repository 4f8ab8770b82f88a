"""What goes to the terminal and to a pipe, and the commands that only print."""

import os
import pty
import shlex
import subprocess
from pathlib import Path

import pytest

from model.mutants import MUTANTS
from model.target import Reference, TargetRequest
from oracle.commands import hunt_progress
from oracle.hunting.parallel_hunt import Budget, Tally
from oracle.hunting.plan import make_plan
from oracle.terminal import progress
from oracle.terminal.output import open_what_is_closed
from tests.oracle.command import command_line, environment, raft_oracle


def test_pipe_gets_the_result_alone(tmp_path: Path) -> None:
    """A short hunt says nothing on standard error, and prints no control characters."""
    done = raft_oracle(tmp_path, "hunt", "--budget", "1s")
    assert done.err == ""
    assert done.out.replace("\n", "").isprintable()
    assert done.out.startswith("No violation found")


def test_pipe_gets_a_plain_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """After QUIET_SECONDS, and not before, a line shows how far the hunt is."""
    plan, budget = make_plan(TargetRequest(subject=Reference())), Budget(seconds=60)
    with hunt_progress.progress(plan, budget) as report:
        report(Tally())
        assert capfd.readouterr() == ("", "")
        monkeypatch.setattr(progress, "QUIET_SECONDS", 0.0)
        report(Tally(runs=3, steps=200))
    out, err = capfd.readouterr()
    assert out == ""
    assert "3 runs, 200 steps" in err
    assert err.count("\n") == 1
    assert err.strip().isprintable()


def test_terminal_gets_a_line_that_moves(tmp_path: Path) -> None:
    """On a terminal the progress is drawn on standard error; standard output has the result."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        command_line("hunt", "--budget", "2s"),
        cwd=tmp_path,
        env=environment(TERM="xterm", COLUMNS="120"),
        stdout=subprocess.PIPE,
        stderr=terminal,
    )
    os.close(terminal)
    drawn = b""
    try:
        while piece := os.read(controller, 4096):
            drawn += piece
    except OSError:
        pass  # what Linux says when the last one has closed the terminal
    out, _ = process.communicate()
    os.close(controller)
    assert b"\x1b[" in drawn
    assert b"of 2 s" in drawn
    assert out.startswith(b"No violation found")
    assert b"\x1b" not in out


def without_room(directory: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    """A command whose standard output is full."""
    with open("/dev/full", "w") as full:
        return subprocess.run(
            command_line(*words),
            cwd=directory,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )


def test_output_that_nobody_reads_does_not_change_the_exit_code(tmp_path: Path) -> None:
    """A violation is exit code 1, even if standard output is full."""
    done = without_room(tmp_path, "hunt", "--mutant", "double-vote")
    assert done.returncode == 1
    assert done.stderr.startswith(b"Found ")  # which is told at once, before it is shrunk
    assert done.stderr.count(b"\n") == 1


def test_mutants_are_listed_and_scored(tmp_path: Path) -> None:
    """Each has a line; a score says what caught it."""
    listed = raft_oracle(tmp_path, "mutants")
    assert listed.code == 0
    assert len(listed.out.splitlines()) == len(MUTANTS)
    scored = raft_oracle(tmp_path, "mutants", "--score", "--only", "double-vote")
    assert (scored.code, scored.err) == (0, "")
    assert "1 of 1 caught" in scored.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["subjects"], "pysyncobj"),
        (["--help"], "hunt"),
        (["hunt", "--help"], "--budget"),
        (["replay", "-h"], "SCHEDULE"),
        (["--version"], "0.1.0"),
    ],
    ids=str,
)
def test_commands_that_only_tell_work(words: list[str], said: str, tmp_path: Path) -> None:
    """They print to standard output and exit with 0."""
    done = raft_oracle(tmp_path, *words)
    assert (done.code, done.err) == (0, "")
    assert said in done.out


TELLING = [
    "mutants",
    "subjects",
    "bridges",
    "logger",
    "schema protocol",
    "explore --max-term 1 --engine numpy",
]


@pytest.mark.parametrize("words", TELLING)
@pytest.mark.parametrize("where", [">&-", ">/dev/full", "| true"])
def test_what_nobody_reads_is_no_failure(words: str, where: str, tmp_path: Path) -> None:
    """Standard output that is closed, full, or read by nobody: exit code 0, and not a word."""
    command = shlex.join([*command_line(*words.split())])
    done = subprocess.run(
        ["bash", "-c", f"{command} {where}; exit ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_help_that_has_no_room_ends_without_a_traceback(tmp_path: Path) -> None:
    """It is cut off, so the exit code is not 0, and a line says why."""
    done = without_room(tmp_path, "--help")
    said = b"raft-oracle: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, said)


def test_help_that_nobody_reads_is_no_violation(tmp_path: Path) -> None:
    """Its exit code is not the one that click has for it, which is that of a violation."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command_line("--help"), cwd=tmp_path, env=environment(), stdout=writing, check=False
    )
    os.close(writing)
    assert done.returncode == 2


@pytest.mark.parametrize("stream", ["/dev/full", "/dev/null"])
def test_what_cannot_be_said_does_not_change_the_exit_code(stream: str, tmp_path: Path) -> None:
    """A standard error that is full, or open to be read only, changes nothing else."""
    with open(stream, "rb" if stream == os.devnull else "wb") as taken:
        done = subprocess.run(
            command_line("no-command"), cwd=tmp_path, env=environment(), stderr=taken, check=False
        )
    assert done.returncode == 64


def test_streams_that_another_program_left_as_non_blocking_block_again() -> None:
    """What does not fit into a pipe at once would be lost, and what comes late not be read."""
    os.set_blocking(0, False)
    open_what_is_closed()
    assert os.get_blocking(0)


@pytest.mark.parametrize("size", ["9" * 5000, "x", "-5", "\u00b2", "0"])
def test_a_terminal_of_an_odd_size_is_printed_to(size: str, tmp_path: Path) -> None:
    """Such a size is forgotten: what writes in colours would fail at it."""
    variables = {"COLUMNS": size, "LINES": size, "FORCE_COLOR": "1"}
    done = raft_oracle(tmp_path, "replay", "election", variables=variables)
    assert (done.code, done.err) == (0, "")
    assert "\x1b" in done.out
