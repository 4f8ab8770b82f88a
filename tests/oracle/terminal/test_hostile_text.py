"""What comes from a subject, a trace or a name never reaches a terminal as something to obey."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from oracle.terminal.output import echo, print_labelled
from oracle.terminal.wording import printable, printable_json
from tests.oracle.command import command_line, environment

HOSTILE = "s1\x1b[31m\x9b2J\u202e\x07\r"
"""Colours, a cleared screen, text from right to left, a bell, and a line that is overwritten."""
OBEYED = ("\x1b", "\x9b", "\u202e", "\x07")


def test_printable_text_keeps_lines_tabs_and_letters() -> None:
    """Only what a terminal might obey is replaced."""
    assert printable("a\n\tb é 日本 ->") == "a\n\tb é 日本 ->"
    assert printable(HOSTILE) == "s1?[31m?2J???"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x\n  ::error file=a::b", "x\n  ?:error file=a::b"),
        ("::stop-commands::x", "?:stop-commands::x"),
        ("S1 is ##[add-mask]1, ##vso[task.x]", "S1 is ?#[add-mask]1, ?#vso[task.x]"),
        ("::1 and a::b::c, ## [x] and #[y]", "::1 and a::b::c, ## [x] and #[y]"),
    ],
)
def test_log_of_a_job_has_no_commands(text: str, expected: str) -> None:
    """GitHub and Azure obey what a job prints: a name would end what is annotated."""
    assert printable(text) == expected


def test_json_has_no_commands_and_says_the_same() -> None:
    """As a program reads it, the log of a job does too."""
    text = '{"a": "##[stop-commands]x"}'
    assert "##" not in printable_json(text)
    assert json.loads(printable_json(text)) == json.loads(text)


def test_everything_that_is_printed_is_printable(capsys: pytest.CaptureFixture[str]) -> None:
    """On both outputs, and in labelled paragraphs."""
    echo(HOSTILE)
    echo(HOSTILE, err=True)
    print_labelled("Observed:", HOSTILE)
    out, err = capsys.readouterr()
    assert not [each for each in OBEYED if each in out + err]


def test_schedule_that_is_printed_reads_back() -> None:
    """A schedule that cannot be written to a file loses nothing on the terminal."""
    document = json.dumps({"command": HOSTILE}, ensure_ascii=False).encode()
    plain = printable_json(document.decode())
    assert not [each for each in OBEYED if each in plain]
    assert json.loads(plain) == {"command": HOSTILE}


def test_a_trace_on_a_terminal_is_printable(tmp_path: Path) -> None:
    """The name of a server stands in the verdict, on a terminal that would obey it."""
    lines = [
        {"event": "trace", "version": 1, "servers": [HOSTILE, "s2", "s3"]},
        {"event": "start", "server": HOSTILE},
        {"event": "role", "server": HOSTILE, "role": "leader", "term": 1},
    ]
    path = tmp_path / "trace.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    assert printed_on_terminal("check-trace", str(path)).count("s1?[31m?2J?") > 0


def printed_on_terminal(*words: str) -> str:
    """What a command prints to a terminal; it fails where something would be obeyed."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(command_line(*words), stdout=terminal, env=environment())
    os.close(terminal)
    pieces = []
    while True:
        try:
            piece = os.read(controller, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        pieces.append(piece)
    process.wait()
    os.close(controller)
    text = b"".join(pieces).decode()
    assert not [each for each in OBEYED if each in text]
    return text
