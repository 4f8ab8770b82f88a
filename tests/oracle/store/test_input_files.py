"""Files that are read as they come: a pipe is waited for as long as somebody has it in hand."""

import gzip
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from oracle.bridging.description import Library
from oracle.bridging.own_source import name_of
from oracle.commands.main import load_command
from oracle.store import input_files
from oracle.store.input_files import opened, read_whole
from oracle.subjects.scaffold import begins_with_mark
from oracle.terminal.usage import UsageError
from tests.oracle.command import ROOT, command_line, environment

READING = ("check-trace", "check-history", "replay", "show")
REJECTED = ROOT / "tests/data/traces/hashicorp-raft-1.8.0-snapshot-keeps-conflict.jsonl.gz"
DRAWN = ROOT / "docs/findings/traces/changes-overlap.json.gz"


@contextmanager
def pipe_in(folder: Path) -> Iterator[Path]:
    """A named pipe; who still waits for a writer at the end is let go."""
    path = folder / "pipe"
    os.mkfifo(path)
    try:
        yield path
    finally:
        with suppress(OSError):
            os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))


@pytest.mark.parametrize("command", READING)
def test_a_pipe_without_a_writer_is_refused_in_one_line(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be waited for without a word, and without an end."""
    monkeypatch.setattr(input_files, "WRITER_SECONDS", 0.1)
    refused = pytest.raises(UsageError, match="a named pipe that nobody opens to write to")
    with pipe_in(tmp_path) as path, refused:
        load_command(command).main([str(path)], standalone_mode=False)


def test_a_writer_that_takes_its_time_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once somebody has opened the pipe, it may be silent for longer than one waits for that."""
    monkeypatch.setattr(input_files, "WRITER_SECONDS", 0.5)
    with pipe_in(tmp_path) as path:
        writer = os.open(path, os.O_RDWR)

        def write() -> None:
            os.write(writer, b"late")
            os.close(writer)

        timer = threading.Timer(1, write)
        timer.start()
        assert read_whole(path) == b"late"
        timer.join()


def test_a_pipe_that_is_closed_to_us_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system says against opening it arrives from where it is opened."""

    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    with pipe_in(tmp_path) as path, monkeypatch.context() as patched:
        patched.setattr(Path, "open", refuse)
        with pytest.raises(input_files.InputError, match="Permission denied"), opened(path):
            pass


@pytest.mark.parametrize(
    ("words", "source", "code"),
    [(("check-trace",), REJECTED, 1), (("show", "--as", "text"), DRAWN, 0)],
)
def test_what_a_pipe_says_is_judged_as_a_file_is(
    words: tuple[str, ...], source: Path, code: int, tmp_path: Path
) -> None:
    """It can be read once: what is shown of it comes of what was read."""
    reading, writing = os.pipe()
    process = subprocess.Popen(
        command_line(*words, f"/dev/fd/{reading}"),
        cwd=tmp_path,
        env=environment(),
        pass_fds=(reading,),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(reading)
    with open(writing, "wb") as pipe:
        pipe.write(gzip.decompress(source.read_bytes()))
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (code, "")


def test_pipes_in_a_folder_that_is_looked_through_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout may have one in the place of go.mod, and a project in that of its protocol."""
    monkeypatch.setattr(input_files, "WRITER_SECONDS", 0.1)
    with pipe_in(tmp_path) as path:
        path.rename(tmp_path / "go.mod")
        assert not begins_with_mark(tmp_path / "go.mod")
        assert name_of(Library(ecosystem="go", name="raft"), tmp_path) is None
