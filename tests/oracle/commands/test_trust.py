"""Tests of whose code a schedule may run."""

import json
from pathlib import Path

import pytest

from oracle.commands.trust import (
    check_known,
    check_trust,
    depends_on_folder,
    in_short,
    remember_named,
)
from oracle.formats.schedule_file import read_schedule
from oracle.store import trusted
from oracle.terminal.usage import UsageError
from tests.oracle.command import ADAPTERS, TOY, is_refused, raft_oracle
from tests.oracle.commands.test_strangers import SCHEDULE

TOUCHES = "-- sh -c 'touch ran'"


def schedule(folder: Path, subject: str, version: str | None = None) -> str:
    """A schedule from elsewhere that names this subject, and a version of it."""
    path = folder / "schedule.json"
    settings = {} if version is None else {"version": version}
    path.write_text(json.dumps({**SCHEDULE, "subject": subject, "settings": settings}))
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


def test_of_a_long_command_both_ends_are_shown() -> None:
    """What it would do may stand at its end, behind what nobody reads."""
    shown = in_short(f"-- true {'x' * 5000} \x1b[2J touch ran")
    assert shown.startswith("-- true xxx")
    assert shown.endswith("x ?[2J touch ran (5,023 characters in all)")
    assert in_short("run -- sh") == "run -- sh"


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


@pytest.mark.parametrize("subject", ["pysyncobj", "raftos", "hashicorp-raft"])
def test_a_version_without_a_hash_is_fetched_for_the_user_alone(
    subject: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for a schedule, nor for one that is called a known finding; for the command line."""
    monkeypatch.setenv(trusted.STATE_VARIABLE, str(tmp_path / "state"))
    path = Path(schedule(tmp_path, subject, "99.9.9"))
    target = read_schedule(path).target
    for check in (check_known, lambda target, path: check_trust(target, path, is_trusted=False)):
        with pytest.raises(UsageError, match=f"it would fetch {subject} 99.9.9, which was never"):
            check(target, path)
    check_trust(target, path, is_trusted=True)
    remember_named(target.subject, target.settings)
    check_known(target, path)
    check_trust(target, path, is_trusted=False)


@pytest.mark.parametrize(
    ("subject", "version"),
    [("pysyncobj", "0.3.11"), ("raftos", "0.2.6"), ("hashicorp-raft", "1.7.3"), ("libraft", "9")],
)
def test_a_version_whose_hash_is_listed_needs_no_word(
    subject: str, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does one that a subject does not take, which is refused where it is used."""
    monkeypatch.setenv(trusted.STATE_VARIABLE, str(tmp_path / "state"))
    path = Path(schedule(tmp_path, subject, version))
    check_trust(read_schedule(path).target, path, is_trusted=False)


def test_replay_asks_before_it_fetches(tmp_path: Path, variables: dict[str, str]) -> None:
    """In one line, in no time."""
    path = schedule(tmp_path, "pysyncobj", "99.9.9")
    done = raft_oracle(tmp_path, "replay", path, variables=variables)
    assert is_refused(done), done
    assert "it would fetch pysyncobj 99.9.9" in done.err


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
