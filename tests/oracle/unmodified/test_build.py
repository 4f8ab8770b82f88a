"""Labs in every shape are built without a trace in their directories, once for each source."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from model.actions import Deliver, ElectionTimeout
from model.target import Directory
from oracle.processes.user_cache import CACHE_VARIABLE
from oracle.regression import violation_of_schedule
from oracle.subjects.registry import factory_of
from oracle.terminal.usage import UsageError
from oracle.unmodified.build import Program, built_directory, folder_of_programs
from oracle.unmodified.lesson import LEARNED, learn
from raft_core import SERVERS
from tests.oracle.command import is_refused, raft_oracle
from tests.oracle.unmodified.toy_labs import (
    LABRPC,
    cache_of_go,
    module,
    raft,
    relative,
    tree,
    write_tree,
)
from tests.require import needs

pytestmark = needs("go")


@pytest.fixture(autouse=True)
def built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test builds in a cache of its own; Go's own is that of the user."""
    monkeypatch.setenv("GOCACHE", cache_of_go())
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    built_directory.cache_clear()
    yield
    built_directory.cache_clear()


def again(folder: Path) -> Program:
    """What another process builds of a directory."""
    built_directory.cache_clear()
    return built_directory(str(folder))


def hello(program: Program) -> Mapping[str, str]:
    """What a program says of itself."""
    done = subprocess.run(
        program.command, input=b'{"op":"hello","protocol":1}\n', capture_output=True, check=True
    )
    answer: Mapping[str, str] = msgspec.json.decode(done.stdout)
    return answer


def quoted(root: Path) -> Path:
    """A module whose name stands in quotes, within a go.work that does not use it."""
    write_tree(root, {"go.work": "go 1.22\n\nuse ./other\n", "other/go.mod": "module other\n"})
    return module(root / "lab", go_mod='module "6.5840"\n\ngo 1.15\n')


def replaced(root: Path) -> Path:
    """A Raft that is a module of its own, with labrpc as another one beside it."""
    go_mod = "module raft\n\ngo 1.21\n\nrequire labrpc v0.0.0\n\nreplace labrpc => ../labrpc\n"
    write_tree(
        root,
        {
            "labrpc/go.mod": "module labrpc\n",
            "labrpc/labrpc.go": LABRPC,
            "raft/go.mod": go_mod,
            "raft/raft.go": raft("labrpc"),
        },
    )
    return root / "raft"


def vendored(root: Path) -> Path:
    """A Raft in a module that keeps a copy of labrpc."""
    go_mod = "module mine\n\ngo 1.21\n\nrequire example.com/labrpc v1.0.0\n"
    modules = "# example.com/labrpc v1.0.0\n## explicit\nexample.com/labrpc\n"
    write_tree(
        root,
        {
            "go.mod": go_mod,
            "vendor/modules.txt": modules,
            "vendor/example.com/labrpc/labrpc.go": LABRPC,
            "raft.go": raft("example.com/labrpc"),
        },
    )
    return root


def vendored_in_tree(root: Path) -> Path:
    """A Raft in a GOPATH tree, with labrpc in a folder `vendor` beside it."""
    write_tree(
        root / "src/mine",
        {"vendor/labrpc/labrpc.go": LABRPC, "internal/raft/raft.go": raft("labrpc")},
    )
    return root / "src/mine/internal/raft"


def without_go_mod(root: Path) -> Path:
    """A module whose go.mod was not handed in."""
    folder = module(root)
    (root / "go.mod").unlink()
    return folder


def called_otherwise(root: Path) -> Path:
    """A GOPATH tree whose folder is not called `src`."""
    return tree(root, "lab")


def in_one_package(root: Path) -> Path:
    """A Raft with labrpc in its own package, which has a name of its own."""
    sources = {
        "raft.go": raft("fmt").replace('import "fmt"', "").replace("labrpc.", ""),
        "labrpc.go": LABRPC.replace("package labrpc", "package raft"),
        "go.mod": "module mine\n",
    }
    write_tree(root / "consensus", sources)
    return root / "consensus"


def by_another_name(root: Path) -> Path:
    """A Raft whose servers are made by MakeServer, with one parameter more."""
    folder = module(root)
    text = (folder / "raft.go").read_text()
    text = text.replace("func Make(", "func MakeServer(").replace(
        "ApplyMsg) *", "ApplyMsg, g int) *"
    )
    (folder / "raft.go").write_text(text)
    return folder


def called_in_quotes(root: Path) -> Path:
    """A lab that imports "../labrpc", of a name that Go would read otherwise in a text."""
    folder = relative(root)
    return folder.rename(folder.with_name('a "lab" \\n \U0001f600'))


@pytest.mark.parametrize(
    "shape",
    [
        called_in_quotes,
        module,
        tree,
        relative,
        quoted,
        replaced,
        vendored,
        vendored_in_tree,
        without_go_mod,
        called_otherwise,
        in_one_package,
        by_another_name,
    ],
)
def test_every_shape_is_built_and_left_as_it_is(
    tmp_path: Path, shape: Callable[[Path], Path]
) -> None:
    """It may be read-only, it stays as it is to the byte, and its program says who it is."""
    folder = shape(tmp_path / "lab")
    before = contents(tmp_path / "lab")
    for path in (tmp_path / "lab", *(tmp_path / "lab").rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)
    program = built_directory(str(folder))
    assert contents(tmp_path / "lab") == before
    assert program.folder == folder
    assert hello(program)["name"].startswith("lab ")


