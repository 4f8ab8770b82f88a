"""What a hunt leaves behind: the same bytes every time, and a bug that can be shown again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from model.actions import Elect, ElectionTimeout, Exchange
from model.runs.run import violation_of
from model.runs.shrink import Shrunk, shrink
from model.target import Reference, TargetRequest
from model.world.macro_actions import Cluster
from oracle.commands.hunt_report import trace_at
from oracle.hunting.findings import artefacts_of
from oracle.hunting.investigate import shortest_of
from oracle.hunting.plan import HuntPlan, make_plan
from oracle.hunting.play_safely import play_safely
from oracle.store.result_folder import NAMES, Store
from oracle.terminal.usage import UsageError
from raft_core import s1, s3
from tests.oracle.command import BROKEN, ROOT, TOY, environment, raft_oracle
from tests.oracle.full_disk import full_disk
from tests.require import unmet

SUBJECTS = {
    "walker": ("reference", "--mutant", "double-vote"),
    "hypothesis": ("reference", "--mutant", "double-vote", "--driver", "hypothesis"),
    "pysyncobj": ("pysyncobj", "--set", "version=0.3.11"),
    "adapter": (BROKEN, "--set", "how=raises"),
    "features": ("reference", "--mutant", "sessions-not-in-snapshot", "--set", "features=on"),
}
WAYS = (("1", "0"), ("2", "1"), ("4", "2"), ("2", "1"))
"""Numbers of workers and hash seeds; the last is the second time of the same."""


@pytest.fixture(scope="module")
def hunted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a hunt that has found a mutant."""
    cwd = tmp_path_factory.mktemp("hunted")
    words = ("hunt", *SUBJECTS["walker"], "--seed", "3", "--out", "found")
    done = raft_oracle(cwd, *words)
    assert done.code == 1, done
    return cwd


@pytest.mark.parametrize("kind", SUBJECTS)
def test_same_seed_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    """Neither the number of workers nor the hashes of strings nor the time are in the files."""
    found = []
    for number, (workers, hashes) in enumerate(WAYS):
        words = ("hunt", *SUBJECTS[kind], "--seed", "3", "--budget", "60s", "--workers", workers)
        out = str(tmp_path / str(number))
        done = raft_oracle(tmp_path, *words, "--out", out, variables={"PYTHONHASHSEED": hashes})
        if kind == "pysyncobj" and done.code == 64:
            unmet("pysyncobj", done.err)
        assert done.code == 1, done
        found.append({name: (tmp_path / str(number) / name).read_bytes() for name in NAMES})
    assert all(each == found[0] for each in found)


@pytest.mark.parametrize(
    "mutant",
    [
        "stale-configuration-kept",
        "sessions-not-in-snapshot",
        "read-without-round",
        "vote-written-before-term",
        "pre-vote-counted-as-vote",
        "transfer-never-given-up",
    ],
)
def test_finding_with_features_can_be_stored_and_shown_again(mutant: str, tmp_path: Path) -> None:
    """Configurations, sessions, clients' answers, crashes inside a step and a standstill too."""
    done = raft_oracle(tmp_path, "hunt", "--mutant", mutant, "--budget", "60s", "--out", "found")
    assert done.code == 1, done
    again = raft_oracle(tmp_path, "replay", "found/schedule.json")
    assert (again.code, again.err) == (1, "")
    assert table_of(again.out) == table_of((tmp_path / "found/trace.txt").read_text())


@pytest.mark.parametrize("driver", ["walker", "hypothesis"])
def test_number_of_workers_does_not_change_what_was_done(driver: str, tmp_path: Path) -> None:
    """With a budget of steps, the summary counts the same runs and steps."""
    words = ("hunt", "--steps", "3000", "--driver", driver, "--workers")
    outs = [raft_oracle(tmp_path, *words, workers).out for workers in ("1", "3")]
    counts = [out.split(" run")[0] for out in outs]
    assert counts[0] == counts[1]
    reached = [[line for line in out.splitlines() if "eached:" in line] for out in outs]
    assert reached[0] == reached[1]


def test_replay_shows_the_same_trace_from_another_directory(hunted: Path, tmp_path: Path) -> None:
    """The exit code is 1, and the table is the one in trace.txt."""
    done = raft_oracle(tmp_path, "replay", str(hunted / "found/schedule.json"))
    assert (done.code, done.err) == (1, "")
    assert table_of(done.out) == table_of((hunted / "found/trace.txt").read_text())


def table_of(trace: str) -> str:
    """The part of a trace from the steps to the servers."""
    start = trace.index("     action ")
    return "\n\n".join(trace[start:].split("\n\n")[:2]).strip()


def test_schedule_of_an_adapter_replays_from_another_directory(tmp_path: Path) -> None:
    """A schedule names its adapter by the whole path."""
    (tmp_path / "there").mkdir()
    (tmp_path / "there/mine.py").write_bytes(Path(BROKEN).read_bytes())
    words = ("hunt", "mine.py", "--budget", "5s", "--out", "found", "--workers", "1")
    assert raft_oracle(tmp_path / "there", *words).code == 1
    done = raft_oracle(tmp_path, "replay", "there/found/schedule.json")
    assert done.code == 1, done
    assert "receive() raised RuntimeError" in done.out
    assert run_pytest(tmp_path, tmp_path / "there/found/test_regression.py").returncode == 1


