"""Bridges are built once for each source and mutant, or refused in one line that says why."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from oracle.bridging import build as building
from oracle.bridging import description as known
from oracle.bridging.build import (
    GO_SUM,
    adapter_command,
    built,
    built_command,
    cache_folder,
    check_fetched,
    plant,
    toolchain_version,
)
from oracle.bridging.description import (
    LISTED,
    Bridge,
    BridgeError,
    BridgeMutant,
    find_bridge,
)
from oracle.processes.user_cache import CACHE_VARIABLE
from oracle.unmodified.toolchain import VERSION
from tests.oracle.command import is_refused, raft_oracle
from tests.oracle.unmodified.toy_labs import cache_of_go
from tests.require import needs

BUILD = 'cp source.txt "$1/program"; echo built >> "$2"'
"""What the toy's toolchain does: copy its source, and note that it ran."""
Toy = Callable[..., Bridge]


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    """Makes a bridge whose toolchain is the shell; nothing else is there, and nothing is built."""
    folder = tmp_path / "bridges" / "toy"
    folder.mkdir(parents=True)
    monkeypatch.setattr(known, "BRIDGES", folder.parent)
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    forget()

    def make(build: str = BUILD, toolchain: str = sys.executable, source: str = "one") -> Bridge:
        (folder / "source.txt").write_text(source)
        words = ", ".join(
            f"'{word}'" for word in ("sh", "-c", build, "sh", "{out}", str(tmp_path / "log"))
        )
        (folder / "bridge.toml").write_text(
            f"""
            name = "toy"
            summary = "copies a file"
            language = "the Toy language"
            toolchain = ["{toolchain}", "--version"]
            build = [{words}]
            run = ["{{out}}/program", "--fast"]
            [version]
            file = "source.txt"
            pattern = '(\\w+)'
            """
        )
        forget()
        return find_bridge("toy")

    yield make
    forget()


def forget() -> None:
    """Bridges are looked for anew."""
    for each in (known.bridges, known.folders, known.read, built_command):
        each.cache_clear()


def builds(tmp_path: Path) -> int:
    """How often the toy's toolchain has run."""
    return (tmp_path / "log").read_text().count("built")


def test_bridges_are_built_once(toy: Toy, tmp_path: Path) -> None:
    """What is built is kept, and run from there."""
    toy()
    command = built_command("toy")
    built_command.cache_clear()
    assert built_command("toy") == command
    assert command[1] == "--fast"
    assert Path(command[0]).read_text() == "one"
    assert Path(command[0]).is_relative_to(cache_folder())
    assert builds(tmp_path) == 1


def test_changed_sources_are_built_anew(toy: Toy, tmp_path: Path) -> None:
    """Another source is another program; the one before is there still."""
    first = built(toy(), None)
    second = built(toy(source="two"), None)
    assert [(place / "program").read_text() for place in (first, second)] == ["one", "two"]
    assert built(toy(), None) == first
    assert builds(tmp_path) == 2


