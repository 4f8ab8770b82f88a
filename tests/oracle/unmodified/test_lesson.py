"""Tests of what a lab's program finds out about its fields, with programs that are scripts."""

from pathlib import Path

import pytest

from oracle.unmodified.lesson import LEARNED, learn

ENDS_IN_ITS_THIRD_ACT = """#!/bin/sh
if [ "$#" = 1 ]; then printf ...; exit 2; fi
printf '..learned with %s;\\n' "$2"
"""
"""Played whole it ends the process; told how far that went well, it says what it had found out."""


def program_of(script: str, folder: Path) -> Path:
    """A script as a lab's program."""
    program = folder / "server"
    program.write_text(script)
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("script", ["#!/bin/sh\necho half; exit 2\n", "no program"])
def test_a_program_that_does_not_learn_leaves_nothing(script: str, tmp_path: Path) -> None:
    """Whatever it had printed: each process finds out for itself, and may say what is wrong."""
    program = program_of(script, tmp_path)
    learn(program)
    assert not program.with_name(LEARNED).exists()


def test_what_was_found_out_before_a_lab_ended_is_kept(tmp_path: Path) -> None:
    """The script is played once more, without the act in which the lab ended."""
    program = program_of(ENDS_IN_ITS_THIRD_ACT, tmp_path)
    learn(program)
    assert program.with_name(LEARNED).read_bytes() == b"learned with 1;"
