"""`init --threads`: the scaffold for a Raft that owns its threads is hunted as it is."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from oracle.commands.init import SCAFFOLDS, WITH_THREADS, commands
from oracle.unmodified.overlay import SOURCES
from tests.oracle.command import flat, is_refused, raft_oracle
from tests.require import needs

pytestmark = [needs("go"), pytest.mark.once]
FOLDER = SCAFFOLDS / WITH_THREADS["go"]
FOR_LABS = (
    *("func Print(", "func IsExplained(", "func Refuse(", "func (n *Node) WaitsAt("),
    *("func (n *Node) WaitThrough(", "type Trial struct", "func NewTrial(", "func (t *Trial)"),
)
"""How declarations begin that an author of an adapter has no use for."""
NO_UP_TO_DATE_CHECK = ("&& upToDate\n", "&& (upToDate || last >= 0)\n")
VOTE_UNSAVED = ("r.votedFor = candidate\n\t\tr.persist()\n", "r.votedFor = candidate\n")
LOCK_KEPT = ("r.votedFor = candidate\n", "r.votedFor = candidate\n\t\t<-make(chan bool)\n")


def written(directory: Path, change: tuple[str, str] | None = None) -> Path:
    """The scaffold in a directory, with a mistake in its toy where one is wanted."""
    done = raft_oracle(directory, "init", "--lang", "go", "--threads", "mine")
    assert done.code == 0, done.err
    mine = directory / "mine"
    if change is not None:
        right, wrong = change
        text = (mine / "raft.go").read_text(encoding="utf-8")
        assert text.count(right) == 1
        (mine / "raft.go").write_text(text.replace(right, wrong), encoding="utf-8")
    return mine


def test_scaffold_keeps_to_the_protocol(tmp_path: Path) -> None:
    """It passes check-adapter, and its messages say what they mean."""
    done = raft_oracle(written(tmp_path), "check-adapter", ".")
    assert done.code == 0, done.out + done.err
    assert "15 ok, 0 FAILED" in done.out
    assert "ok       shows message meanings" in done.out


def test_nothing_is_found_in_the_toy(tmp_path: Path) -> None:
    """A hunt judges it by all rules, and leaves nothing in its directory."""
    mine = written(tmp_path)
    done = raft_oracle(mine, "hunt", ".", "--steps", "3000")
    assert done.code == 0, done.out + done.err
    assert re.search(r"^Checked: [^:]*\bConforms$", done.out, flags=re.MULTILINE)
    expected = {each.name for each in FOLDER.iterdir()}
    assert {each.name for each in mine.iterdir()} == expected


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (NO_UP_TO_DATE_CHECK, "VoteToUpToDate violated at step"),
        (VOTE_UNSAVED, "VoteOnce in 3 steps"),
        (LOCK_KEPT, "[chan receive (durable), synctest bubble 1]: main.(*Raft).HandleRequestVote"),
    ],
)
def test_a_mistake_in_the_toy_is_found(change: tuple[str, str], found: str, tmp_path: Path) -> None:
    """Also the one that the README proposes, and one that no view could show."""
    words = ("hunt", ".", "--steps", "60000", "--workers", "1")
    done = raft_oracle(written(tmp_path, change), *words)
    assert done.code == 1, done.out + done.err
    assert found in flat(done.out)


def test_what_it_promises_is_explained(tmp_path: Path) -> None:
    """`hunt . --explain` asks the program."""
    done = raft_oracle(written(tmp_path), "hunt", ".", "--explain")
    assert done.code == 0, done.err
    assert "Program:     toy 1\n" in done.out
    assert "Shows:       voted_for, next_index and match_index, message meanings\n" in done.out


def test_init_says_how_to_go_on(tmp_path: Path) -> None:
    """The README names the commands that are printed."""
    done = raft_oracle(tmp_path, "init", "--lang", "go", "--threads", "mine")
    assert done.out.splitlines() == ["cd mine", *commands("go", has_threads=True)]
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"\n{each}\n" in text for each in commands("go", has_threads=True))


def test_other_languages_have_no_such_scaffold(tmp_path: Path) -> None:
    """One line says which have it, and nothing is written."""
    done = raft_oracle(tmp_path, "init", "--lang", "rust", "--threads", "mine")
    assert is_refused(done)
    assert "init --threads: found --lang rust, expected go" in done.err
    assert list(tmp_path.iterdir()) == []


def test_an_editor_finds_every_declaration(tmp_path: Path) -> None:
    """`go vet` is content, and outside of raft-oracle the program says in a line what to do."""
    mine = written(tmp_path)
    subprocess.run(("go", "vet", "./..."), cwd=mine, check=True)
    done = subprocess.run(("go", "run", "."), cwd=mine, capture_output=True, text=True, check=False)
    assert (
        "this program runs only where raft-oracle has built it: raft-oracle hunt ." in done.stderr
    )


def test_declarations_are_those_of_the_package() -> None:
    """With their comments, so that an editor shows what the package really does."""
    real = declarations(SOURCES / "adapter")
    shown = declarations(FOLDER / "raftoracle" / "adapter")
    for_authors = {name: text for name, text in real.items() if not name.startswith(FOR_LABS)}
    assert shown == for_authors


def declarations(package: Path) -> Mapping[str, str]:
    """What `go doc` shows of a package, by the first line of each declaration."""
    done = subprocess.run(
        ("go", "doc", "-all"), cwd=package, capture_output=True, text=True, check=True
    )
    _, _, text = done.stdout.partition("\n\n")
    parts = re.split(r"\n(?=func |type |var |VARIABLES|FUNCTIONS|TYPES)", text)
    found = {part.partition("\n")[0]: part.strip() for part in parts[1:]}
    view = "type View struct {"  # a field in it is filled in by the package itself
    return found | {view: re.sub(r"\s*Tail .*", "", found[view])}
