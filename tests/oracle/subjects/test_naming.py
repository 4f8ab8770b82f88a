"""Tests of reading the words that name a subject."""

from pathlib import Path

import pytest

from model.target import (
    Bridge,
    Command,
    Directory,
    InProcess,
    NamedSubject,
    Reference,
    UserFile,
)
from oracle.subjects.naming import (
    IN_PROCESS,
    absolute_settings,
    found_settings,
    portable,
    portable_settings,
    read_subject,
    reader_in,
)
from oracle.subjects.registry import IN_PROCESS_FACTORIES
from oracle.terminal.usage import UsageError

WORDS: list[tuple[str, NamedSubject]] = [
    ("reference", Reference()),
    ("raftos", InProcess("raftos")),
    ("libraft", Bridge("libraft")),
    ("mine.py", UserFile("mine.py")),
    ("a/b.py:FACTORY_2", UserFile("a/b.py", "FACTORY_2")),
    ("-- ./adapter 'a b'", Command(("./adapter", "a b"))),
    ("--./adapter.py", Command(("./adapter.py",))),
]


@pytest.mark.parametrize(("text", "subject"), WORDS)
def test_words_name_a_subject(text: str, subject: NamedSubject) -> None:
    """Each kind of words names one kind of subject."""
    assert read_subject(text) == subject


@pytest.mark.parametrize("subject", [subject for _, subject in WORDS])
def test_the_words_of_a_subject_name_it_again(subject: NamedSubject) -> None:
    """What is stored in a schedule reads back as the same subject."""
    assert read_subject(subject.text) == subject


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nonsense", "expected reference, pysyncobj, raftos, "),
        ("", "found ''"),
        ("no/raft", "found nothing at no/raft, expected a directory of Go sources"),
        ("./raft", "found nothing at ./raft, expected a directory of Go sources"),
        ("--", "found no command after --, expected a program"),
        ("-- 'open", "expected a command"),
    ],
)
def test_words_that_name_nothing_are_refused(text: str, expected: str) -> None:
    """The error says what was found, and what there is."""
    with pytest.raises(UsageError) as refused:
        read_subject(text)
    assert expected in str(refused.value)


def test_a_directory_that_is_there_names_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is called; what is known by name comes first, and a path leads around that."""
    for name in ("raft1", "odd.py", "reference", "etcd-raft"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    for text in ("raft1", "odd.py", "./reference", "./etcd-raft", ".", "..", f"{tmp_path}/raft1/"):
        assert read_subject(text) == Directory(text)
    assert read_subject("reference") == Reference()
    assert read_subject("etcd-raft") == Bridge("etcd-raft")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    """It is neither a directory nor in Python."""
    (tmp_path / "raft.go").touch()
    with pytest.raises(UsageError, match=r"found the file .*raft\.go, expected a directory of Go"):
        read_subject(f"{tmp_path}/raft.go")


def test_words_of_a_command_survive_quoting() -> None:
    """Spaces and quotes in words do not change what is started."""
    words = ("python3", "it's", 'a "b"', "")
    assert read_subject(Command(words).text) == Command(words)


def test_every_library_in_process_has_a_factory() -> None:
    """The names that are read and the factories that are there are the same."""
    assert set(IN_PROCESS_FACTORIES) == {"reference", *IN_PROCESS}


def test_paths_of_one_checkout_are_relative_to_the_file_that_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In any clone, and from any folder in it, the same words name the clone's own files."""
    for name in ("one", "two"):
        (tmp_path / name / ".git").mkdir(parents=True)
        (tmp_path / name / "adapter").mkdir()
        (tmp_path / name / "adapter" / "main.py").touch()
    monkeypatch.chdir(tmp_path / "one" / "adapter")
    words = ("python3", f"{tmp_path}/one/adapter/main.py", "--size=1", "/usr/bin/env")
    subjects: list[NamedSubject] = [Command(words), UserFile(words[1], "MINE")]
    subjects.append(Directory(f"{tmp_path}/one/adapter"))
    folder = tmp_path / "one" / "runs" / "latest"
    texts = [portable(each, folder).text for each in subjects]
    assert texts == [
        "-- python3 ../../adapter/main.py --size=1 /usr/bin/env",
        "../../adapter/main.py:MINE",
        "../../adapter",
    ]
    for place in ("runs/latest", "deeper/than/that/was", "adapter", "."):
        read = reader_in(tmp_path / "two" / place)
        found = [read(each).text.replace("/two/", "/one/") for each in texts]
        assert found == [each.text for each in subjects], place
    assert portable(UserFile("/elsewhere/a.py"), folder) == UserFile("/elsewhere/a.py")
    assert portable(subjects[0], tmp_path / "outside") == subjects[0]
    assert portable(Reference(), folder) == reader_in(folder)("reference") == Reference()


def test_a_directory_is_found_from_a_file_that_was_moved_within_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a hunt of `.` has found may go to the known findings, in a checkout or in none."""
    home = tmp_path / "course/raft"
    found, known = home / ".raft-oracle/latest", home / "raft-oracle-known"
    for folder in (found, known):
        folder.mkdir(parents=True)
    (home / "raft.go").write_text("package raft\n")
    (found / "regression_test.go").write_text("package raft\n")
    monkeypatch.chdir(home)
    subject = Directory(str(home))
    assert portable(subject, found).text == "../.."
    assert reader_in(found)("../..") == reader_in(known)("../..") == subject
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    assert reader_in(found)("../..") == reader_in(known)("../..") == subject
    assert reader_in(home)(".") == reader_in(found / "untidy/VoteOnce")("../..") == subject
    (home / "raft.go").unlink()
    assert reader_in(known)("../..") == Directory(str(home.parent))


def test_what_is_nowhere_is_named_where_it_should_be(tmp_path: Path) -> None:
    """Without a checkout around it, a file says only what is relative to itself."""
    (tmp_path / "gone.py").touch()
    assert reader_in(tmp_path / "found")("../gone.py") == UserFile(f"{tmp_path}/gone.py")
    assert reader_in(tmp_path / "a/b")("../gone.py") == UserFile(f"{tmp_path}/a/gone.py")


def test_the_source_of_a_library_is_found_from_a_file_in_its_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relative to the file, and where the file was moved to another folder of the checkout too."""
    bridge, home = Bridge("etcd-raft"), tmp_path / "raft"
    found, known = home / ".raft-oracle/latest", home / "raft-oracle-known"
    for folder in (home / ".git", found, known):
        folder.mkdir(parents=True)
    (home / "go.mod").write_text("module go.etcd.io/raft/v3\n")
    monkeypatch.chdir(home)
    given = absolute_settings(bridge, {"source": ".", "async": "on"})
    assert given == {"source": str(home), "async": "on"}
    saved = portable_settings(bridge, given, found)
    assert saved == {"source": "../..", "async": "on"}
    for folder in (found, known):
        assert found_settings(bridge, saved, folder) == given
    assert found_settings(bridge, given, tmp_path) == given
    assert found_settings(bridge, {"source": "./gone"}, home) == {"source": str(home)}
    assert absolute_settings(Reference(), {"source": "."}) == {"source": "."}
