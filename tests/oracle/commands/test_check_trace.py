"""`check-trace`: verdicts, exit codes, and what is said of input that is wrong."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd

from oracle.commands import main as cli
from oracle.commands.check_trace_report import seconds_of
from oracle.formats.result_json import decode_result
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


COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": zstd.compress,
}


@pytest.mark.parametrize("how", COMPRESSED)
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
    how: str,
) -> None:
    """Exit code and first words, of a plain file and of a compressed one of any name."""
    path = tmp_path / "trace"
    path.write_bytes(COMPRESSED[how](trace))
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
        (zstd.compress(GOOD)[:-20], "found zstd that is broken"),
        (
            b'{"event":"BecameLeader","node":1}',
            "line 1: a trace of an unknown kind, whose first event is BecameLeader; expected facts",
        ),
        (
            b'{"type":"leader","node":1}\n' * 3,
            'line 1: a trace of an unknown kind, whose first event is \'{"type":"leader",',
        ),
        (GOOD + b'{"event":"vote","server":"S1"}\n', "unknown event 'vote', expected one of trace"),
        (b"10:00 " + GOOD, "line 1: not JSON: found '10:00 {"),
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


def test_a_rejection_shows_the_line_that_it_contradicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Here the vote that was given before, with the lines around both; JSON names it, too."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "trace"
    path.write_bytes(BAD)
    _, out, _ = called([str(path)], monkeypatch, capfd)
    assert "\nAgainst:   line 34\n" in out
    shown = [line.split()[:2] for line in out.split("Against:")[1].splitlines()[1:12]]
    assert [each[1] for each in shown if each[0] == ">"] == ["34", "46"]
    assert '"term":2,"voted_for":"S1"' in out
    _, out, _ = called([str(path), "--json"], monkeypatch, capfd)
    assert any("it contradicts line 34" in case.detail for case in decode_result(out).cases)


def test_lines_of_a_log_are_stripped_and_skipped_if_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Prefixes, other lines, a byte order mark; without asking, a last line that was cut off."""
    path = tmp_path / "trace"
    lines = [b"10:00 [info] " + line for line in GOOD.splitlines()]
    mixed = b"\n".join([*lines, b"", b"panic: no", b'{"level":"info"}', b'{"half', lines[-1][:40]])
    path.write_bytes(b"\xef\xbb\xbf" + mixed)
    code, out, _ = called([str(path), "--strip", "--skip"], monkeypatch, capfd)
    assert code == 0
    assert f"Warning: {len(lines) + 1} lines had something before their JSON, which was str" in out
    assert "Warning: 4 lines that are no events were skipped.\n" in out
    code, _, err = called([str(path), "--strip"], monkeypatch, capfd)
    assert (code, err.count("\n")) == (64, 1)
    path.write_bytes(b"\xef\xbb\xbf" + GOOD + b'{"event":"comm')
    code, out, _ = called([str(path)], monkeypatch, capfd)
    assert (code, out.count("is cut off and is not judged")) == (0, 1)


def test_a_cluster_that_stops_committing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """When the last commit was, and how long a leader's entries wait: no violation."""
    path = tmp_path / "trace"
    told = [
        '"event":"term","term":1,"voted_for":1',
        '"event":"leader"',
        '"event":"append","index":1,"term":1',
        '"event":"commit","index":1',
        '"event":"append","index":2,"term":1',
        *['"event":"role","role":"leader"'] * 20,
    ]
    lines = [
        f'{{"server":1,"time":"2026-01-01T00:00:{at:02}Z",{each}}}' for at, each in enumerate(told)
    ]
    path.write_text("\n".join(lines))
    code, out, _ = called([str(path)], monkeypatch, capfd)
    assert code == 0
    sentence = (
        "Last commit: index 1 at line 4, 21 events, 21.0 s before the end; "
        "entries of a leader wait since line 5, 20 events, 20.0 s before the end."
    )
    assert sentence in " ".join(out.split())
    _, out, _ = called([str(path), "--json"], monkeypatch, capfd)
    assert [each.detail for each in decode_result(out).cases if each.name == "last commit"] == [
        sentence
    ]


def test_what_follows_a_number_of_thousands_of_digits_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Python prints no more digits than a number may have in a file, and the next has one more."""
    path = tmp_path / "trace"
    start = {"event": "start", "server": 1, "term": 1, "last_index": 10**4300 - 1, "commit": 0}
    path.write_text(f'{json.dumps(start)}\n{{"event":"append","server":1,"index":7,"term":1}}\n')
    before = sys.get_int_max_str_digits()
    code, out, err = called([str(path)], monkeypatch, capfd)
    sys.set_int_max_str_digits(before)
    assert (code, err) == (1, "")
    assert f"Legal:    from 1{'0' * 4300} on" in out


@pytest.mark.parametrize(
    ("when", "seconds"),
    [
        ("1e3", 1e3),
        ("1700000000000", 1.7e9),
        ('"1970-01-01T00:00:02Z"', 2.0),
        ("9" * 400, None),
        ("null", None),
    ],
    ids=lambda each: str(each)[:20],
)
def test_when_a_line_was_written_is_told_if_it_says_so(when: str, seconds: float | None) -> None:
    """As other logs do; what is no time of theirs is no mistake of ours."""
    assert seconds_of(b'{"time":%s}' % when.encode()) == seconds


def test_several_files_are_merged_and_a_skewed_merge_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What one server receives is sent in another's file; clocks that differ put it later."""
    monkeypatch.chdir(tmp_path)
    header, *rest = GOOD.splitlines(keepends=True)
    for name in ("S1", "S2", "S3"):
        own = [line for line in rest if f'"server":"{name}"'.encode() in line]
        (tmp_path / name).write_bytes(header + b"".join(own))
    code, out, _ = called(["S3", "S1", "S2"], monkeypatch, capfd)
    assert (code, out.splitlines()[0][-31:]) == (0, "facts, 3 files merged by cause.")
    first = next(line for line in rest if b'"receive"' in line)
    rest.remove(first)
    (tmp_path / "skewed").write_bytes(b"".join([header, *rest[:6], first, *rest[6:]]))
    code, out, _ = called(["skewed"], monkeypatch, capfd)
    assert (code, out.splitlines()[0]) == (1, "Rejected at line 8: ReceivedWasSent.")
    assert "Order:     the message is sent later, at line" in out
    assert '"order":"per-server"' in out
    assert called(["S1", "S1"], monkeypatch, capfd)[0] == 64
    bad = (tmp_path / "S1").read_bytes() + b'{"server":"S1","event":"term","term":0}\n'
    (tmp_path / "S1").write_bytes(bad)
    code, out, _ = called(["S3", "S1", "S2"], monkeypatch, capfd)
    assert (code, out.splitlines()[0][-17:]) == (1, "of S1: TermRises.")
    assert "Page: " in out
