"""Commands that use no NumPy and no Hypothesis start without them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.oracle.command import ROOT, environment

TRACE = str(ROOT / "tests/data/traces/etcd-raft-3.7.0-restarts.ndjson.gz")
IMPORTED = """
import json, sys
from raft_oracle import main
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
"""A program that runs a command, and says afterwards which modules it has imported."""


def imported_by(directory: Path, *words: str) -> set[str]:
    """The modules that a command has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *words],
        cwd=directory,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("check-trace", TRACE)], ids=str)
def test_commands_start_without_numpy_and_hypothesis(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    """Nor is anything imported that asks for them: the drivers, the explorer, the cluster."""
    imported = imported_by(tmp_path, *words)
    heavy = {"numpy", "hypothesis", "rich", "distributed", "pysyncobj"}
    assert imported & heavy == set()
    assert {
        name for name in imported if name.startswith(("model.drivers", "model.explorer"))
    } == set()


def test_a_hunt_starts_without_hypothesis(tmp_path: Path) -> None:
    """Unless it is the driver: every hunt, and each of its workers, would wait for it."""
    words = ("hunt", "--steps", "1", "--workers", "1", "--driver")
    assert "hypothesis" not in imported_by(tmp_path, *words, "walker")


def test_what_is_imported_is_seen(tmp_path: Path) -> None:
    """The help of `explore` names its engines, so it imports NumPy."""
    assert "numpy" in imported_by(tmp_path, "explore", "--help")
