"""`init --async`: the scaffold for a Raft of tokio's tasks is hunted as it is, and always alike."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from oracle.commands.init import LANGUAGES, PACKAGE, SCAFFOLDS, WITH_TASKS, commands
from tests.oracle.command import Done, is_refused, raft_oracle
from tests.oracle.scaffold_project import CACHE, TARGET, replace_once, run_in_project
from tests.require import require

FOLDER = SCAFFOLDS / WITH_TASKS["rust"]
PROGRAM = str(CACHE / f"async-{TARGET}" / "release" / "adapter")
BUILD_SECONDS = 380
DICE = """
        if command == "block" {
            tokio::task::spawn_blocking(|| ()).await.expect("a thread");
        }
        let order: std::collections::HashSet<u8> = (0..9).collect();
        let chosen = tokio::select! { () = async {} => "a", () = async {} => "b" };
        let times = (std::time::Instant::now(), std::time::SystemTime::now());
        println!("a printed line");
        let command = format!("{command} {} {order:?} {chosen} {times:?}", rand::random::<u32>());
        let (term, index) = {"""
"""What gets into the toy's log, so that every reply depends on it."""
pytestmark = pytest.mark.once


def written(directory: Path) -> Path:
    """The scaffold in a directory."""
    done = raft_oracle(directory, "init", "--lang", "rust", "--async", "mine")
    assert done.code == 0, done.err
    return directory / "mine"


def hunted(folder: Path, *words: str) -> Done:
    """A hunt of the program that was built of it."""
    return raft_oracle(folder, *words, "--", PROGRAM)


def last_reply(*commands: dict[str, object]) -> str:
    """What the program replies to the last of these, each of which waits for the one before."""
    with subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for each in commands:
            process.stdin.write(json.dumps(each).encode() + b"\n")
            process.stdin.flush()
            reply = process.stdout.readline()
        process.stdin.close()
    return reply.decode()


def build(folder: Path) -> None:
    """Build it as its author would, without warnings."""
    require("rust")
    build_command = LANGUAGES["rust"].build
    done = run_in_project("rust", build_command, folder, BUILD_SECONDS, f"async-{TARGET}")
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr


def test_scaffold_holds_and_shows_its_mistake(tmp_path: Path) -> None:
    """It passes check-adapter, and breaks no rule unless its storage forgets to sync."""
    mine = written(tmp_path)
    build(mine)
    checked = hunted(mine, "check-adapter")
    assert checked.code == 0, checked.out + checked.err
    assert "17 ok, 0 FAILED" in checked.out
    for setting in ("off", "on"):
        done = hunted(mine, "hunt", "--set", f"async_writes={setting}", "--steps", "3000")
        assert done.code == 0, done.out + done.err
        assert re.search(r"^Checked: [^:]*\bConforms$", done.out, flags=re.MULTILINE)
    wrong = ("--set", "mistake=unsynced", "--steps", "5000", "--workers", "1")
    found = hunted(mine, "hunt", *wrong)
    assert found.code == 1, found.err
    assert "TermMonotonic violated at step 2" in found.out
    late = hunted(mine, "hunt", *wrong, "--set", "async_writes=on")
    assert late.code == 1, late.err
    odd = hunted(mine, "hunt", "--set", "mistake=maybe")
    assert is_refused(odd)
    assert "setting mistake: found" in odd.err


def test_time_and_chance_are_the_runs_own(tmp_path: Path) -> None:
    """What servers learn from the machine is the same in each process; they may print."""
    mine = written(tmp_path)
    replace_once(mine / "src/raft.rs", "\n        let (term, index) = {", DICE)
    polls = "poll: std::time::Duration::from_millis(5),\n        ..Program"
    replace_once(mine / "src/main.rs", "..Program", polls)
    replace_once(mine / "Cargo.toml", '"rt", "sync", "time"', '"macros", "rt", "sync", "time"')
    build(mine)
    checked = hunted(mine, "check-adapter", "--steps", "300")
    assert checked.code == 0, checked.out + checked.err
    assert "ok       does the same in a new process" in checked.out
    assert "S1: found a thread of its own" in last_reply(
        {"op": "hello", "protocol": 1},
        {"op": "reset", "servers": ["S1"], "settings": {}},
        {"op": "client_request", "server": "S1", "command": "block"},
    )


def test_init_says_how_to_go_on(tmp_path: Path) -> None:
    """The README names the commands that are printed, and the crate lies beside the toy."""
    done = raft_oracle(tmp_path, "init", "--lang", "rust", "--async", "mine")
    assert done.out.splitlines() == ["cd mine", *commands("rust", has_threads=False)]
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"\n{each}\n" in text for each in commands("rust", has_threads=False))
    assert (tmp_path / "mine" / PACKAGE.name / "Cargo.toml").is_file()


def test_other_languages_have_no_such_scaffold(tmp_path: Path) -> None:
    """One line says which have it, and nothing is written."""
    done = raft_oracle(tmp_path, "init", "--lang", "go", "--async", "mine")
    assert is_refused(done)
    assert "init --async: found --lang go, expected rust" in done.err
    assert list(tmp_path.iterdir()) == []
