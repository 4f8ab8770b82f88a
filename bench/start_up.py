"""How long commands take from their start to their end, against Python with click alone."""

import subprocess
import sys
import time
from collections.abc import Mapping
from functools import partial
from typing import Final

from bench.timing import Measured, Worked, take_turns

NOTHING_BUT_CLICK: Final = "python -c 'import click'"
COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    NOTHING_BUT_CLICK: ("-c", "import click"),
    "raft-oracle --help": ("-m", "oracle", "--help"),
    "raft-oracle --version": ("-m", "oracle", "--version"),
    "raft-oracle check-trace --help": ("-m", "oracle", "check-trace", "--help"),
    "raft-oracle hunt --help": ("-m", "oracle", "hunt", "--help"),
    "with NumPy and Hypothesis": ("-c", "import click, numpy, hypothesis"),
}
"""What is timed, by its name in the table; a step is a whole process."""


def run(words: tuple[str, ...]) -> Worked:
    """One process from its start to its end."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True)
    return 1, time.perf_counter() - started


def measure(rounds: int = 7) -> dict[str, Measured]:
    """All commands in turn."""
    return take_turns(
        {name: partial(run, words) for name, words in COMMANDS.items()},
        rounds,
    )
