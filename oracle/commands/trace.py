"""`raft-oracle trace`: a cluster that runs by itself, judged by its trace while it runs."""

import gzip
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

import click

from model.subject import SubjectError
from oracle.bridging.build import built_command
from oracle.bridging.description import Bridge, find_bridge
from oracle.commands.check_trace import EXIT_CODES, read_rules
from oracle.commands.check_trace_report import report
from oracle.commands.options import read_settings
from oracle.hunting.findings import STANDARD_ERROR, Store
from oracle.processes import process_groups as groups
from oracle.processes.line_process import manner_of_end
from oracle.terminal.output import even_if_nobody_listens
from oracle.terminal.usage import UsageError, patience
from oracle.traces.lines import LONGEST_LINE, TraceError
from oracle.traces.verdict import FACTS, Kind, check_trace

TRACE: Final = "trace.jsonl.gz"
VERDICT: Final = "verdict.txt"
FAILED: Final = 1
WRONG_USAGE: Final = 64
PIECE: Final = 1 << 16
MOST_SECONDS: Final = 24 * 60 * 60
KEPT: Final = 1 << 16
"""Bytes of standard error that are kept."""


class ClusterFailedError(SubjectError):
    """The program that runs a cluster hangs, or has ended otherwise than well."""


class RunningCluster:
    """A process that writes a trace; the trace is kept, compressed, as it comes."""

    def __init__(
        self, command: Sequence[str], seconds: float, kept: IO[bytes], errors: IO[bytes]
    ) -> None:
        self.until = time.monotonic() + seconds + 2 * patience()
        self.kept, self.errors = kept, errors
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,
                process_group=0,
            )
        except OSError as error:
            raise UsageError(f"cannot start {command[0]}: {error.strerror}") from None
        groups.note(self._process.pid)

    def lines(self) -> Iterator[bytes]:
        """Whole lines, as they come; ClusterFailedError where the process does not end well."""
        compressed = gzip.GzipFile(fileobj=self.kept, mode="wb", compresslevel=1, mtime=0)
        rest = b""
        with compressed:
            while piece := self._piece():
                whole, end, rest = (rest + piece).rpartition(b"\n")
                compressed.write(whole + end)
                yield from whole.splitlines(keepends=True)
                if len(rest) > LONGEST_LINE:
                    raise ClusterFailedError(f"wrote a line of more than {LONGEST_LINE:,} bytes")
        self._end()

    def _piece(self) -> bytes:
        """What has come; nothing at the end."""
        assert self._process.stdout is not None
        waiting = self.until - time.monotonic()
        if waiting <= 0 or not select.select([self._process.stdout], [], [], waiting)[0]:
            raise ClusterFailedError("hangs: its time is over, and it does not end")
        return os.read(self._process.stdout.fileno(), PIECE)

    def _end(self) -> None:
        try:
            code = self._process.wait(patience())
        except subprocess.TimeoutExpired:
            raise ClusterFailedError("closed its standard output and does not end") from None
        if code == WRONG_USAGE:
            raise UsageError(self.complaint())
        if code:
            first = self.complaint()
            raise ClusterFailedError(manner_of_end(code) + (f": {first}" if first else ""))

    def complaint(self) -> str:
        """The first line of standard error."""
        lines = self.standard_error().decode(errors="replace").strip().splitlines()
        return lines[0] if lines else ""

    def standard_error(self) -> bytes:
        """What it wrote to standard error, or the beginning of it."""
        self.errors.seek(0)
        return self.errors.read(KEPT)

    def stop(self) -> None:
        """End the process with all that it has started."""
        groups.end(self._process.pid)
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


@click.command(name="trace")
@click.argument("name", metavar="BRIDGE")
@click.option("--mutant", metavar="NAME", help="One of the bridge's mutants.")
@click.option("--seconds", type=float, default=20.0, help="How long the cluster runs (20).")
@click.option("--servers", type=int, help="Servers in the cluster at first (3).")
@click.option("--seed", type=int, default=0, help="Names the faults that are drawn (0).")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="For the cluster.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Not held against the servers.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for what is rejected.")
def trace_command(
    name: str,
    mutant: str | None,
    seconds: float,
    servers: int | None,
    seed: int,
    settings: tuple[str, ...],
    ignore: tuple[str, ...],
    out: Path | None,
) -> None:
    """Run a cluster of BRIDGE, which runs by itself, and judge its trace as it comes.

    Exit codes as those of check-trace: 0 accepted, 1 rejected, or the cluster's program failed;
    2 unknown; 64 wrong usage. A trace that is not accepted is kept.
    """
    bridge = traced_bridge(name)
    if not 0 < seconds <= MOST_SECONDS:
        raise UsageError(
            f"seconds: found {seconds:g}, expected more than 0, at most {MOST_SECONDS}"
        )
    planted = None if mutant is None else bridge.mutant(mutant)
    chosen = {**(planted.settings if planted else {}), **read_settings(settings)}
    if servers is None:
        servers = (planted.servers if planted else None) or 3
    ignored, store = read_rules(ignore), Store(out)
    words = [f"--set={key}={value}" for key, value in sorted(chosen.items())]
    numbers = (f"--servers={servers}", f"--seed={seed}", f"--seconds={seconds:g}")
    command = (*built_command(name, mutant), *numbers, *words)
    heading = f"{name} {bridge.library_version()}" + (f", mutant {mutant}" if mutant else "")
    heading += f"; {' '.join((*numbers, *words))}\n"
    with tempfile.TemporaryFile() as kept, tempfile.TemporaryFile() as errors:
        cluster = RunningCluster(command, seconds, kept, errors)
        sys.exit(judge(cluster, ignored, store, heading))


def traced_bridge(name: str) -> Bridge:
    """The bridge of this name, if it is judged by its trace."""
    bridge = find_bridge(name)
    if not bridge.is_traced:
        raise UsageError(
            f"bridge: {name} is an adapter, expected one that is judged by its trace; "
            f"use `raft-oracle hunt {name}`"
        )
    return bridge


def judge(cluster: RunningCluster, ignore: frozenset[str], store: Store, heading: str) -> int:
    """Hear a cluster to its end, or to its first impossible event; the exit code."""
    failure, verdict = "", None
    try:
        verdict = check_trace(cluster.lines(), FACTS, ignore=ignore)
    except ClusterFailedError as error:
        failure = f"Failed: the cluster {error}.\n"
    except TraceError as error:
        failure = f"Failed: the cluster's trace: {error}.\n"
    finally:
        cluster.stop()
    text = heading + (report(verdict) if verdict else failure)
    code = FAILED if verdict is None else EXIT_CODES[verdict.kind]
    with even_if_nobody_listens():
        click.echo(text, nl=False)
        if verdict is None or verdict.kind is not Kind.ACCEPTED:
            click.echo(where_kept(store, cluster, text), nl=False)
    return code


def where_kept(store: Store, cluster: RunningCluster, text: str) -> str:
    """Keep a trace, and say where."""
    cluster.kept.seek(0)
    files = {TRACE: cluster.kept.read(), VERDICT: text.encode()}
    errors = cluster.standard_error()
    folder = store.write({**files, STANDARD_ERROR: errors} if errors else files)
    return f"Trace:    {folder / TRACE}\n" if folder else ""
