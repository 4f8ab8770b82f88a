"""What is told of entries: versions of a log share it, and a schedule from elsewhere is bounded."""

import pytest

from model.failures import LongRunError
from model.runs.told_entries import LONGEST, MOST_CHARACTERS, OF_ENTRY, ToldEntries, cut_short
from raft_core import Entry, Log
from raft_core.vector import CHUNK

LONG = "v" * LONGEST


def log_with(commands: int, command: str = "v1") -> Log:
    """A log of so many entries of one term."""
    return Log().appended([Entry(1, command)] * commands)


def test_versions_of_a_log_share_what_is_told_of_them() -> None:
    """An entry of a whole chunk is the same thing in both, and takes memory once."""
    entries = ToldEntries()
    log = log_with(CHUNK + 1)
    first, second = entries.of_log(log), entries.of_log(log.appended([Entry(2, "v2")]))
    assert second == (*first, (2, "v2"))
    assert all(mine is yours for mine, yours in zip(first[:CHUNK], second[:CHUNK], strict=True))


@pytest.mark.parametrize("commands", [1, CHUNK])
def test_schedule_from_elsewhere_fills_no_memory(commands: int) -> None:
    """All logs together are bounded, whether they share something or not."""
    log, entries = log_with(commands, LONG), ToldEntries.bounded()
    for _ in range(MOST_CHARACTERS // (len(LONG) + OF_ENTRY) // commands):
        entries.of_log(log)
    with pytest.raises(LongRunError, match="more than 20,000,000 characters"):
        entries.of_log(log)


def test_text_that_nobody_reads_to_its_end_is_cut_off() -> None:
    """A log of files is told as their beginnings, and how long they are."""
    ((_, text),) = ToldEntries.bounded().of_log(log_with(1, LONG * 30_000))
    assert text == f"{LONG}... (30,000,000 characters)" == cut_short(LONG * 30_000)
    assert cut_short(LONG) == LONG
