"""`raft-oracle trace`: a cluster that runs by itself, judged by its trace while it runs."""

import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

import click

from oracle.bridging.build import built_command
from oracle.bridging.description import find_bridge
from oracle.bridging.running_cluster import ClusterFailedError, RunningCluster
from oracle.commands.check_trace import EXIT_CODES, read_rules
from oracle.commands.check_trace_report import report
from oracle.commands.names import (
    completed,
    traced_names,
)
from oracle.commands.options import read_settings
from oracle.commands.shared_options import (
    ignored_rules_option,
    mutant_option,
    seed_option,
    settings_option,
)
from oracle.store.result_folder import STANDARD_ERROR, Store
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo, even_if_nobody_listens, print_report
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import printable
from oracle.traces.formats import FACTS
from oracle.traces.lines import TraceError
from oracle.traces.verdict import Kind, check_trace

TRACE: Final = "trace.jsonl.gz"
VERDICT: Final = "verdict.txt"
MOST_SECONDS: Final = 24 * 60 * 60


@click.command(name="trace")
@click.argument("name", metavar="BRIDGE", shell_complete=completed(traced_names))
@mutant_option("Known mistake to build into a copy of the library (default: none).")
@click.option(
    "--seconds",
    type=float,
    default=20.0,
    help="Seconds for which the cluster runs (default: 20).",
)
@click.option(
    "--servers",
    type=int,
    help="Number of servers in the cluster at first (default: 3, or what the mutant needs).",
)
@seed_option("Number from which the faults are drawn (default: 0).")
@settings_option(
    "Setting of the cluster, see docs/bridges.md; can be given several times (default: those "
    "that are listed there)."
)
@ignored_rules_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for a trace that is not accepted (default: .raft-oracle/<time>).",
)
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
    bridge = find_bridge(name).in_mode("trace")
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
    command = (*built_command(name, mutant, "trace"), *numbers, *words)
    heading = f"{name} {bridge.library_version()}" + (f", mutant {mutant}" if mutant else "")
    heading += f"; {' '.join((*numbers, *words))}\n"
    with tempfile.TemporaryFile(buffering=0) as kept, tempfile.TemporaryFile() as errors:
        cluster = RunningCluster(command, seconds, kept, errors)
        sys.exit(judge(cluster, ignored, store, heading))


def judge(cluster: RunningCluster, ignore: frozenset[str], store: Store, heading: str) -> int:
    """Hear a cluster to its end, or to its first impossible event; the exit code."""
    failure, verdict = "", None
    try:
        with closing(cluster.lines()) as lines:  # whatever ends it, the kept trace is whole
            verdict = check_trace(lines, FACTS, ignore=ignore)
    except ClusterFailedError as error:
        failure = f"Failed: the cluster {error}.\n"
    except TraceError as error:
        failure = f"Failed: the cluster's trace: {error}.\n"
    finally:
        cluster.stop()
    text = heading + (report(verdict) if verdict else failure)
    code = Exit.VIOLATION if verdict is None else EXIT_CODES[verdict.kind]
    kept = ""
    if verdict is None or verdict.kind is not Kind.ACCEPTED:
        kept = where_kept(store, cluster, text)  # whether or not anybody listens
    with even_if_nobody_listens():
        print_report(text)
        echo(kept, newline=False)
    return code


def where_kept(store: Store, cluster: RunningCluster, text: str) -> str:
    """Keep a trace, and say where."""
    kept, files = cluster.kept, {VERDICT: printable(text).encode()}
    if kept.failed is None:
        kept.file.seek(0)
        files[TRACE] = kept.file.read()
    else:
        echo(f"the trace could not be kept: {kept.failed}", err=True)
    errors = cluster.standard_error()
    folder = store.write({**files, STANDARD_ERROR: errors} if errors else files)
    return f"Trace:    {folder / TRACE}\n" if folder and TRACE in files else ""