def test_what_bridges_share_is_laid_beside_and_is_source(
    toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package has its own folder in the build, and what is built with another one is another."""
    monkeypatch.setattr(building, "PACKAGES", tmp_path / "packages")
    shared = tmp_path / "packages" / "common" / "shared.txt"
    shared.parent.mkdir(parents=True)
    outs = []
    for text in ("one", "two"):
        shared.write_text(text)
        bridge = msgspec.structs.replace(toy('cp common/shared.txt "$1/program"'), package="common")
        outs.append(built(bridge))
    assert [(out / "program").read_text() for out in outs] == ["one", "two"]


def test_many_may_build_at_once(toy: Toy) -> None:
    """Processes that build the same at once all get it whole."""
    bridge = toy(f"sleep 0.2; {BUILD}")
    with ThreadPoolExecutor(4) as pool:
        places = set(pool.map(lambda _: built(bridge, None), range(4)))
    assert len(places) == 1
    assert [each.name for each in cache_folder().iterdir()] == [places.pop().name]


def add_trace(toy: Toy, more: str = "") -> None:
    """Give the toy a program of its own that writes a trace."""
    path = toy().folder / "bridge.toml"
    build = 'sed s/one/trace/ source.txt > "$1/program"'
    trace = f"""
        [trace]
        build = ["sh", "-c", '{build}', "sh", "{{out}}"]
        run = ["{{out}}/program", "--trace"]
        """
    text = path.read_text()
    head, table, rest = text.partition("[version]")
    path.write_text(f"{head}{more}\n{table}{rest}{trace}")
    forget()


def test_a_library_may_have_an_adapter_and_a_trace(toy: Toy) -> None:
    """Each is built when it is wanted; without a word it is the adapter."""
    add_trace(toy)
    adapter, trace = adapter_command("toy"), built_command("toy", None, "trace")
    assert (adapter[1], trace[1]) == ("--fast", "--trace")
    assert [Path(each[0]).read_text() for each in (adapter, trace)] == ["one", "trace"]
    assert built_command("toy") == adapter
    assert find_bridge("toy").is_traced


def test_a_library_without_the_one_or_the_other_is_refused(toy: Toy) -> None:
    """It says what there is in its place."""
    toy()
    with pytest.raises(BridgeError, match=r"toy is an adapter, .* use `raft-oracle hunt toy`"):
        built_command("toy", None, "trace")
    path = find_bridge("toy").folder / "bridge.toml"
    path.write_text(f'mode = "trace"\n{path.read_text()}')
    forget()
    with pytest.raises(BridgeError, match=r"by itself .* expected `raft-oracle trace toy`"):
        adapter_command("toy")
    assert built_command("toy") == built_command("toy", None, "trace")


THREADED = """package main

import "raftoracle/bubble"

func main() { println(bubble.Stacks != nil) }
"""


@needs("go")
def test_a_library_with_threads_is_built_with_the_patched_go(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its adapter may import our packages; the trace's program is built as ever."""
    monkeypatch.setenv("GOFLAGS", "-mod=vendor")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "it's a cache"))
    monkeypatch.setenv("GOCACHE", cache_of_go())
    add_trace(toy, "threads = true")
    folder = find_bridge("toy").folder
    path = folder / "bridge.toml"
    text, built_with = path.read_text(), "build = ['go', 'build', '-o', '{out}/program']"
    path.write_text(re.sub(r"(?m)build = .*'sh', .*$", built_with, text, count=1))
    (folder / "main.go").write_text(THREADED)
    (folder / "go.mod").write_text("module toy\n")
    forget()
    done = subprocess.run(adapter_command("toy")[:1], capture_output=True, check=True)
    assert done.stderr == b"true\n"
    assert Path(built_command("toy", None, "trace")[0]).read_text() == "trace"
    assert toolchain_version(find_bridge("toy")).startswith(f"{VERSION}, patched (")


def test_failed_builds_tell_why_and_leave_nothing(toy: Toy) -> None:
    """The end of what the compiler said is one line; the next attempt builds again."""
    bridge = toy("for n in 1 2 3 4 5 6 7 8; do echo line $n >&2; done; exit 3")
    with pytest.raises(BridgeError, match=r"bridge toy: sh -c failed: line 3; .*; line 8$"):
        built(bridge, None)
    assert list(cache_folder().iterdir()) == []


def test_a_missing_toolchain_is_named(toy: Toy) -> None:
    """Without the toolchain it is said what to install."""
    bridge = toy(toolchain="no-such-compiler")
    with pytest.raises(BridgeError, match=r"found no no-such-compiler .* the Toy language"):
        built(bridge, None)


def test_a_bridge_without_its_toolchain_is_wrong_usage(tmp_path: Path) -> None:
    """The command line says so in one line, and lists it as not found."""
    nowhere = {"PATH": str(tmp_path)}
    done = raft_oracle(tmp_path, "hunt", "etcd-raft", variables=nowhere)
    assert is_refused(done)
    assert "found no go on the PATH, expected Go 1." in done.err
    listed = raft_oracle(tmp_path, "bridges", variables=nowhere)
    assert listed.code == 0
    assert "not found: Go 1." in listed.out