def contents(folder: Path) -> Mapping[Path, bytes | None]:
    """Every file and folder, and what is in it."""
    return {
        path: path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))
    }


def test_an_authors_own_program_is_built_as_it_is(tmp_path: Path) -> None:
    """With our packages, which its module does not have."""
    source = """package main

import (
	_ "raftoracle/adapter"
	"raftoracle/bubble"
)

func main() { println(bubble.Stacks != nil) }
"""
    write_tree(tmp_path / "mine", {"go.mod": "module mine\n", "main.go": source})
    program = built_directory(str(tmp_path / "mine"))
    done = subprocess.run(program.command, capture_output=True, check=True)
    assert done.stderr == b"true\n"


def test_a_directory_is_built_once(tmp_path: Path) -> None:
    """And from then on started, until a source changes that is compiled."""
    folder = module(tmp_path / "lab")
    first = built_directory(str(folder))
    built_at = Path(first.command[0]).stat().st_mtime_ns
    write_tree(folder, {"raft_test.go": "package raft\n", "notes.txt": "", "ignored/x.go": "?"})
    assert again(folder) == first
    assert Path(first.command[0]).stat().st_mtime_ns == built_at
    with (tmp_path / "lab/labrpc/labrpc.go").open("a") as file:
        file.write("// changed\n")
    second = again(folder)
    assert second.command != first.command
    assert second.version != first.version
    assert Path(first.command[0]).is_file()


def test_what_a_lab_shows_is_found_out_once(tmp_path: Path) -> None:
    """When it is built: its processes read what they would find out themselves."""
    lab = built_directory(str(module(tmp_path / "lab")))
    program, said = Path(lab.command[0]), hello(lab)
    kept = program.with_name(LEARNED)
    text = kept.read_bytes()
    kept.write_bytes(b"not what a program learns;")
    with pytest.raises(subprocess.CalledProcessError):
        hello(lab)
    kept.unlink()
    assert hello(lab) == said
    learn(program)
    assert kept.read_bytes() == text


def test_what_nobody_asks_for_is_removed_in_time(tmp_path: Path) -> None:
    """When another program is built, since every edit of a lab makes one."""
    folder = module(tmp_path / "lab")
    first = built_directory(str(folder))
    write_tree(folder, {"more.go": "package raft\n"})
    second = again(folder)
    for program in (first, second):
        os.utime(Path(program.command[0]).parent, (0, 0))
    assert again(folder) == second
    write_tree(folder, {"more.go": "package raft // again\n"})
    third = again(folder)
    there = [Path(program.command[0]).is_file() for program in (first, second, third)]
    assert there == [False, True, True]


def test_the_version_is_that_of_the_sources(tmp_path: Path) -> None:
    """It is the same wherever they lie, and each place has its program: stacks name its files."""
    first = built_directory(str(module(tmp_path / "one")))
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    second = built_directory(str(tmp_path / "two/raft"))
    assert first.version == second.version
    assert first.version.startswith("sources ")
    assert first.command != second.command
    factory = factory_of(Directory(str(tmp_path / "one/raft")))
    assert factory.version({}) == first.version


def test_many_may_build_at_once(tmp_path: Path) -> None:
    """All of them get the same program, and nothing is left of their work."""
    folder = str(module(tmp_path / "lab"))
    with ThreadPoolExecutor(4) as pool:
        programs = list(pool.map(lambda _: built_directory.__wrapped__(folder), range(4)))
    assert all(each == programs[0] for each in programs)
    left = {each.name.split("-")[0] for each in folder_of_programs().iterdir()}
    assert left == {"raft", "std", ".lock"}


def test_what_does_not_compile_is_one_line(tmp_path: Path) -> None:
    """The first lines of the compiler, with file and line, and exit code 64."""
    folder = module(tmp_path / "lab")
    write_tree(folder, {"more.go": "package raft\n\nfunc more() int {\n\treturn nothing\n}\n"})
    done = raft_oracle(tmp_path, "hunt", "lab", "--budget", "1s")
    assert is_refused(done)
    assert f"subject: {folder}: go build failed: ./more.go:4:9: undefined: nothing" in done.err


def test_what_is_not_missed_is_not_blamed(tmp_path: Path) -> None:
    """A tool in C beside the sources of a package has no part in it."""
    folder = module(tmp_path / "lab")
    tool = '//go:build ignore\n\npackage main\n\nimport "C"\n'
    write_tree(tmp_path / "lab/tools", {"tools.go": "package tools\n", "tool.go": tool})
    write_tree(folder, {"more.go": 'package raft\n\nimport _ "6.5840/tools"\n'})
    assert again(folder).folder == folder
    write_tree(folder, {"wrong.go": "package raft\n\nvar wrong = nothing\n"})
    with pytest.raises(UsageError, match="undefined: nothing"):
        again(folder)


