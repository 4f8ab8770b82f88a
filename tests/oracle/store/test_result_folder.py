"""Folders of results: nothing is written, replaced or removed through a link of a stranger's."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from oracle.commands.results import write_junit
from oracle.formats.result_json import Result
from oracle.store.result_folder import HOME, NAMES, Store, folder_below, made_below, write_named
from oracle.terminal.usage import UsageError
from tests.oracle.command import is_refused, raft_oracle

FINDING = {"schedule.json": b"{the schedule}"}
HISTORY = (
    '{"client":1,"command":"set x 1","invoked":1,"responded":2,"output":""}\n'
    '{"client":1,"command":"get x","invoked":3,"responded":4,"output":"2"}\n'
)


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's with files of the names of ours; the test stands beside it."""
    folder = tmp_path / "outside"
    folder.mkdir()
    for name in (*NAMES, "latest", "figure16.svg"):
        (folder / name).write_bytes(b"the user's")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return folder


def is_untouched(folder: Path) -> bool:
    """Whether a folder is as `outside` has made it."""
    names = {*NAMES, "latest", "figure16.svg"}
    files = {each.name: each.read_bytes() for each in folder.iterdir()}
    return files == dict.fromkeys(names, b"the user's")


@pytest.mark.parametrize(
    "words",
    [
        ("hunt", "--mutant", "double-vote", "--workers", "1"),
        ("explore", "--mutant", "double-vote", "--workers", "1"),
        ("lab", "."),
        ("trace", "hashicorp-raft"),
        ("figure16", "--trials", "1"),
    ],
    ids=lambda words: words[0],
)
def test_a_link_in_the_place_of_our_folder_is_refused(
    words: tuple[str, ...], outside: Path
) -> None:
    """Before anything begins, in one line; --out names another folder."""
    HOME.symlink_to(outside)
    done = raft_oracle(Path.cwd(), *words)
    assert is_refused(done), done
    assert "out: found .raft-oracle, which is a symbolic link, expected a folder" in done.err
    assert is_untouched(outside)


@pytest.mark.parametrize("make", [Path.touch, os.mkfifo, lambda path: path.symlink_to("nowhere")])
def test_what_is_no_folder_is_refused(make: Callable[[Path], None], outside: Path) -> None:
    """A file, a pipe, and a link that leads nowhere."""
    make(HOME)
    with pytest.raises(UsageError, match=r"out: found \.raft-oracle, which is"):
        Store(None)


def test_a_verdict_is_told_without_its_page(outside: Path) -> None:
    """What was judged is not taken back because its page has no place."""
    Path("history").write_text(HISTORY)
    HOME.symlink_to(outside)
    done = raft_oracle(Path.cwd(), "check-history", "history")
    assert done.code == 1
    assert done.out.startswith("Not linearizable")
    assert done.err == (
        "cannot write to .raft-oracle: found .raft-oracle, which is a symbolic link, "
        "expected a folder\n"
    )
    assert is_untouched(outside)


def test_a_link_that_comes_later_is_not_followed(
    outside: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The finding is printed instead."""
    store = Store(None)
    HOME.symlink_to(outside)
    assert store.write(FINDING) is None
    assert "{the schedule}" in capfd.readouterr().err
    assert is_untouched(outside)


def test_links_below_a_folder_that_is_named_are_not_followed(
    outside: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The named one may be a link, by the user's own word."""
    real, named = Path("real"), Path("named")
    real.mkdir()
    named.symlink_to("real")
    (real / "WrongGuess").symlink_to(outside)
    (real / "schedule.json").symlink_to(outside / "schedule.json")
    (real / "trace.txt").symlink_to(outside / "trace.txt")
    store = Store(named)
    assert store.write(FINDING) == named
    assert (real / "schedule.json").read_bytes() == b"{the schedule}"
    assert not (real / "trace.txt").is_symlink()
    assert store.write(FINDING, "./WrongGuess") is None
    assert "WrongGuess, which is a symbolic link" in capfd.readouterr().err
    with pytest.raises(UsageError, match="out: cannot write to named: found named/WrongGuess"):
        made_below(named, "WrongGuess")
    assert folder_below(named, "./other/deeper").is_dir()
    assert is_untouched(outside)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero"), Path.mkdir])
def test_what_is_in_the_place_of_a_file_is_not_written_to(
    make: Callable[[Path], None], outside: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A pipe and a link make room for the file, and a folder does not."""
    path = Path("out/schedule.json")
    path.parent.mkdir()
    make(path)
    is_folder = path.is_dir()
    written = Store(path.parent).write(FINDING)
    if is_folder:
        assert written is None
        assert "{the schedule}" in capfd.readouterr().err
    else:
        assert path.read_bytes() == b"{the schedule}"
        assert not path.is_symlink()


def test_a_pipe_that_is_named_gets_what_is_written(tmp_path: Path) -> None:
    """It stays a pipe; where nobody reads it, that is said at once."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    result = Result(command="hunt", subject="x", exit_code=0, sentence="fine", cases=())
    assert write_junit(result, pipe) == 2
    found: list[bytes] = []
    reader = Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    while write_junit(result, pipe):
        pass
    reader.join()
    assert b"<testsuites" in found[0]
    assert pipe.is_fifo()


def test_a_device_that_is_named_stays_one(tmp_path: Path) -> None:
    """Root would put a file in the place of /dev/null; links outside of /dev are replaced."""
    write_named(Path("/dev/null"), b"text")
    assert Path("/dev/null").is_char_device()
    link = tmp_path / "link"
    link.symlink_to("/dev/null")
    write_named(link, b"text")
    assert link.read_bytes() == b"text"
    assert Path("/dev/null").is_char_device()
    with pytest.raises(OSError, match="neither a file nor a pipe"):
        write_named(tmp_path, b"text")
