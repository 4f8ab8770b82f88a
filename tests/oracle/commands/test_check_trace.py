"""`check-trace`: verdicts, exit codes, and what is said of input that is wrong."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from oracle.commands import main as cli
from tests.oracle.command import command_line, environment
from tests.oracle.traces.runs import traced

GOOD = b"".join(traced(0).lines)
BAD = b"".join(traced(0, mutant="double-vote").lines)
REJECTION = """\
Rejected at line 46: VoteIsGranted.
  {"event":"send","to":"S3","message":{"type":"request_vote_response","term":2,\
"vote_granted":true},"server":"S1"}
Rule:     A vote is granted once a term, recorded first, and to a log that is up-to-date. \
(Figure 2, RequestVote RPC, receiver 1 and 2; sections 5.2 and 5.4.1)
Observed: a vote granted to S3
Legal:    it went to S1
Explained: lines 1 to 45 (45 events of 3 servers (S1, S2, S3), terms up to 2, format facts).
"""


def called(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> tuple[object, str, str]:
    """The command line, called in this process: exit code, output, and errors."""
    monkeypatch.setattr(sys, "argv", ["raft-oracle", "check-trace", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, *capfd.readouterr()


@pytest.mark.parametrize("is_compressed", [False, True])
@pytest.mark.parametrize(
    ("trace", "code", "told"),
    [
        (GOOD, 0, "Accepted: "),
        (BAD, 1, REJECTION),
        (b'{"event":"crash","server":1,"seq":1}\n{"event":"start","server":1,"seq":3}\n', 2, "Unk"),
    ],
)
def test_verdicts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    trace: bytes,
    code: int,
    told: str,
    is_compressed: bool,
) -> None:
    """Exit code and first words, of a plain file and of a compressed one of any name."""
    path = tmp_path / "trace"
    path.write_bytes(gzip.compress(trace) if is_compressed else trace)
    found, out, err = called([str(path)], monkeypatch, capfd)
    assert (found, err) == (code, "")
    assert out.startswith(told)


def test_the_report_says_what_was_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Rules that applied, how often, and those that had nothing to say."""
    path = tmp_path / "trace"
    path.write_bytes(GOOD)
    _, out, _ = called([str(path)], monkeypatch, capfd)
    assert "Rules that applied, and how often:\n" in out
    assert "  LeaderHasMajority  " in out
    assert "Nothing to check in this trace: " in out


def test_a_trace_may_come_from_standard_input(tmp_path: Path) -> None:
    """`-` is standard input, compressed or not."""
    for data in (GOOD, gzip.compress(GOOD)):
        done = subprocess.run(
            command_line("check-trace", "-"),
            cwd=tmp_path,
            env=environment(),
            input=data,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"nonsense\n", "line 1: not JSON: found 'nonsense'"),
        (b"", "found no event, expected a trace"),
        (gzip.compress(GOOD)[:-20], "found gzip that is broken"),
        (None, "No such file or directory"),
    ],
)
def test_wrong_usage_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    data: bytes | None,
    told: str,
) -> None:
    """Exit code 64, one line on standard error, nothing else."""
    path = tmp_path / "trace"
    if data is not None:
        path.write_bytes(data)
    code, out, err = called([str(path)], monkeypatch, capfd)
    assert (code, out, err.count("\n")) == (64, "", 1)
    assert told in err


def test_a_name_cannot_forge_a_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A server whose name has lines and escapes of its own stays within its line."""
    path = tmp_path / "trace"
    name = "\x1b[5mX\nAccepted: all\u202e"
    events = [
        {"event": "start", "server": name, "seq": 1},
        {"event": "crash", "server": name, "seq": 9},
    ]
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    _, out, _ = called([str(path)], monkeypatch, capfd)
    assert out.splitlines()[0] == (
        "Unknown at line 2: the trace lacks events of server ?[5mX Accepted: all?: seq 9 follows 1."
    )
    assert not any(line.startswith("Accepted") for line in out.splitlines())
