"""A schedule that is played on many versions names the release that it broke, or was mended, in."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oracle.commands import replay_versions
from oracle.commands.replay import replay
from oracle.commands.replayed import replayed
from oracle.hunting.bisection import Probe
from oracle.terminal.exit_codes import Exit
from oracle.terminal.usage import UsageError
from tests.oracle.command import is_refused, raft_oracle
from tests.oracle.commands.test_hunt_versions import ADAPTER, MadeUp
from tests.oracle.commands.test_replay import SAVED

OLDER_TERM_COMMITTED: list[dict[str, object]] = [
    {"action": "Elect", "server": "s3", "unreachable": []},
    {"action": "ClientRequest", "server": "s3", "command": "v1"},
    {"action": "Deliver", "source": "s3", "destination": "s1", "age": -1},
    {"action": "Elect", "server": "s1", "unreachable": []},
    {"action": "Sync", "server": "s1", "unreachable": []},
]
"""S1 is elected in term 2, and counts who has its entry of term 1."""


def schedule(folder: Path, **changes: object) -> str:
    """The name of a schedule that some of the releases do not stand."""
    saved = {
        **SAVED,
        "subject": ADAPTER,
        "mutant": None,
        "property": "OwnTermCommits",
        "actions": OLDER_TERM_COMMITTED,
    }
    (folder / "schedule.json").write_text(json.dumps({**saved, **changes}))
    return "schedule.json"


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every subject is in a registry that is made up; its 1.1.0 does not build."""

    def obtain(subject: object, version: str, mutant: str | None) -> None:
        if version == "1.1.0":
            raise ValueError("no such compiler\x1b[31m any more")

    monkeypatch.setattr(replay_versions, "released", lambda subject: MadeUp())
    monkeypatch.setattr(replay_versions, "obtain", obtain)
    monkeypatch.chdir(tmp_path)


def play(*words: str) -> int:
    """Run the command in this process; its exit code."""
    with pytest.raises(SystemExit) as ended:
        replay.main([*words], standalone_mode=False)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_release_that_broke_it_is_named(
    made_up: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And each that was tried, with what was seen of it."""
    name = schedule(tmp_path)
    assert play(name, "--versions", "1.0.0..1.4.0") == Exit.VIOLATION
    said = capsys.readouterr().out
    assert [line.split(":")[0] for line in said.splitlines()[1:6]] == [
        *("1.4.0", "1.0.0", "1.2.0", "1.1.0"),
        "",
    ]
    assert "\x1b" not in said
    assert (
        "OwnTermCommits came with 1.2.0, if not with 1.1.0, which was not tried: in 1.0.0 it was "
        "not broken by the schedule, and 1.2.0 breaks."
    ) in " ".join(said.split())
    assert "may break in another way" in said


def test_the_release_that_mended_it_is_named(
    made_up: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the same search."""
    assert play(schedule(tmp_path), "--versions", "1.2.0..1.6.0") == Exit.VIOLATION
    assert "OwnTermCommits is mended in 1.5.0: 1.4.0 breaks" in capsys.readouterr().out


def test_a_schedule_that_breaks_no_release_ends_with_zero(
    made_up: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both ends are played, and what lies between them is said not to be."""
    name = schedule(tmp_path, actions=OLDER_TERM_COMMITTED[:2])
    assert play(name, "--versions", "1.0.0..1.6.0") == Exit.NOTHING_FOUND
    said = " ".join(capsys.readouterr().out.split())
    assert "No violation found in 1.0.0 and 1.6.0; 5 versions between them were not" in said


def test_an_interrupted_search_keeps_what_it_has(
    made_up: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was played is told."""
    play_one: Callable[..., Any] = replayed

    def until_interrupted(saved: Any, name: str, files: tuple[str, ...]) -> Any:
        if saved.target.settings["version"] == "1.0.0":
            raise KeyboardInterrupt
        return play_one(saved, name, files)

    monkeypatch.setattr(replay_versions, "replayed", until_interrupted)
    assert play(schedule(tmp_path), "--versions", "1.0.0..1.4.0") == Exit.VIOLATION
    assert "Interrupted. OwnTermCommits breaks" in capsys.readouterr().out


def test_a_release_takes_the_place_of_a_folder(
    made_up: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A schedule that was found in a checkout is played on releases, and nothing of it is built."""
    seen: list[dict[str, str]] = []

    def watch(saved: Any, name: str, files: tuple[str, ...]) -> Probe:
        seen.append(saved.target.settings)
        version = saved.target.settings["version"]
        return Probe(version=version, state="not found", how="not broken")

    monkeypatch.setattr(replay_versions, "replayed", watch)
    name = schedule(tmp_path, settings={"source": "/elsewhere"})
    assert play(name, "--versions", "1.0.0..1.4.0") == Exit.NOTHING_FOUND
    assert seen == [{"version": "1.4.0"}, {"version": "1.0.0"}]


def test_releases_that_cannot_be_played_are_wrong_usage(
    made_up: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says why."""

    def obtain(subject: object, version: str, mutant: str | None) -> None:
        raise ValueError("no network")

    monkeypatch.setattr(replay_versions, "obtain", obtain)
    with pytest.raises(UsageError, match=r"none of 1\.0\.0\.\.1\.4\.0 can be played: no network"):
        replay.main([schedule(tmp_path), "--versions", "1.0.0..1.4.0"], standalone_mode=False)


@pytest.mark.parametrize(
    ("words", "changes", "said"),
    [
        (("--versions", "1.0.0..1.4.0", "--bisect"), {}, "--bisect: found --versions too"),
        (("--versions", "1.4.0"), {}, "version: found '1.4.0', expected"),
        (("--versions", "1.4.0..1.0.0"), {}, "expected the older version first"),
        (("--versions", "1.0.0..1.4.0"), {}, "lib.py, whose releases are not searched"),
        (
            ("--versions", "1.0.0..1.4.0"),
            {"property": None},
            "found nothing that it breaks, expected a property",
        ),
        (("--versions", "1.0.0..1.4.0"), {"actions": 3}, "actions"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(
    words: tuple[str, ...], changes: dict[str, object], said: str, tmp_path: Path
) -> None:
    """And runs nothing of what a schedule names."""
    done = raft_oracle(
        tmp_path, "replay", schedule(tmp_path, **{"subject": "./lib.py", **changes}), *words
    )
    assert is_refused(done)
    assert said in done.err
