"""Results for programs, from the command line: one object on standard output, the text beside."""

import gzip
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from oracle.formats.result_json import Result, decode_result
from tests.oracle.command import ROOT, TOY, Done, command_line, environment, raft_oracle
from tests.oracle.formats.junit import faults
from tests.oracle.full_disk import full_disk

TRACE = ROOT / "tests/data/traces/etcd-raft-3.7.0-joint.ndjson.gz"
OPERATION = '{"client": 1, "command": "get x", "invoked": 1, "responded": 2, "output": "%s"}\n'
BOUNDS = ("--max-term", "1", "--max-inbox", "2", "--client-requests", "0")
COMMANDS = {
    "hunt": ("hunt", "--mutant", "double-vote", "--out", "found"),
    "hunt that finds nothing": ("hunt", "--steps", "2000"),
    "explore": ("explore", "--mutant", "double-vote", *BOUNDS, "--out", "found"),
    "explore that finds nothing": ("explore", *BOUNDS),
    "explore --liveness": ("explore", "--liveness", *BOUNDS),
    "check-trace": ("check-trace", "broken.ndjson"),
    "check-trace that accepts": ("check-trace", str(TRACE)),
    "check-history": ("check-history", "broken.jsonl"),
    "check-history that accepts": ("check-history", "right.jsonl"),
}


def called(
    folder: Path, *words: str, junit: str = "junit.xml", **variables: str
) -> tuple[Done, Result]:
    """A command with --json and --junit, and what it prints."""
    lines = gzip.decompress(TRACE.read_bytes()).replace(b'"commit":7', b'"commit":700')
    (folder / "broken.ndjson").write_bytes(lines)
    (folder / "broken.jsonl").write_text(OPERATION % "1")
    (folder / "right.jsonl").write_text(OPERATION % "")
    done = raft_oracle(folder, *words, "--json", "--junit", junit, variables=variables)
    return done, decode_result(done.out)


@pytest.mark.parametrize("name", COMMANDS)
def test_command_prints_one_object(tmp_path: Path, name: str) -> None:
    """Its exit code is the command's, its cases say what is broken, and the text is beside."""
    done, result = called(tmp_path, *COMMANDS[name])
    code = 1 if name in ("hunt", "explore", "check-trace", "check-history") else 0
    assert done.code == result.exit_code == code, done.err
    assert result.command == COMMANDS[name][0]
    broken = [case for case in result.cases if case.outcome == "broken"]
    assert len(broken) == code
    assert any(case.outcome == "held" for case in result.cases) or result.command == "check-history"
    assert result.sentence.split(":")[0].split(" in ")[0] in done.err
    for case in broken:
        assert case.detail
        assert case.folder is not None
        assert (tmp_path / case.folder / "report.html").is_file()
    document = (tmp_path / "junit.xml").read_bytes()
    assert faults(document) == []
    root = ElementTree.fromstring(document)
    assert len(list(root.iter("testcase"))) == len(result.cases)
    assert len(list(root.iter("failure"))) == code


def test_hunt_says_what_was_done_and_what_was_reached(tmp_path: Path) -> None:
    """Its seed and its counts are those of the text; a case has where it is written and lies."""
    done, result = called(tmp_path, *COMMANDS["hunt"], "--seed", "3", "--all", "--steps", "3000")
    assert (result.seed, result.format, result.version) == (3, "raft-oracle result", 1)
    assert result.runs is not None
    assert f"in {result.steps:,} steps of {result.runs:,} runs" in done.err
    assert "leader elected" in result.reached
    assert not set(result.reached) & set(result.not_reached)
    assert result.subject.startswith("reference 0.1.0, mutant double-vote, 3 servers")
    broken = next(case for case in result.cases if case.name == "ElectionSafety")
    assert (broken.severity, broken.steps) == ("unsafe", 6)
    assert broken.source.startswith("Figure 3")
    assert broken.folder == "found/unsafe/ElectionSafety-RequestVoteResponse"
    assert result.sentence.startswith(f"{sum(case.outcome == 'broken' for case in result.cases)} ")


def test_adapter_that_is_checked_has_a_case_for_each_claim(tmp_path: Path) -> None:
    """The scaffold in Python holds to all that it can be asked."""
    written = raft_oracle(tmp_path, "init", "--lang", "python", "mine")
    assert written.code == 0, written.err
    words = ("check-adapter", "--json", "--", "python3", "mine/adapter.py")
    done = raft_oracle(tmp_path, *words, variables={"PYTHONSAFEPATH": ""})
    result = decode_result(done.out)
    assert (done.code, result.exit_code) == (0, 0), done.err
    assert sum(case.outcome == "held" for case in result.cases) > 5


def test_findings_are_annotated_where_github_runs_it(tmp_path: Path) -> None:
    """On standard error, beside the JSON; nowhere else are they."""
    done, _ = called(tmp_path, *COMMANDS["hunt"], GITHUB_ACTIONS="true")
    assert "::error title=ElectionSafety::" in done.err
    elsewhere, _ = called(tmp_path, *COMMANDS["hunt"], GITHUB_ACTIONS="")
    assert "::error" not in elsewhere.err


def test_junit_that_nobody_can_write_is_refused_before_anything_begins(tmp_path: Path) -> None:
    """One line, and no hunt of an hour whose result has no place."""
    (tmp_path / "taken").write_text("")
    done = raft_oracle(tmp_path, "hunt", TOY, "--steps", "300", "--junit", "taken/where.xml")
    assert (done.code, done.out) == (64, "")
    assert "junit: found taken, which is no folder, expected a folder to write to" in done.err


def test_folder_of_junit_is_made(tmp_path: Path) -> None:
    """So it may be that of the findings, which is there only if there is one."""
    done = raft_oracle(tmp_path, "hunt", TOY, "--steps", "300", "--junit", "no/where.xml")
    assert done.code == 0, done.err
    assert (tmp_path / "no/where.xml").is_file()


ON_A_FULL_DISK = {
    "hunt": (1, "ElectionSafety violated"),
    "explore": (1, "Violated, after"),
    "check-trace": (1, "Rejected at line"),
    "check-history": (1, "Not linearizable"),
    "check-history that accepts": (2, "Linearizable"),
}
"""What is found without JUnit's file, and the exit code: nothing found is no clean run then."""


@pytest.mark.parametrize("name", ON_A_FULL_DISK)
def test_full_disk_takes_nothing_from_what_was_found(tmp_path: Path, name: str) -> None:
    """It is told, in words and as JSON, with its exit code and a line about the file."""
    code, sentence = ON_A_FULL_DISK[name]
    with full_disk(tmp_path) as full:
        done, result = called(tmp_path, *COMMANDS[name], junit=f"{full}/junit.xml")
    assert done.code == result.exit_code == code
    assert sentence in done.err
    assert f"raft-oracle: junit: cannot write to {full}/junit.xml: No space left" in done.err


@pytest.mark.parametrize("name", ["explore", "check-trace", "check-history"])
def test_files_are_written_even_if_nobody_reads_the_text(tmp_path: Path, name: str) -> None:
    """Standard output is full, and the page is there."""
    called(tmp_path, *COMMANDS[name])
    for page in tmp_path.rglob("report.html"):
        page.unlink()
    with open("/dev/full", "w") as full:
        command = command_line(*COMMANDS[name])
        done = subprocess.run(command, cwd=tmp_path, env=environment(), stdout=full, check=False)
    assert done.returncode == 1
    assert list(tmp_path.rglob("report.html"))
