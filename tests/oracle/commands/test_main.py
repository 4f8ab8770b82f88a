"""Tests of the command line as a whole: which commands there are, and that they load late."""

import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from model.failures import NotReproducedError
from oracle.commands.main import COMMANDS, end_of, load_command, main
from oracle.processes.signals import SIGNALS, LostProcessError
from oracle.terminal.exit_codes import Exit
from oracle.terminal.usage import UsageError
from tests.oracle.command import raft_oracle


@contextmanager
def handlers_put_back() -> Iterator[None]:
    """What a command does with signals ends with it."""
    before = {each: signal.getsignal(each) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_list_says_of_a_command_what_it_says_itself(name: str) -> None:
    """A command is found under its name, and its summary is the first paragraph of its help."""
    command = load_command(name)
    assert command.name == name
    first = " ".join((command.help or "").split("\n\n", maxsplit=1)[0].split())
    assert first == COMMANDS[name].summary


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (MemoryError(), 2, "raft-oracle: a mistake of raft-oracle itself, which says nothing of "),
        (RecursionError("deep"), 2, "RecursionError: deep; please report it with "),
        (OSError(24, "Too many open files"), 2, "raft-oracle: Too many open files\n"),
        (
            FileNotFoundError(2, "No such file", "/a\x1b[1m"),
            2,
            "raft-oracle: /a?[1m: No such file\n",
        ),
        (LostProcessError("a worker ended"), 2, "raft-oracle: a worker ended\n"),
        (KeyboardInterrupt(), 2, "raft-oracle: interrupted\n"),
        (UsageError("seed: found x"), 64, "raft-oracle: seed: found x\n"),
        (UsageError(f"found {'9' * 5000}, expected less"), 64, "999, expected less\n"),
        (NotReproducedError("once"), 2, "the subject is not deterministic: once\n"),
    ],
)
def test_no_error_looks_like_a_violation(
    error: BaseException,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each ends in one line, and in an exit code that is not the one of a violation."""

    def breaks(**_: object) -> None:
        raise error

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("oracle.commands.main.cli", breaks)
    with handlers_put_back(), pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == code
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_a_current_directory_that_is_gone_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system says no more than that there is no such file."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(FileNotFoundError) as caught:
        Path("x").absolute()
    code, said = end_of(caught.value)
    monkeypatch.chdir(tmp_path)
    assert code == 2
    assert said == "found that the current directory is gone, expected one that is there"


def test_a_letter_that_the_output_lacks_is_named(tmp_path: Path) -> None:
    """A verdict is printed whatever the encoding of standard output is."""
    trace = tmp_path / "trace.jsonl"
    facts = ({"event": "start", "term": 0}, {"event": "term", "term": 1})
    name = {"server": "S\u4e2d"}
    trace.write_text("".join(json.dumps(fact | name) + "\n" for fact in facts))
    latin = {"PYTHONIOENCODING": "latin-1"}
    done = raft_oracle(tmp_path, "check-trace", str(trace), variables=latin)
    assert done.code == 0, done
    assert "S\\u4e2d" in done.out


def test_a_signal_at_the_very_end_changes_no_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found is told by then, and the code says so."""
    monkeypatch.setattr("oracle.commands.main.run", lambda *_: sys.exit(Exit.VIOLATION))
    with handlers_put_back():
        with pytest.raises(SystemExit) as ended:
            main()
        for each in SIGNALS:
            os.kill(os.getpid(), each)
    assert ended.value.code == Exit.VIOLATION