@pytest.mark.parametrize(
    ("line", "said"), [("go 1.99", "requires go >= 1.99"), ("nonsense", "unknown directive")]
)
def test_a_go_mod_that_cannot_be_used_is_one_line(tmp_path: Path, line: str, said: str) -> None:
    """It names the user's, though Go was given a copy."""
    folder = module(tmp_path / "lab", go_mod=f"module 6.5840\n{line}\n")
    with pytest.raises(UsageError) as refused:
        built_directory(str(folder))
    assert said in str(refused.value)
    assert f"{tmp_path / 'lab/go.mod'}" in str(refused.value)
    assert ".build-" not in str(refused.value)


def test_a_module_that_cannot_be_had_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the import."""
    monkeypatch.setenv("GOPROXY", "off")
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
    folder = module(tmp_path / "lab")
    write_tree(folder, {"more.go": 'package raft\n\nimport _ "example.com/not/there"\n'})
    with pytest.raises(UsageError) as refused:
        built_directory(str(folder))
    said = str(refused.value)
    assert "example.com/not/there" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (LABRPC, "", r"cannot find '6\.5840/labrpc': "),
        ("Call(", "CallIt(", r"found no method Call of ClientEnd in .*labrpc, expected a lab's"),
    ],
)
def test_a_lab_without_its_network_is_one_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """There has to be a labrpc, and it has to be one."""
    folder = module(tmp_path / "lab")
    path = tmp_path / "lab/labrpc/labrpc.go"
    if new:
        path.write_text(LABRPC.replace(old, new))
    else:
        path.unlink()
    with pytest.raises(UsageError, match=said):
        built_directory(str(folder))


def test_settings_of_the_user_do_not_disturb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does the name of the directory, or one that leads to it."""
    for name, text in (("GOFLAGS", "-mod=vendor"), ("GO111MODULE", "off"), ("GOWORK", "/none")):
        monkeypatch.setenv(name, text)
    folder = tree(tmp_path / "a b 'c' é")
    (tmp_path / "link").symlink_to(folder)
    assert built_directory(str(tmp_path / "link")).folder == folder


def test_a_directory_is_explained(tmp_path: Path) -> None:
    """What was recognised, what the program found, and exit code 0."""
    module(tmp_path / "lab")
    done = raft_oracle(tmp_path, "hunt", "lab", "--explain")
    assert (done.code, done.err) == (0, "")
    assert f"Recognised:  package raft in {tmp_path / 'lab/raft'}" in done.out
    assert "GetState" in done.out
    assert "no further: a server that hears from nobody does not ask for votes." in done.out
    refused = raft_oracle(tmp_path, "hunt", "reference", "--explain")
    assert is_refused(refused)
    assert "explain: found the subject reference, expected a directory" in refused.err


def test_a_directory_is_checked_as_an_adapter(tmp_path: Path) -> None:
    """By the same words as it is hunted; this one keeps to the protocol, and elects nobody."""
    module(tmp_path / "lab")
    done = raft_oracle(tmp_path, "check-adapter", "lab", "--steps", "5")
    assert done.out.startswith("ok       says hello: lab ")
    assert done.err == ""


@pytest.mark.parametrize("name", ["\udcff", "-" * 200])
def test_a_directory_may_have_any_name(tmp_path: Path, name: str) -> None:
    """Or it is said in one line that it may not."""
    folder = module(tmp_path / name)
    if name.isprintable():
        assert again(folder).folder == folder
    else:
        with pytest.raises(UsageError, match="expected text in UTF-8"):
            again(folder)


def test_files_that_cannot_be_read_are_not_in_the_way(tmp_path: Path) -> None:
    """A link that leads nowhere is no source of anything."""
    folder = module(tmp_path / "lab")
    (tmp_path / "lab/none").mkdir()
    (tmp_path / "lab/none/a.go").symlink_to(tmp_path / "nowhere.go")
    assert again(tmp_path / "lab").folder == folder


def test_without_go_nothing_is_hunted(tmp_path: Path) -> None:
    """One line says what to install, or that what is there is too old."""
    module(tmp_path / "lab")
    write_tree(tmp_path / "bin", {"go": '#!/bin/sh\necho \'{"GOVERSION": "go1.20.1"}\'\n'})
    for folder, said in (("none", "found none on the PATH"), ("bin", "found go1.20.1 (")):
        (tmp_path / "bin/go").chmod(0o755)
        done = raft_oracle(tmp_path, "hunt", "lab", variables={"PATH": str(tmp_path / folder)})
        assert is_refused(done)
        assert f"go: {said}" in done.err


def test_a_saved_schedule_starts_the_directory_again(tmp_path: Path) -> None:
    """From any other directory, as a regression test does."""
    folder = module(tmp_path / "lab")
    first, second = SERVERS[:2]
    schedule = (ElectionTimeout(server=first), Deliver(source=first, destination=second, age=0))
    assert violation_of_schedule(schedule, str(folder), 3, "any", {}) is None
