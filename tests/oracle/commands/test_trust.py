"""Tests of whose code a schedule may run."""

import json
from pathlib import Path

import pytest

from oracle.commands.trust import depends_on_folder
from oracle.store import trusted
from tests.oracle.command import ADAPTERS, TOY, is_refused, raft_oracle

TOUCHES = "-- sh -c 'touch ran'"


def schedule(folder: Path, subject: str) -> str:
    """A schedule from elsewhere that names this subject."""
    path = folder / "schedule.json"
    saved = {
        "format": "raft-oracle schedule",
        "version": 1,
        "subject": subject,
        "subject_version": "1",
        "servers": 3,
        "network": "any",
        "settings": {},
        "mutant": None,
        "ignore": [],
        "driver": "walker",
        "seed": 0,
        "property": None,
        "macro": [],
        "actions": [{"action": "ElectionTimeout", "server": "s1"}],
    }
    path.write_text(json.dumps(saved))
    return str(path)


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """A machine on which nothing was named yet."""
    return {trusted.STATE_VARIABLE: str(tmp_path / "state")}


@pytest.mark.parametrize("command", ["replay", "show", "play"])
def test_a_schedule_runs_no_program_that_was_never_named(
    command: str, tmp_path: Path, variables: dict[str, str]
) -> None:
    """It says what it would run, and that --trust lets it."""
    done = raft_oracle(tmp_path, command, schedule(tmp_path, TOUCHES), variables=variables)
    assert is_refused(done), done
    assert "it would run -- sh -c 'touch ran', which was never named" in done.err
    assert "--trust" in done.err
    assert not (tmp_path / "ran").exists()


def test_a_python_file_and_a_directory_of_go_are_code_too(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    """Wherever they lie, and whatever they are called."""
    (tmp_path / "adapter.py").write_text("open('ran', 'w')")
    (tmp_path / "lab").mkdir()
    for subject in ("./adapter.py", "./lab"):
        done = raft_oracle(tmp_path, "replay", schedule(tmp_path, subject), variables=variables)
        assert is_refused(done), done
        assert "--trust" in done.err
    assert not (tmp_path / "ran").exists()


def test_the_users_word_lets_a_schedule_run(tmp_path: Path, variables: dict[str, str]) -> None:
    """By --trust, or because a hunt was told to run the same before."""
    path = schedule(tmp_path, TOY)
    assert raft_oracle(tmp_path, "replay", path, variables=variables).code == 64
    assert raft_oracle(tmp_path, "replay", "--trust", path, variables=variables).code == 0
    assert raft_oracle(tmp_path, "replay", path, variables=variables).code == 64
    raft_oracle(ADAPTERS, "hunt", "./toy_adapter.py", "--steps", "50", variables=variables)
    assert raft_oracle(tmp_path, "replay", path, variables=variables).code == 0


@pytest.mark.parametrize(
    ("words", "depends"),
    [
        (("go", "run", "."), True),
        (("/usr/bin/python3", "-m", "adapter"), True),
        (("/somewhere/adapter", "--fast"), False),
        (("python3", __file__), False),
    ],
)
def test_a_program_that_its_folder_decides_is_named_with_it(
    words: tuple[str, ...], depends: bool
) -> None:
    """The same words in a stranger's folder run the stranger's code."""
    assert depends_on_folder(words) is depends


def test_what_was_named_is_forgotten_where_others_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that somebody else may have written to says nothing of the user's word."""
    monkeypatch.setenv(trusted.STATE_VARIABLE, str(tmp_path))
    trusted.remember("-- mine")
    trusted.remember("-- mine")
    assert trusted.is_remembered("-- mine")
    assert not trusted.is_remembered("-- yours")
    path = trusted.file_of_subjects()
    assert path.read_text().count("\n") == 1
    path.chmod(0o666)
    assert not trusted.is_remembered("-- mine")


def test_without_a_place_to_remember_nothing_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a home that cannot be written to; the hunt goes on."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(trusted.STATE_VARIABLE, str(tmp_path / "file"))
    trusted.remember("-- mine")
    assert not trusted.is_remembered("-- mine")
