"""`raft-oracle explore`: its options with their help, and which kind of run they ask for."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

import click

from model.explorer.engines.choice import ENGINES, NoKernelError
from model.explorer.engines.kernel import why_not
from model.explorer.running.distributed import LOCAL
from model.explorer.running.exploration import explore
from model.explorer.running.simulation import simulate
from model.explorer.running.specification import ExecutionOptions
from model.explorer.search.checkpoint import UNFINISHED
from model.explorer.spread.dask_workers import ANSWER_SECONDS, JOIN_SECONDS, ClusterError
from oracle.commands.explore_liveness import conclude_liveness
from oracle.commands.explore_options import (
    BOUND_HELP,
    bound_options,
    number_option,
    read_execution,
    read_spec,
    read_walks,
)
from oracle.commands.explore_report import conclude, line_of
from oracle.commands.grouped import GroupedCommand
from oracle.commands.names import (
    completed,
    model_names,
    property_names,
)
from oracle.commands.results import ResultForms, result_options
from oracle.commands.shared_options import mutant_option, settings_option
from oracle.processes.scratch import half_made, scratch_directory
from oracle.processes.signals import interruptible
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo
from oracle.terminal.progress import reporting
from oracle.terminal.usage import UsageError

FOLDER = click.Path(path_type=Path)


HEADINGS: Final = {
    "What is explored": ("model", "servers", "mutant", "settings", "only", "ignore", "liveness"),
    "Bounds of the cluster": ("max_term", "max_inbox", *BOUND_HELP),
    "Bounds of raft.tla": ("max_log", "max_messages", "max_copies", "values", "history"),
    "How the search goes": (
        *("max_depth", "max_states", "symmetry", "reduce", "engine", "workers", "cluster"),
        *("memory", "simulate", "seed"),
    ),
    "What is written": ("checkpoint", "interval", "resume", "out", "is_json", "junit"),
}


@click.command(name="explore", cls=GroupedCommand, headings=HEADINGS)
@click.argument(
    "subject", metavar="[MODEL]", required=False, shell_complete=completed(model_names, True)
)
@click.option(
    "--model",
    metavar="NAME",
    shell_complete=completed(model_names),
    help="What to explore, as MODEL: `raft` (the reference), `raft.tla` (Ongaro's TLA+ "
    "specification), or a file of your own (default: raft).",
)
@number_option("servers", 3, "Servers in the cluster.")
@number_option("max_term", 2, "The highest term of any server.")
@number_option("max_inbox", 3, "The most distinct messages under way to one server.")
@bound_options
@click.option(
    "--max-depth",
    type=int,
    help="Stop after this many moves from the initial state; a random walk begins anew then "
    "(default: no limit; 100 of a random walk).",
)
@click.option(
    "--max-states",
    type=int,
    help="Stop after the level that reaches this many states (default: no limit).",
)
@click.option(
    "--symmetry/--no-symmetry",
    default=True,
    help="Whether states that differ only in the names of servers count as one (default: they do).",
)
@click.option(
    "--reduce/--no-reduce",
    default=True,
    help="Whether replies that nobody waits for any more are thrown away (default: they are, "
    "unless one could matter).",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="auto",
    help="What makes the states: compiled code, NumPy, or the slow search that the others are "
    "compared with (default: auto, which is the kernel where one was compiled, or NumPy).",
)
@mutant_option("Mutant of the reference to explore, see `raft-oracle mutants` (default: none).")
@click.option(
    "--property",
    "only",
    multiple=True,
    metavar="NAME",
    shell_complete=completed(property_names),
    help="Check only this property; a file FILE.py[:NAME] has properties of your own, which are "
    "checked as well; can be given several times (default: all are checked).",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="NAME",
    shell_complete=completed(property_names),
    help="Do not check this property; can be given several times (default: none is ignored).",
)
@settings_option(
    "A setting of the reference, see `raft-oracle subjects`; can be given several times "
    "(default: those of Figure 2)."
)
@click.option(
    "--workers",
    type=int,
    default=1,
    help="Threads that make states; with --cluster, processes (default: 1).",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Spread the search over workers of the Dask scheduler at this address, or over processes "
    "on this machine if it is `local`; docs/explorer.md says how (default: one process).",
)
@click.option(
    "--memory",
    metavar="SIZE",
    help="Stop before the states need more memory, such as 8GiB or 500MiB (default: three "
    "quarters of the machine's).",
)
@click.option(
    "--checkpoint", type=FOLDER, help="Store the search in this folder (default: it is not stored)."
)
@click.option("--interval", default=300.0, help="Seconds between two checkpoints (default: 300).")
@click.option(
    "--resume",
    type=FOLDER,
    help="Go on with the search that is stored in this folder, within its bounds, and store it "
    "there (default: begin a new one).",
)
@click.option(
    "--out",
    type=FOLDER,
    help="Folder for the files of a counterexample (default: .raft-oracle/<time>).",
)
@click.option(
    "--liveness",
    is_flag=True,
    help="Ask every state whether a leader can still commit, in place of checking properties.",
)
@click.option(
    "--simulate",
    type=int,
    metavar="MOVES",
    help="Walk at random until this many moves are made (default: visit every state instead).",
)
@number_option("seed", 0, "The number that names the random walks: the same one, the same walks.")
@number_option("max_log", 1, "raft.tla: the most entries of a log.")
@number_option("max_messages", 1, "raft.tla: the most distinct messages under way.")
@number_option("max_copies", 1, "raft.tla: the most copies of each message under way.")
@number_option("values", 1, "raft.tla: how many values clients ask for.")
@click.option(
    "--history/--no-history",
    default=False,
    help="raft.tla: whether its history variables are part of a state (default: they are not).",
)
@result_options
@click.pass_context
def explore_command(context: click.Context, /, **options: Any) -> None:
    """Explore every schedule within bounds, and say what was covered.

    MODEL is `raft` (the reference), `raft.tla`, or a file MODEL.py[:NAME] with a ReferenceFactory
    or a System of your own.

    Exit codes: 0 no violation, 1 a violation or a dead end, 2 inconclusive, 64 wrong usage.
    """
    forms = ResultForms(options["is_json"], options["junit"])
    try:
        spec, execution = read_spec(context, options), read_execution(options)
        if options["liveness"]:
            raise SystemExit(conclude_liveness(spec, execution, forms))
        announce(execution)
        with (
            interruptible() as interruption,
            tidy(execution.checkpoint),
            reporting("exploring", line_of) as report,
        ):
            if options["simulate"] is not None:
                walks = read_walks(options)
                result = simulate(spec, walks, report, lambda: interruption.came)
            else:
                result = explore(spec, execution, report, lambda: interruption.came)
    except (ValueError, NoKernelError, ClusterError) as error:
        raise UsageError(str(error)) from error
    except MemoryError:
        echo("explorer: out of memory; --memory SIZE ends it in time", err=True)
        raise SystemExit(Exit.INCONCLUSIVE) from None
    if options["engine"] == "auto" and result.engine == "numpy" and result.walks is None:
        echo(f"explorer: no compiled kernel ({why_not()}), using NumPy", err=True)
    raise SystemExit(conclude(result, options["out"], forms))


def announce(execution: ExecutionOptions) -> None:
    """Say what is waited for before a search of other machines begins, and for how long."""
    if execution.cluster not in (None, LOCAL):
        workers = "1 worker" if execution.workers == 1 else f"{execution.workers} workers"
        echo(
            f"explorer: asking the scheduler at {execution.cluster} for {workers}: waiting "
            f"{ANSWER_SECONDS} s for its answer, and {JOIN_SECONDS} s until it has them",
            err=True,
        )


@contextmanager
def tidy(checkpoint: Path | None) -> Iterator[None]:
    """Whatever ends a search, no half of a checkpoint stays, and no file of its workers."""
    before, tempfile.tempdir = tempfile.tempdir, scratch_directory()
    try:
        with nullcontext() if checkpoint is None else half_made(checkpoint / UNFINISHED):
            yield
    finally:
        tempfile.tempdir = before
