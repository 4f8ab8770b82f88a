"""Directories and sources whose names and words would spoil a terminal, a shell or a path.

Each has one clear outcome; the terminal gets nothing that it would obey, and nothing stays behind.
"""

import os
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.oracle.command import command_line, environment, raft_oracle
from tests.oracle.unmodified.idioms import LABS, Hunted, files_in, hunt, raft_of, replaced
from tests.require import needs

pytestmark = needs("go")

LAB: Final = "elections_2023"
ESCAPES: Final = "\x1b[2J\x1b]0;title\x07 \u202eright to left\u2066 \u2028 \x9b31m"
NAMES: Final = {
    "spaces and quotes": 'it\'s a "lab"',
    "what shells and Go would read": "$HOME `id`; %s {0} *?[x] \\ a=b,c",
    "what terminals obey": ESCAPES,
    "right to left": "\u05e8\u05d0\u05e4\u05d8 \u202e",
    "a very long name": "raft" * 60,
    "an option": "--help",
}
OBEYED: Final = {"Cc", "Cf", "Zl", "Zp"}
"""Categories of characters that move, hide or reorder what is shown."""
SHORT: Final = ("--steps", "200", "--workers", "1")


def lab_called(name: str, folder: Path) -> Path:
    """The directory of a copy of the smallest lab, below a folder of this name."""
    shutil.copytree(LABS / LAB, folder / name)
    return raft_of(folder / name)


def obeyed(text: str) -> set[str]:
    """The characters in a text that a terminal would obey, apart from ends of lines."""
    return {each for each in text if each not in "\n\t" and unicodedata.category(each) in OBEYED}


@pytest.mark.parametrize("what", NAMES)
def test_a_directory_may_be_called_as_it_likes(what: str, tmp_path: Path) -> None:
    """It is hunted and explained, and nothing is written into it."""
    raft = lab_called(NAMES[what], tmp_path / "labs")
    here = tmp_path / "here"
    here.mkdir()
    before = files_in(tmp_path / "labs")
    for words in (SHORT, ("--explain",)):
        found = hunt(here, raft, *words)
        assert found.code == 0, found.text
        assert obeyed(found.text) == set()
    assert list(here.iterdir()) == []
    assert files_in(tmp_path / "labs") == before


def test_an_end_of_a_line_in_a_name_is_one_line(tmp_path: Path) -> None:
    """Go takes no such directory, and that is said without one."""
    found = hunt(tmp_path, lab_called("two\nlines", tmp_path / "labs"), *SHORT)
    assert found.code == 64
    assert len(found.text.splitlines()) == 1, found.text


def test_a_lab_report_spoils_no_terminal(tmp_path: Path) -> None:
    """Nor do the files that it names."""
    raft = lab_called(ESCAPES, tmp_path / "labs")
    done = raft_oracle(tmp_path, "lab", str(raft), *SHORT, "--through", "3A")
    text = done.out + done.err
    assert "3A" in text
    assert obeyed(text) == set()
    assert all(obeyed(str(path.relative_to(tmp_path))) == set() for path in results(tmp_path))


def results(folder: Path) -> Iterator[Path]:
    """What a command has left where it ran."""
    return (path for path in folder.rglob("*") if ".raft-oracle" in path.parts)


PANICKING: Final = f"""package raft

import "fmt"

type \u05e7\u05d5\u05dc struct{{}}

func (\u05e7\u05d5\u05dc) {"Long" * 100}() {{
	fmt.Print("{ESCAPES.encode("unicode_escape").decode()}")
	panic("{ESCAPES.encode("unicode_escape").decode()}")
}}
"""


def test_what_a_lab_says_and_is_called_is_shown_without_effect(tmp_path: Path) -> None:
    """Words of a panic, output and identifiers, in any script and of any length."""
    raft = lab_called("lab", tmp_path)
    replaced(
        raft / "raft.go",
        "\treply.Term = rf.term\n\tif args.",
        f"\t\u05e7\u05d5\u05dc{{}}.{'Long' * 100}()\n\treply.Term = rf.term\n\tif args.",
    )
    (raft / "shout.go").write_text(PANICKING, encoding="utf-8")
    found = hunt(tmp_path, raft, *SHORT, "--out", "found")
    assert found.code == 1, found.text
    assert "panic: " in found.text
    assert obeyed(found.text) == set()
    trace = (tmp_path / "found" / "trace.txt").read_text(encoding="utf-8")
    assert obeyed(trace) == set()
    again = raft_oracle(tmp_path, "replay", "found/schedule.json")
    assert again.code == 1
    assert obeyed(again.out + again.err) == set()


def test_a_symbolic_link_is_hunted_like_what_it_leads_to(tmp_path: Path) -> None:
    """It names the lab; the lab is found by what the link leads to."""
    raft = lab_called("lab", tmp_path / "labs")
    (tmp_path / "link").symlink_to(raft)
    found = hunt(tmp_path, tmp_path / "link", *SHORT)
    assert found.code == 0, found.text
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    found = hunt(tmp_path, tmp_path / "circle", *SHORT)
    assert found.code == 64
    assert len(found.text.splitlines()) == 1, found.text


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A lab in directories that nobody may write to."""
    raft = lab_called("lab", tmp_path / "labs")
    folders = [tmp_path / "labs", *(tmp_path / "labs").rglob("*/")]
    for folder in folders:
        folder.chmod(0o555)
    yield raft
    for folder in folders:
        folder.chmod(0o755)


def test_a_directory_may_be_read_only(locked: Path, tmp_path: Path) -> None:
    """The one that one stands in as well, as long as nothing is found."""
    found = hunt(locked, locked, *SHORT)
    assert found.code == 0, found.text
    assert set(os.listdir(locked)) == {"persister.go", "raft.go"}


def test_two_hunts_begin_with_a_cold_cache(tmp_path: Path) -> None:
    """Both build, or one waits for the other; they find the same, and no build is left half-way."""
    raft = lab_called("lab", tmp_path)
    cache = tmp_path / "cache"
    commands = [
        subprocess.Popen(
            command_line("hunt", str(raft), *SHORT),
            cwd=tmp_path,
            env=environment(XDG_CACHE_HOME=str(cache)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    found = [Hunted(each.wait(), text(each)) for each in commands]
    assert [each.code for each in found] == [0, 0], found
    kept = os.listdir(cache / "raft-oracle" / "unmodified")
    assert [name for name in kept if name.startswith(".") and name != ".lock"] == []
    assert len([name for name in kept if name.startswith("raft-")]) == 1


def text(process: "subprocess.Popen[bytes]") -> str:
    """All that a process printed."""
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        return (process.stdout.read() + process.stderr.read()).decode("utf-8", "replace")
