"""Whatever a file holds, its reader accepts it or refuses it, in little time and memory.

RAFT_ORACLE_FUZZ is for how many seconds the readers are tried with ever new files, all together;
without it, each gets the same hundred. A file that breaks a reader is kept in tests/data/corpus,
and tried first then.
"""

import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.mutations import mutated
from tests.fuzz.readers import READERS, Reader
from tests.oracle.command import ROOT

CORPUS: Final = ROOT / "tests/data/corpus"
WORKERS: Final = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
SECONDS: Final = float(os.environ.get("RAFT_ORACLE_FUZZ", "0")) * WORKERS / len(READERS)
"""For each reader: what all have, and what workers do at the same time, is shared out."""
EXAMPLES: Final = 100
MOST_SECONDS: Final = 5
MOST_BYTES: Final = 500 * 2**20


@contextmanager
def bounded() -> Iterator[None]:
    """TimeoutError and MemoryError where something takes longer or more than it may."""

    def late(*_: object) -> None:
        raise TimeoutError(f"took longer than {MOST_SECONDS} s of a processor")

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    handler = signal.signal(signal.SIGPROF, late)
    resource.setrlimit(resource.RLIMIT_AS, (used + MOST_BYTES, before[1]))
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, handler)
        resource.setrlimit(resource.RLIMIT_AS, before)


def judge(reader: Reader, data: bytes, path: Path) -> None:
    """Read a file; what is not a refusal is a mistake of the reader."""
    path.write_bytes(data)
    with bounded(), suppress(*reader.refuses):  # in one line, as every command says it
        reader.read(path)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is bounded by /proc")
@pytest.mark.parametrize("name", READERS)
def test_a_reader_accepts_or_refuses(name: str, tmp_path: Path) -> None:
    """First what has broken it before, then what is drawn."""
    reader, path, kept = READERS[name], tmp_path / "input", CORPUS / name
    for file in sorted(kept.glob("*")):
        judge(reader, file.read_bytes(), path)

    def tries(data: bytes) -> None:
        try:
            judge(reader, data, path)
        except Exception:  # an interrupt breaks no reader
            kept.mkdir(parents=True, exist_ok=True)
            (kept / "newest").write_bytes(data)  # shrinking ends with the smallest
            raise

    ends, tried = time.monotonic() + SECONDS, 0
    first = int(time.time()) if SECONDS else 0  # Hypothesis prints the seed of what breaks
    while tried == 0 or time.monotonic() < ends:
        examples = settings(
            max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None
        )
        seed(first + tried)(examples(given(mutated(reader.seeds))(tries)))()
        tried += 1


@pytest.mark.parametrize("name", READERS)
def test_a_reader_accepts_what_it_begins_from(name: str, tmp_path: Path) -> None:
    """Files that are refused at their first byte would try nothing."""
    path = tmp_path / "input"
    for data in READERS[name].seeds:
        path.write_bytes(data)
        READERS[name].read(path)


def test_a_reader_that_breaks_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other error, a hang, and memory without end."""
    monkeypatch.setattr(f"{__name__}.MOST_SECONDS", 0.2)

    def hangs(path: Path) -> None:
        while True:
            path.stat()

    for read, error in (
        (lambda path: {str(path): 1}["key"], LookupError),
        (hangs, TimeoutError),
        (lambda path: bytearray(2**40), MemoryError),
    ):
        reader = Reader(read, (ValueError,), ())
        with pytest.raises(error):
            judge(reader, b"", tmp_path / "input")
