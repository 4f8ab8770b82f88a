"""Traces on terminals of any width, in colour and without, and in pipes."""

import re
from pathlib import Path

import pytest

from tests.oracle.command import raft_oracle

FINDING = ("replay", "figure-8")
COLOUR = re.compile("\x1b\\[[0-9;]*m")


def trace(folder: Path, **variables: str) -> str:
    """What a replay prints with these variables."""
    done = raft_oracle(folder, *FINDING, variables=variables)
    assert done.code == 1, done.err
    return done.out


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_trace_is_as_wide_as_the_terminal(tmp_path: Path, width: int) -> None:
    """No line is longer, and the wider it is, the fewer lines it takes."""
    text = COLOUR.sub("", trace(tmp_path, FORCE_COLOR="1", COLUMNS=str(width)))
    longest = max(map(len, text.splitlines()))
    assert width * 3 // 4 < longest <= width
    narrow = COLOUR.sub("", trace(tmp_path, FORCE_COLOR="1", COLUMNS=str(width - 20)))
    assert len(narrow.splitlines()) >= len(text.splitlines())
    assert text.split() != []


def test_colours_only_repeat_what_words_say(tmp_path: Path) -> None:
    """Without them the text is the same, in a pipe, with NO_COLOR and on a dumb terminal."""
    coloured = trace(tmp_path, FORCE_COLOR="1", COLUMNS="99")
    assert "\x1b[1;31m<--" in coloured
    assert "\x1b[32mleader" in coloured
    plain = trace(tmp_path)
    assert COLOUR.sub("", coloured) == plain
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in trace(tmp_path, **variables)
        assert "\x1b[3" not in trace(tmp_path, **variables, FORCE_COLOR="", COLUMNS="99")


def test_only_a_role_is_coloured(tmp_path: Path) -> None:
    """The words of a property are not, though they speak of leaders."""
    coloured = trace(tmp_path, FORCE_COLOR="1", COLUMNS="99")
    statement = next(line for line in coloured.splitlines() if "Figure 3" in line)
    assert "leader" in statement
    assert "\x1b" not in statement


def test_what_was_covered_is_as_wide_as_the_terminal(tmp_path: Path) -> None:
    """Its lists are no wider than sixty characters where that is what there is."""
    words = ("hunt", "--steps", "100")
    variables = {"FORCE_COLOR": "1", "COLUMNS": "60"}
    done = raft_oracle(tmp_path, *words, variables=variables)
    lists = done.out.partition("Checked:")[2].splitlines()
    assert len(lists) > 6
    assert max(map(len, lists)) <= 60


def test_lists_go_on_below_their_text(tmp_path: Path) -> None:
    """On a narrow terminal; in a pipe each line stays one, for programs that look for it."""
    variables = {"FORCE_COLOR": "1", "COLUMNS": "60"}
    narrow = raft_oracle(tmp_path, "scenarios", variables=variables).out.splitlines()
    piped = raft_oracle(tmp_path, "scenarios").out.splitlines()
    assert max(map(len, narrow)) <= 60 < max(map(len, piped))
    assert " ".join(" ".join(narrow).split()) == " ".join(" ".join(piped).split())
    assert {line[:21].strip() for line in narrow} - {""} == {line.split()[0] for line in piped}


def test_file_of_a_finding_is_as_wide_everywhere(tmp_path: Path) -> None:
    """The same bytes, whoever looks on."""
    for place, variables in (("wide", {"FORCE_COLOR": "1", "COLUMNS": "180"}), ("pipe", {})):
        words = ("hunt", "--mutant", "double-vote", "--out", place)
        assert raft_oracle(tmp_path, *words, variables=variables).code == 1
    texts = [(tmp_path / place / "trace.txt").read_bytes() for place in ("wide", "pipe")]
    assert texts[0] == texts[1]
    assert b"\x1b" not in texts[0]
