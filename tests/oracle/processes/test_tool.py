"""A tool's complaints are one line that says what is wrong."""

import sys
from pathlib import Path

import pytest

from oracle.processes.tool import ToolError, complaint, on_path, output_of

MAVEN = """\x1b[0m[ERROR] Plugin resources:2.6 could not be resolved: Connection refused -> [Help 1]
[ERROR]
[ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.
[ERROR] [Help 1] http://cwiki.apache.org/confluence/display/MAVEN/PluginResolutionException
"""
COMPILER = """[ERROR] COMPILATION ERROR :
[ERROR] /bridge/Main.java:[7,5] cannot find symbol
[ERROR] Failed to execute goal compiler:3.1: Compilation failure -> [Help 1]
[ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.
"""


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (MAVEN, "Plugin resources:2.6 could not be resolved: Connection refused"),
        (
            COMPILER,
            "COMPILATION ERROR :; /bridge/Main.java:[7,5] cannot find symbol; "
            "Failed to execute goal compiler:3.1: Compilation failure",
        ),
        ("one\n\n  two  \n", "one; two"),
        ("\x1b[31mred\x1b[m", "red"),
        ("\x1b[0m\x1b[0m", ""),
    ],
)
def test_what_a_tool_complains_of_is_one_line(output: str, said: str) -> None:
    """Neither codes for a terminal nor Maven's advice stand in it, but all that is wrong does."""
    assert complaint(output) == said


def test_a_tool_that_is_not_there_is_named(tmp_path: Path) -> None:
    """So is one that fails without a word."""
    with pytest.raises(ToolError, match=r"^no-such-tool: No such file or directory$"):
        output_of(("no-such-tool",), tmp_path)
    with pytest.raises(ToolError, match=r"-c ended with exit code 3$"):
        output_of((sys.executable, "-c", "raise SystemExit(3)"), tmp_path)


def test_a_tool_is_not_looked_for_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PATH may name that folder, as a dot or as nothing, and then its programs come first."""
    for folder in ("here", "elsewhere"):
        program = tmp_path / folder / "go"
        program.parent.mkdir()
        program.touch(0o755)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("PATH", f".::../here:{tmp_path / 'elsewhere'}")
    assert on_path("go") == str(tmp_path / "elsewhere/go")
    monkeypatch.setenv("PATH", ".:")
    assert on_path("go") is None


def test_a_tool_runs_where_and_as_it_is_told(tmp_path: Path) -> None:
    """In a folder and an environment, and what it complains of is put into the caller's words."""
    seen = output_of(("/bin/sh", "-c", 'pwd; echo "$WORD"'), tmp_path, {"WORD": "heard"})
    assert seen.splitlines() == [str(tmp_path), "heard"]
    with pytest.raises(ToolError, match=r"^sh -c failed: A\nB"):
        output_of(("/bin/sh", "-c", "printf 'a\nb' >&2; exit 1"), tmp_path, None, str.upper)
