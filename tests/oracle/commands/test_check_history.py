"""`check-history`: verdicts, exit codes, and what is said of input that is wrong."""

import gzip
import subprocess
import sys
from itertools import chain, repeat
from pathlib import Path

import msgspec
import pytest

from oracle.commands import main as cli
from oracle.histories.operations import read_operations
from properties.history import Operation
from tests.oracle.command import command_line, environment, is_refused, raft_oracle
from tests.properties.histories import answered, unanswered

WROTE = answered(1, "set x 1", 1, 2, "")
READ = answered(2, "get x", 3, 4, "1")
STALE = answered(2, "get x", 3, 4, "")
LOST = unanswered(3, "set y 1", 5)
GOOD_LINE = '{"client":1,"command":"set x 1","invoked":3,"responded":7,"output":""}'

NOT_LINEARIZABLE = """\
Not linearizable: 3 operations, 1 of them never answered; keys: 2.

No order of the operations on key 'x' explains every output.
The longest that fits has 1 of 2:
  client 1  1..2  set x 1  ''
It leads to '1'.
Of these, called before the answer at 4, one has to be next, and none can:
  client 2  3..4  get x
    gave '', but here it would give '1'
"""
PAGE = "\nPage: .raft-oracle/latest/report.html\n"
UNKNOWN = """\
Unknown: 3 operations, 1 of them never answered; keys: 2.
The attempts did not suffice for 1 of the keys; the first is
'x'. More --attempts may decide.
"""


def lines(*history: Operation) -> bytes:
    """A history as it is stored."""
    return b"".join(msgspec.json.encode(each) + b"\n" for each in history)


def called(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> tuple[object, str, str]:
    """The command line, called in this process: exit code, output, and errors."""
    monkeypatch.setattr(sys, "argv", ["raft-oracle", "check-history", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, *capfd.readouterr()


@pytest.mark.parametrize("is_compressed", [False, True])
@pytest.mark.parametrize(
    ("history", "options", "code", "told"),
    [
        (
            [WROTE, READ, LOST],
            [],
            0,
            "Linearizable: 3 operations, 1 of them never answered; keys: 2.\n",
        ),
        ([WROTE, STALE, LOST], [], 1, NOT_LINEARIZABLE),
        ([WROTE, READ, LOST], ["--attempts", "1"], 2, UNKNOWN),
    ],
    ids=["linearizable", "not linearizable", "unknown"],
)
def test_verdict_is_told_and_is_the_exit_code(
    history: list[Operation],
    options: list[str],
    code: int,
    told: str,
    is_compressed: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The whole text, for each of the three verdicts, from a plain file and a compressed one."""
    data = lines(*history)
    path = tmp_path / "history.jsonl"
    path.write_bytes(gzip.compress(data) if is_compressed else data)
    monkeypatch.chdir(tmp_path)
    page = PAGE if code == 1 else ""
    assert called([str(path), *options], monkeypatch, capfd) == (code, told + page, "")


def test_a_history_may_come_on_standard_input(tmp_path: Path) -> None:
    """A dash stands for it, in a process of its own."""
    done = subprocess.run(
        command_line("check-history", "-"),
        input=lines(WROTE, STALE, LOST),
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.decode(), done.stderr) == (
        1,
        NOT_LINEARIZABLE + PAGE,
        b"",
    )


WRONG: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "found no operation, expected lines such as {"),
    "no JSON": (b"nonsense\n", "line 1: found 'nonsense', expected {"),
    "cut short": (GOOD_LINE.encode() + b'\n{"client":1', "line 2: found '{\"client\":1', expe"),
    "empty line": (GOOD_LINE.encode() + b"\n\n", "line 2: found '', expected {"),
    "binary": (b"\xff\xfe\x00", "line 1: found "),
    "nested": (b"[" * 100_000, "line 1: found more than 64 levels"),
    "another type": (b"7\n", "line 1: Expected `object`, got `int`"),
    "no event": (b"[]\n", "found no event, expected maps with :type"),
    "missing": (b'{"client":1,"command":"get x"}\n', "line 1: Object missing required field"),
    "wrong type": (GOOD_LINE.replace("3", "[]").encode(), "line 1: Expected `int | float | str`"),
    "no time": (GOOD_LINE.replace("3", '"3"').encode(), "line 1: invoked: found '3', expected a"),
    "two kinds": (
        GOOD_LINE.replace("3", '"2026-11-29T17:00:00Z"').encode(),
        "line 1: responded: found a number beside a time",
    ),
    "unknown field": (GOOD_LINE[:-1].encode() + b',"failed":true}', "unknown field `failed`"),
    "a set that gives": (GOOD_LINE.replace('""', '"OK"').encode(), "output: found 'OK' of a set"),
    "too large": (GOOD_LINE.replace("3", "9" * 40).encode(), "line 1: "),
    "command": (GOOD_LINE.replace("set", "put").encode(), "line 1: command: found 'put x 1', ex"),
    "backwards": (GOOD_LINE.replace("7", "2").encode(), "line 1: responded: found 2, expected at"),
    "output": (GOOD_LINE.replace("7", "null").encode(), "line 1: output: found '' of an operation"),
    "broken gzip": (gzip.compress(GOOD_LINE.encode())[:-9], "found gzip that is broken"),
    "false gzip": (b"\x1f\x8bnonsense", "found gzip that is broken"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_input_is_refused_in_one_line(
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The file and the line are named, what was found, and what was expected."""
    data, named = WRONG[kind]
    monkeypatch.chdir(tmp_path)
    Path("wrong").write_bytes(data)
    code, out, err = called(["wrong"], monkeypatch, capfd)
    assert (code, out) == (64, "")
    assert err.startswith("raft-oracle: history wrong: ")
    assert named in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["missing"], "history missing: No such file"),
        (["."], "history .: Is a directory"),
        (["wrong", "--attempts", "0"], "attempts: found 0, expected at least 1"),
        (["wrong", "--attempts", "x"], "'x'"),
        ([], "FILE"),
    ],
    ids=str,
)
def test_wrong_words_are_refused_in_one_line(
    words: list[str],
    named: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Whatever is wrong on the command line is named, and the exit code is 64."""
    monkeypatch.chdir(tmp_path)
    code, out, err = called(words, monkeypatch, capfd)
    assert (code, out) == (64, "")
    assert named in err
    assert err.count("\n") == 1


def test_standard_input_that_is_empty_is_refused(tmp_path: Path) -> None:
    """Nothing to judge is no history that is linearizable."""
    done = raft_oracle(tmp_path, "check-history", "-")
    assert done.code == 64
    assert done.err.startswith("raft-oracle: history on standard input: found no operation")


def test_a_history_beyond_all_memory_is_refused_as_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small file of gzip may hold gigabytes; what is too much of it is not held."""
    monkeypatch.setattr("oracle.histories.operations.MOST_OPERATIONS", 3)
    lines = [GOOD_LINE.encode() + b"\n"] * 3
    assert len(list(read_operations(lines))) == 3
    with pytest.raises(ValueError, match="found more than 3 operations"):
        list(read_operations(chain(lines, repeat(lines[0]))))
    path = tmp_path / "zeros.gz"
    path.write_bytes(gzip.compress(bytes(40_000_000)))
    done = raft_oracle(tmp_path, "check-history", str(path))
    assert is_refused(done), done
    assert "line 1: found more than 16,777,216 bytes" in done.err