def test_a_reason_on_standard_output_is_handed_on(toy: Toy) -> None:
    """Maven writes what is wrong there, and only two codes that reset colours to standard error."""
    bridge = toy(r'printf "\033[0m" >&2; echo "[ERROR] no such host -> [Help 1]"; exit 1')
    with pytest.raises(BridgeError, match=r"bridge toy: sh -c failed: no such host$"):
        built(bridge, None)


@pytest.mark.parametrize(("text", "times"), [("other", 0), ("old and old", 2)])
def test_a_mutant_needs_its_place(tmp_path: Path, text: str, times: int) -> None:
    """What is replaced stands in the library exactly once, or the mutant is refused."""
    (tmp_path / "file.go").write_text(text)
    with pytest.raises(BridgeError, match=f"found 'old' {times} times in file.go, expected 1"):
        plant(mutant(), tmp_path)


def test_a_mutant_changes_its_place(tmp_path: Path) -> None:
    """Nothing else changes."""
    (tmp_path / "file.go").write_text("before old after")
    plant(mutant(), tmp_path)
    assert (tmp_path / "file.go").read_text() == "before new after"


def test_a_mutant_of_a_bridge_without_a_library_is_planted_in_the_bridge(toy: Toy) -> None:
    """It stands for what lies below a library whose source is not to be had."""
    planted = msgspec.structs.replace(mutant(), file="source.txt", old="one", new="other")
    assert (built(toy(), planted) / "program").read_text() == "other"
    assert (built(toy()) / "program").read_text() == "one"


def mutant() -> BridgeMutant:
    """A mutant of a file that holds `old`."""
    return BridgeMutant(
        name="toy", summary="", breaks="VoteOnce", file="file.go", old="old", new="new"
    )


def test_what_a_build_fetches_is_what_is_listed(toy: Toy, tmp_path: Path) -> None:
    """A file of another content, or of another name, is not run; what the build makes itself is."""
    listed = tmp_path / "bridges/toy/fetched.sum"
    toy()
    listed.write_text("0" * 64 + "  program\n")
    with pytest.raises(BridgeError, match=r"fetched program of SHA-256 .*, expected what fetched"):
        built_command("toy")
    listed.write_text(f"{hashlib.sha256(b'one').hexdigest()}  program\n")
    built_command("toy")
    listed.write_text("")
    bridge = msgspec.structs.replace(toy(), made=("program",))
    assert (built(bridge) / "program").read_text() == "one"
    assert not [each for each in cache_folder().iterdir() if each.name.startswith(".")]


def test_a_listed_version_requires_nothing_that_is_not_listed(tmp_path: Path) -> None:
    """Go completes go.sum by itself, from wherever it fetches."""
    bridge, version = find_bridge("hashicorp-raft"), "1.7.3"
    for name in (LISTED, GO_SUM):
        shutil.copyfile(bridge.folder / LISTED, tmp_path / name)
    check_fetched(bridge, version, tmp_path, tmp_path)
    with (tmp_path / GO_SUM).open("a") as file:
        file.write("example.org/other v1.0.0 h1:x=\n")
    with pytest.raises(BridgeError, match=r"fetched example.org/other, which versions.sum does"):
        check_fetched(bridge, version, tmp_path, tmp_path)
    check_fetched(bridge, "99.9.9", tmp_path, tmp_path)


def test_the_folder_one_stands_in_does_not_choose_the_toolchain(
    toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rust-toolchain.toml there names the cargo that is run, a .mvn the options of Java."""
    monkeypatch.chdir(tmp_path)
    where = (sys.executable, "-c", "import os; print(os.getcwd())")
    asked = msgspec.structs.replace(toy(), toolchain=where)
    assert toolchain_version(asked) == os.sep
