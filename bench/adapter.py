"""A subject in a process of its own: steps a second, and the share of time that this side takes.

The adapter is a small C program that costs next to nothing, so this is the most that any can do.
"""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from attrs import frozen

from bench.timing import Work
from bench.walker import new_cluster
from model.drivers.walker import walk
from oracle.adapter import subject as adapter_subject
from oracle.adapter import wire
from oracle.adapter.factory import AdapterFactory, adapter_factory
from oracle.processes.line_process import LineProcess
from properties.checker import PROPERTIES
from properties.property import Property

SOURCE = Path(__file__).with_name("adapter.c")
COMPILERS = ("cc", "gcc", "clang")
PATIENCE = 10.0
ROUNDS, RUNS, TRIPS = 5, 60, 20_000
IGNORED = frozenset({"VoteOnce"})
"""Its candidates forget their votes in a crash."""


@frozen
class Share:
    """Steps or round trips a second, and which part of the time this side takes."""

    rate: float
    ours: float
    """Of the time: not between a line's writing and its reply."""
    computed: float
    """Of the time: on a processor in this process, the system's work for pipes included."""


class Waited(LineProcess):
    """A process that times its replies, from the first byte written to the last one read."""

    seconds = 0.0

    def tell(self, line: bytes) -> None:
        """Write, and note when."""
        self.told = time.perf_counter()
        super().tell(line)

    def hear(self, seconds: float) -> bytes:
        """Wait, and add to the time of all processes."""
        try:
            return super().hear(seconds)
        finally:
            Waited.seconds += time.perf_counter() - self.told


def compiled(folder: str) -> str | None:
    """The program; None where there is no compiler."""
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        return None
    program = f"{folder}/idle"
    subprocess.run([compiler, "-O2", "-o", program, str(SOURCE)], check=True)
    return program


def measured(work: Work) -> Share:
    """The best of some rounds: others compute on this machine, too."""
    shares = []
    for _ in range(ROUNDS):
        computed, Waited.seconds = time.process_time(), 0.0
        steps, seconds = work()
        ours = max(0.0, 1 - Waited.seconds / seconds)
        shares.append(Share(steps / seconds, ours, (time.process_time() - computed) / seconds))
    return max(shares, key=lambda share: share.rate)


def trips(factory: AdapterFactory) -> Work:
    """Lines that go there and back, as they are."""
    process = factory.adapter.take()
    line = wire.encode_command(wire.HeartbeatTimeout("S1"))
    process.ask(wire.encode_command(wire.Reset(("S1", "S2", "S3"), {})), PATIENCE)

    def work() -> tuple[int, float]:
        started = time.perf_counter()
        for _ in range(TRIPS):
            process.ask(line, PATIENCE)
        return TRIPS, time.perf_counter() - started

    return work


def calls(factory: AdapterFactory) -> Work:
    """Calls of the subject: a line is encoded, and the reply becomes packets and views."""
    subject = factory.create(3, {})
    subject.reset()
    (packet, *_) = subject.election_timeout(subject._views.members[0])

    def work() -> tuple[int, float]:
        started = time.perf_counter()
        for _ in range(TRIPS):
            subject.receive(packet)
        return TRIPS, time.perf_counter() - started

    return work


def walking(factory: AdapterFactory, properties: tuple[Property, ...]) -> Work:
    """Runs of the walker: the same ones at every call."""
    cluster = new_cluster(factory, 3, properties)

    def work() -> tuple[int, float]:
        before, started = cluster.micro_steps, time.perf_counter()
        for number in range(RUNS):
            walk(cluster, 0, number)
        return cluster.micro_steps - before, time.perf_counter() - started

    return work


def table() -> str:
    """Rates and shares, or why there are none."""
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(adapter_subject, "LineProcess", Waited),
    ):
        program = compiled(folder)
        if program is None:
            return f"Adapter in C: not measured, found none of {', '.join(COMPILERS)}\n"
        factory = adapter_factory((program,), PATIENCE)
        properties = tuple(each for each in PROPERTIES if each.name not in IGNORED)
        rows = {
            "round trips": measured(trips(factory)),
            "calls of the subject": measured(calls(factory)),
            "walker, no properties": measured(walking(factory, ())),
            "walker, all properties": measured(walking(factory, properties)),
        }
    lines = ["Adapter in C, one worker", f"  {'':<34} {'a second':>10} {'ours':>6} {'our CPU':>9}"]
    lines += [
        f"  {name:<34} {row.rate:>10,.0f} {row.ours:>6.0%} {row.computed:>9.0%}"
        for name, row in rows.items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(table())
