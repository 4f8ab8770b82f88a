"""Tests of the description of what is run: how a subject is named, and found from everywhere."""

from pathlib import Path

import pytest

from model.target import (
    Bridge,
    Command,
    Conditions,
    Directory,
    InProcess,
    NamedSubject,
    Reference,
    Target,
    UserFile,
)

SUBJECTS: list[tuple[NamedSubject, str, str]] = [
    (Reference(), "reference", "none"),
    (InProcess("pysyncobj"), "pysyncobj", "none"),
    (UserFile("mine.py"), "mine.py", "fork"),
    (UserFile("mine.py", "OTHER"), "mine.py:OTHER", "fork"),
    (Command(("./adapter", "--log", "a b")), "-- ./adapter --log 'a b'", "process"),
    (Bridge("etcd-raft"), "etcd-raft", "process"),
    (Directory("src/raft"), "src/raft", "process"),
]


@pytest.mark.parametrize(("subject", "text", "isolation"), SUBJECTS)
def test_subject_knows_its_words_and_how_it_is_isolated(
    subject: NamedSubject, text: str, isolation: str
) -> None:
    """Only code that is trusted runs without a process between it and its driver."""
    assert (subject.text, subject.isolation) == (text, isolation)


def test_files_are_named_so_that_they_are_found_from_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths become absolute; what is looked up in PATH, and flags, stay as they are."""
    (tmp_path / "adapter.py").touch()
    monkeypatch.chdir(tmp_path)
    assert UserFile("adapter.py", "MINE").absolute() == UserFile(f"{tmp_path}/adapter.py", "MINE")
    words = ("python3", "adapter.py", "--flag", "a b", "./none")
    expected = ("python3", f"{tmp_path}/adapter.py", "--flag", "a b", "./none")
    assert Command(words).absolute() == Command(expected)
    assert Directory("src/../raft/").absolute() == Directory(f"{tmp_path}/raft")
    assert Command(("./adapter.py",)).absolute() == Command((f"{tmp_path}/adapter.py",))


def test_target_says_in_one_line_what_runs_and_how() -> None:
    """Settings stand in alphabetical order, so that the line is the same everywhere."""
    target = Target(
        subject=Reference(),
        servers=5,
        network="any",
        settings={"snapshots": "on", "max_entries": "1"},
        mutant="double-vote",
    )
    assert target.in_one_line("0.1.0") == (
        "reference 0.1.0, mutant double-vote, 5 servers, any network, max_entries=1, snapshots=on"
    )


def test_targets_are_compared_by_what_they_say() -> None:
    """Two equal descriptions are the same target, and a target is conditions with a subject."""
    one = Target(subject=Bridge("raft-rs"), servers=3, network="any")
    assert one == Target(subject=Bridge("raft-rs"), servers=3, network="any")
    assert one != Target(subject=InProcess("raft-rs"), servers=3, network="any")
    assert isinstance(one, Conditions)
