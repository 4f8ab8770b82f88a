"""Go sources are read as far as it takes to recognise a Raft, whatever stands in comments."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from oracle.terminal.usage import UsageError
from oracle.unmodified.go_source import (
    Function,
    blanked,
    files_of,
    parameters_at,
    read_file,
    read_package,
)

SOURCE = """// package comment
/* func Make(peers []*labrpc.ClientEnd) */
package raft // "no text"

import "sync"
import rpc "6.824/labrpc" // the network
import (
	"bytes"
	. "fmt"
	log `example.com/my/logger`
)

var text, raw, letter = "func Make(", `
func Made(`, '"'

// Make makes it.
func Make(peers []*rpc.ClientEnd, me, gid int, /* , more */
	persister *Persister, applyCh chan<- ApplyMsg) *Raft {
	return nil
}

func (rf *Raft) Method(a int) {}
func pair(int, map[string]int) (a int, err error) { return 0, nil }
func handler(f func(a, b int) string, any ...interface{}) {}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with this source."""
    (tmp_path / "raft.go").write_text(SOURCE)
    return tmp_path / "raft.go"


def test_imports_have_the_names_by_which_they_are_used(path: Path) -> None:
    """Alone or in brackets, quoted either way, with a name of their own or without."""
    assert read_file(path).imports == {
        "sync": "sync",
        "rpc": "6.824/labrpc",
        "bytes": "bytes",
        ".": "fmt",
        "log": "example.com/my/logger",
    }


def test_functions_have_a_type_for_each_parameter(path: Path) -> None:
    """Those in comments and texts are none, and methods are left out."""
    file = read_file(path)
    assert file.package == "raft"
    made = ("[]*rpc.ClientEnd", "int", "int", "*Persister", "chan<- ApplyMsg")
    assert file.functions == (
        Function("Make", made, "*Raft", 17),
        Function("pair", ("int", "map[string]int"), "(a int, err error)", 23),
        Function("handler", ("func(a, b int) string", "...interface{}"), "", 24),
    )
    assert [each.is_exported for each in file.functions] == [True, False, False]


def test_places_in_what_is_left_are_places_in_the_source() -> None:
    """Blanking keeps lengths and lines."""
    code = blanked(SOURCE)
    assert len(code) == len(SOURCE)
    assert code.count("\n") == SOURCE.count("\n")
    assert code.index("func pair") == SOURCE.index("func pair")
    assert "no text" not in code
    assert '"sync"' in blanked(SOURCE, texts_too=False)


def test_only_what_go_would_compile_is_read(tmp_path: Path) -> None:
    """Neither tests nor files that Go leaves out, nor folders called so."""
    for name in ("b.go", "a.go", "a_test.go", "_a.go", ".a.go", "a.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder.go").mkdir()
    assert [each.name for each in files_of(tmp_path)] == ["a.go", "b.go"]


@pytest.mark.parametrize("source", ["", "package", "func Make(", "import (", 'package "', "func"])
def test_broken_sources_are_read_without_complaint(tmp_path: Path, source: str) -> None:
    """The compiler will say what is wrong with them; so it is with bytes that are no text."""
    (tmp_path / "a.go").write_bytes(source.encode() + b"\xff")
    assert read_file(tmp_path / "a.go").package == ""


@pytest.mark.parametrize(
    ("parameters", "types"),
    [
        ("svcMeth string, args, reply any", ["string", "any", "any"]),
        ("string, interface{}, interface{}", ["string", "interface{}", "interface{}"]),
        (
            "c [2]chan<- int, // of (two\n\tname string, a any,\n",
            ["[2]chan<- int", "string", "any"],
        ),
    ],
)
def test_parameters_are_read_where_a_name_ends(parameters: str, types: Sequence[str]) -> None:
    """Over several lines, with comments, and without names."""
    source = f"// Call() says\nfunc (e *End) Call ({parameters}) bool {{}}"
    assert parameters_at(source, source.index("Call (") + 4) == types


@pytest.mark.parametrize(
    "endless",
    [
        *("\n", "import (\n", "func x (", "func x (\n", "import (a.b", 'import ("a\n', "import  "),
        *("/*", '\\"', "\\'"),
    ],
)
def test_a_file_takes_time_in_proportion_to_its_length(endless: str, tmp_path: Path) -> None:
    """A megabyte in which nothing that is opened is closed is read within a second."""
    path = tmp_path / "raft.go"
    path.write_text("package raft\n" + endless * (1_000_000 // len(endless)))
    before = time.process_time()
    read_file(path)
    assert time.process_time() - before < 5


def test_a_file_without_end_is_no_source(tmp_path: Path) -> None:
    """A file system may say that one byte is a terabyte."""
    path = tmp_path / "raft.go"
    path.touch()
    os.truncate(path, 2**40)
    with pytest.raises(UsageError, match=r"raft\.go: found more than 8,388,608 bytes"):
        read_package(tmp_path)


def test_a_pipe_is_no_source(tmp_path: Path) -> None:
    """Its end would be waited for, by Go as well."""
    os.mkfifo(tmp_path / "raft.go")
    with pytest.raises(UsageError, match="which is no plain file"):
        read_package(tmp_path)