def run_pytest(cwd: Path, path: Path) -> subprocess.CompletedProcess[bytes]:
    """A file of tests, run as it is by a pytest without settings."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    return subprocess.run(
        [*command, f"--rootdir={cwd}", str(path)],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        check=False,
    )


def test_regression_test_fails_with_the_bug_and_passes_without(
    hunted: Path, tmp_path: Path
) -> None:
    """As written it fails by its assertion; with MUTANT set to None it passes."""
    path = hunted / "found/test_regression.py"
    failed = run_pytest(tmp_path, path)
    assert failed.returncode == 1
    assert b"ElectionSafety" in failed.stdout
    repaired = tmp_path / "test_repaired.py"
    repaired.write_text(path.read_text().replace("= 'double-vote'", "= None"))
    assert run_pytest(tmp_path, repaired).returncode == 0


def test_schedule_that_no_longer_fails_is_inconclusive(hunted: Path, tmp_path: Path) -> None:
    """A replay that finds nothing where a violation was saved says so, and exits with 2."""
    text = (hunted / "found/schedule.json").read_text()
    path = tmp_path / "repaired.json"
    path.write_text(text.replace('"mutant": "double-vote"', '"mutant": null'))
    done = raft_oracle(tmp_path, "replay", str(path))
    assert done.code == 2
    assert "Not as saved: expected ElectionSafety" in done.out


def test_finding_is_printed_where_it_cannot_be_written(tmp_path: Path) -> None:
    """On a full disk the schedule goes to standard error, and the exit code is still 1."""
    with full_disk(tmp_path):
        words = ("hunt", "--mutant", "double-vote", "--out", "full/found", "--workers", "1")
        done = raft_oracle(tmp_path, *words)
    assert done.code == 1
    assert "cannot write to full/found: No space left on device" in done.err
    assert '"format": "raft-oracle schedule"' in done.err
    assert "Traceback" not in done.err


def test_finding_is_printed_where_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The same without a full disk: renaming fails, and no half of a file stays."""

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fails)
    assert Store(tmp_path / "out").write({"schedule.json": b"{the schedule}"}) is None
    assert "{the schedule}" in capfd.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


def test_hunts_at_the_same_moment_have_folders_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two stores never write to one folder, and `latest` leads to the last."""
    monkeypatch.chdir(tmp_path)
    for content in (b"one", b"two"):
        assert Store(None).write({"schedule.json": content}) == Path(".raft-oracle/latest")
    home = tmp_path / ".raft-oracle"
    assert sorted(each.read_bytes() for each in home.glob("2*/schedule.json")) == [b"one", b"two"]
    assert (home / "latest/schedule.json").read_bytes() == b"two"


def test_files_of_an_older_finding_go(tmp_path: Path) -> None:
    """A folder never holds the schedule of one finding and the trace of another."""
    store = Store(tmp_path)
    store.write(dict.fromkeys(NAMES, b"old"))
    store.write({"schedule.json": b"new"})
    assert [each.name for each in tmp_path.iterdir()] == ["schedule.json"]


@pytest.mark.parametrize("names", [("model", "properties", "oracle", "raft_core", "random")])
def test_files_of_the_user_are_not_imported(names: tuple[str, ...], tmp_path: Path) -> None:
    """A directory may hold modules of any name: neither the hunt nor its workers look there."""
    for name in names:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong file')")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/__init__.py").write_text("raise SystemExit('the wrong file')")
    for subject in ("reference", TOY):
        done = raft_oracle(tmp_path, "hunt", subject, "--steps", "20000", "--workers", "2")
        assert done.code == 0, done
        assert "No violation found" in done.out
    script = Path(sys.executable).with_name("raft-oracle")
    if script.exists():
        variables = {name: text for name, text in environment().items() if name[:4] != "PYTH"}
        hunt = subprocess.run(
            [str(script), "hunt", "--steps", "20000"],
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            check=False,
        )
        assert hunt.returncode == 0, hunt
    assert ROOT not in tmp_path.parents


def double_vote() -> tuple[HuntPlan, Cluster, Shrunk]:
    """A plan with a mutant, a cluster of it, and a finding in it."""
    plan = make_plan(TargetRequest(subject=Reference(), mutant="double-vote"), 0)
    cluster = plan.cluster()
    schedule = (ElectionTimeout(s1), Elect(s3), Exchange(s1, s3, newest_first=True))
    violation = violation_of(cluster, schedule)
    assert violation is not None
    shrunk = shrink(cluster, schedule, violation)
    return plan, cluster, shrunk


def test_run_that_shows_too_much_has_no_trace_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is what `replay` refuses too; the schedule and its test are there."""
    plan, cluster, shrunk = double_vote()
    assert "trace.json" in artefacts_of(plan, cluster.subject, shrunk, shrunk.micro).files
    monkeypatch.setattr("model.runs.run.MOST_STEPS", len(shrunk.micro) - 1)
    made = artefacts_of(plan, cluster.subject, shrunk, shrunk.micro)
    assert set(made.files) == {"trace.txt"}
    assert set(made.files_in(Path())) == {"schedule.json", "test_regression.py", "trace.txt"}
    assert "No trace, and none by `raft-oracle replay`: found more than 5 steps" in made.trace
    assert trace_at(made, 80) == made.trace
    with pytest.raises(UsageError, match="found more than 5 steps"):
        play_safely(plan, shrunk.micro)


def test_finding_of_a_later_run_says_so() -> None:
    """What was told first, and the schedule that is shown, have different numbers of actions."""
    plan, cluster, shrunk = double_vote()
    for later in (False, True):
        long = evolve(shrunk, micro=shrunk.micro * (1 + later))
        best = shortest_of(cluster, 0, 0, False, long)
        heading = " ".join(artefacts_of(plan, cluster.subject, best, best.micro).trace.split())
        assert ("of a later run shrunk to" in heading) == later
