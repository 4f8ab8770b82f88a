"""The function that makes a server takes its parameters in any order; one line says what it lacks.

A Call may take something of the lab's own in front.

The settings that correct a guess are shown by --explain as a hunt goes by them.
"""

import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.oracle.unmodified.idioms import LABS, hunt, raft_of, replaced
from tests.require import needs

pytestmark = needs("go")

LAB: Final = "elections_2023"
MAKE: Final = (
    "Make(peers []*labrpc.ClientEnd, me int,\n\tpersister *Persister, applyCh chan ApplyMsg) *Raft"
)
IN_OTHER_ORDERS: Final = (
    "Make(me int, applyCh chan ApplyMsg, persister *Persister, peers []*labrpc.ClientEnd) *Raft",
    "Make(wake chan int, peers []*labrpc.ClientEnd, other *Entry, me int8,\n"
    "\tpersister *Persister, applyCh chan<- ApplyMsg, gid int64) *Raft",
    "Make(peers []*labrpc.ClientEnd, me int, persister *Persister, applyCh chan ApplyMsg,\n"
    "\toptions ...func(*Raft)) *Raft",
)
TOO_SHORT: Final = {
    "Make(peers []*labrpc.ClientEnd, me int, applyCh chan ApplyMsg) *Raft": (
        "expected one that also takes a pointer to the persister"
    ),
    "Make(peers []*labrpc.ClientEnd, persister *Persister) *Raft": (
        "expected one that also takes a number, and a channel of ApplyMsg"
    ),
}


def with_make(signature: str, copy: Path) -> Path:
    """The directory of a copy of the smallest lab, whose Make takes this."""
    shutil.copytree(LABS / LAB, copy)
    file = raft_of(copy) / "raft.go"
    replaced(file, MAKE, signature)
    replaced(file, "rf.persister = persister", "rf.persister = new(Persister)")
    replaced(file, "\trf.me = me\n", "\trf.me = int(me)\n" if "me int" in signature else "")
    replaced(copy / "src" / "labrpc" / "labrpc.go", "Call(svc", "Call(trace [2]int, svc")
    file.write_text(file.read_text().replace('.Call("', '.Call([2]int{1, 2}, "'))
    (raft_of(copy) / "entry.go").write_text("package raft\n\ntype Entry struct{ Term int }\n")
    return raft_of(copy)


@pytest.mark.parametrize("signature", IN_OTHER_ORDERS)
def test_parameters_are_told_by_their_types(signature: str, tmp_path: Path) -> None:
    """The persister by its name among pointers, applyCh among channels; the others are zero."""
    raft = with_make(signature, tmp_path / "lab")
    found = hunt(tmp_path, raft, "--steps", "300", "--workers", "1", "--out", "found")
    assert found.code == 0, found.text
    assert "leader elected" in found.text


@pytest.mark.parametrize(("signature", "said"), TOO_SHORT.items())
def test_what_is_lacking_is_named(signature: str, said: str, tmp_path: Path) -> None:
    """One line, with the function as it is."""
    raft = with_make(signature, tmp_path / "lab")
    found = hunt(tmp_path, raft, "--steps", "300", "--workers", "1")
    assert found.code == 64, found.text
    assert "found a function func([]*labrpc.ClientEnd, " in found.text
    assert said in found.text
    assert len(found.text.splitlines()) == 1


def test_corrections_are_explained(tmp_path: Path) -> None:
    """A field that the user names stands where the guess stood; what is wrong of it is one line."""
    raft = raft_of(LABS / LAB)
    explained = hunt(tmp_path, raft, "--explain", "--set", "fields=vote=none,commit=votes")
    assert explained.code == 0, explained.text
    assert "vote:                       not found" in explained.text
    assert "commit index:               votes" in explained.text
    for wrong in ("fields=vote=nowhere", "parts=3A", "race=on"):
        refused = hunt(tmp_path, raft, "--explain", "--set", wrong)
        assert refused.code == 64
        assert len(refused.text.splitlines()) == 1, refused.text


def test_terms_of_snapshots_are_not_missed_without_snapshots(tmp_path: Path) -> None:
    """Where a lab makes none, nothing is said of what they would hold."""
    explained = hunt(tmp_path, raft_of(LABS / "gopath_2017"), "--explain")
    assert "last term of the snapshot" not in explained.text
