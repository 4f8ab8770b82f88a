"""`raft-oracle explore`: what the user may ask for, and where it goes."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click
from attrs import fields

from model.explorer.engines.choice import ENGINES, NoKernelError
from model.explorer.engines.kernel import why_not
from model.explorer.running.exploration import Means, Order, explore, total_memory
from model.explorer.running.simulation import simulate
from model.explorer.search.checkpoint import CheckpointError, read_manifest
from model.explorer.search.random_walks import Plan
from model.explorer.search.result import UNBOUNDED, Limits
from model.explorer.spread.dask_workers import ClusterError
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft_tla import RaftTla
from model.reference.settings import read_settings as read_choices
from model.setup import Setup
from oracle.commands.explore_liveness import ask, tell_answers
from oracle.commands.explore_report import conclude, line_of
from oracle.commands.options import read_ignored, read_settings, read_workers
from oracle.processes.signals import interruptible
from oracle.store.folder import check_folder
from oracle.subjects.registry import make_setup
from oracle.terminal.progress import reporting
from oracle.terminal.usage import Exit, UsageError

OF_MODEL: Final = ("raft", "raft.tla")
UNITS: Final = {"MiB": 2**20, "GiB": 2**30, "MB": 10**6, "GB": 10**9}
SHARE_OF_MEMORY: Final = 0.75
"""Of the machine's memory, where the user names no limit."""
KEPT_ON_RESUME: Final = frozenset(
    {"engine", "workers", "memory", "checkpoint", "resume", "interval", "max_depth", "max_states"}
    | {"out"}
)
"""Options that may go along with --resume: all others are the checkpoint's."""
BOUND_HELP: Final = {
    "client_requests": "Requests of clients.",
    "restarts": "Crashes with a restart.",
    "drops": "Messages lost.",
    "duplicates": "Messages delivered twice.",
    "compactions": "Snapshots taken (with --set snapshots=on).",
    "membership_changes": "Changes of membership asked for (with --set single_server_changes=on).",
    "transfers": "Transfers of leadership (with --set leadership_transfer=on).",
    "ticks": "Election timeouts that go by (with --set check_quorum=on, say).",
}

OTHER_ENGINES: Final = ("auto", "numpy", "kernel")
ALONE: Final = {
    "engine reference": ("checkpoint", "resume", "memory", "liveness", "simulate", "cluster"),
    "simulate": ("checkpoint", "resume", "liveness"),
    "liveness": ("checkpoint", "resume"),
    "cluster": ("checkpoint", "resume", "liveness", "simulate"),
}
"""What cannot be had together."""
DEPTH_OF_WALKS: Final = 100
MOST_SYMMETRIC: Final = 7
"""Servers whose renamings an engine can still go through: 5,040."""

Command = Callable[..., None]


def number_option(name: str, default: int, meaning: str) -> Callable[[Command], Command]:
    """An option that takes a whole number."""
    return click.option(
        f"--{name.replace('_', '-')}", type=int, default=default, help=f"{meaning} ({default})"
    )


def bound_options(command: Command) -> Command:
    """An option for each bound of the cluster."""
    for name in reversed(BOUND_HELP):
        default: int = getattr(Bounds(), name)
        command = number_option(name, default, BOUND_HELP[name])(command)
    return command


@click.command(name="explore")
@click.option("--model", type=click.Choice(OF_MODEL), default="raft", help="What to explore.")
@number_option("servers", 3, "Servers in the cluster.")
@number_option("max_term", 2, "No term is higher.")
@number_option("max_inbox", 3, "Messages under way to one server, at most.")
@bound_options
@click.option("--max-depth", type=int, help="Stop after so many moves.")
@click.option("--max-states", type=int, help="Stop after the level that reaches so many states.")
@click.option("--symmetry/--no-symmetry", default=True, help="Servers are interchangeable.")
@click.option("--reduce/--no-reduce", default=True, help="Throw away replies nobody waits for.")
@click.option("--engine", type=click.Choice(ENGINES), default="auto")
@click.option("--mutant", metavar="NAME", help="Explore a mutant of the reference.")
@click.option("--property", "only", multiple=True, metavar="NAME", help="Check only this one.")
@click.option("--ignore", multiple=True, metavar="NAME", help="Do not check this one.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="As `hunt reference`.")
@click.option("--workers", type=int, default=1, help="Threads (1).")
@click.option("--cluster", metavar="ADDRESS", help="Dask's scheduler, or `local` (see README).")
@click.option("--memory", metavar="SIZE", help="Stop before more is needed: 8GiB, 500MiB.")
@click.option("--checkpoint", type=click.Path(path_type=Path), help="Store the search here.")
@click.option("--interval", default=300.0, help="Seconds between two checkpoints (300).")
@click.option("--resume", type=click.Path(path_type=Path), help="Take up a stored search.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for a counterexample.")
@click.option("--liveness", is_flag=True, help="Ask every state whether a leader can commit.")
@click.option("--simulate", type=int, metavar="MOVES", help="Walk at random instead.")
@number_option("seed", 0, "Names the random walks.")
@number_option("max_log", 1, "raft.tla: no log is longer.")
@number_option("max_messages", 1, "raft.tla: distinct messages under way, at most.")
@number_option("max_copies", 1, "raft.tla: copies of each, at most.")
@number_option("values", 1, "raft.tla: values that clients ask for.")
@click.option("--history/--no-history", default=False, help="raft.tla: its history variables.")
@click.pass_context
def explore_command(context: click.Context, /, **options: Any) -> None:
    """Explore every schedule within bounds, and say what was covered."""
    try:
        order, means = read_order(context, options), read_means(options)
        if options["liveness"]:
            raise SystemExit(tell_answers(ask(order, means)))
        with interruptible() as interruption, reporting("exploring", line_of) as report:
            if options["simulate"] is not None:
                walks = read_walks(options)
                account = simulate(order, walks, report, lambda: interruption.came)
            else:
                account = explore(order, means, report, lambda: interruption.came)
    except (ValueError, NoKernelError, ClusterError) as error:
        raise UsageError(str(error)) from error
    except MemoryError:
        click.echo("explorer: out of memory; --memory SIZE ends it in time", err=True)
        raise SystemExit(Exit.INCONCLUSIVE) from None
    if options["engine"] == "auto" and account.engine == "numpy" and account.walks is None:
        click.echo(f"explorer: no compiled kernel ({why_not()}), using NumPy", err=True)
    raise SystemExit(conclude(account, options["out"]))


def read_walks(options: dict[str, Any]) -> Plan:
    """How far to walk."""
    check_number("simulate", options["simulate"], 1)
    check_number("seed", options["seed"], 0)
    depth = options["max_depth"] or DEPTH_OF_WALKS
    return Plan(seed=options["seed"], moves=options["simulate"], depth=depth)


def read_order(context: click.Context, options: dict[str, Any]) -> Order:
    """What to explore, from the options or from the checkpoint."""
    if options["resume"] is not None:
        given = [name for name in options if is_given(context, name)]
        if foreign := sorted(set(given) - KEPT_ON_RESUME):
            name = foreign[0].replace("_", "-")
            raise UsageError(f"{name}: found it beside --resume, expected none: it is stored there")
        return stored_order(options["resume"])
    for name in ("servers", "max_term", *BOUND_HELP, "max_log", "max_messages", "max_copies"):
        check_number(name, options[name], 1 if name in ("servers", "max_term") else 0)
    check_number("max_inbox", options["max_inbox"], 1)
    return tla_order(options) if options["model"] == "raft.tla" else raft_order(context, options)


def is_given(context: click.Context, name: str) -> bool:
    """Whether the user typed an option."""
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def stored_order(folder: Path) -> Order:
    """What a checkpoint was asked for."""
    path, manifest = read_manifest(folder)
    try:
        return Order.from_json(manifest.order)
    except (ValueError, LookupError, TypeError) as error:
        raise CheckpointError(f"{path}: order: {error}") from None


def raft_order(context: click.Context, options: dict[str, Any]) -> Order:
    """An order to explore the reference or a mutant."""
    ignored = read_ignored(options["ignore"], options["only"])
    servers = options["servers"] if is_given(context, "servers") else None
    setup = make_setup(
        "reference", servers, None, read_settings(options["settings"]), ignored, options["mutant"]
    )
    check_ticks(options["ticks"], setup)
    return checked(
        Order(
            servers=setup.servers,
            bounds=Bounds(**{each.name: options[each.name] for each in fields(Bounds)}),
            settings=dict(setup.settings),
            ignore=tuple(sorted(ignored)),
            mutant=options["mutant"],
            reduce=options["reduce"],
            symmetry=options["symmetry"],
        )
    )


def check_ticks(ticks: int, setup: Setup) -> None:
    """Time goes by only where some feature is on: Figure 2 alone has no clock."""
    if ticks and not read_choices(setup.settings, setup.servers).configuration.is_extended:
        expected = "expected --set check_quorum=on, say"
        raise UsageError(f"ticks: found {ticks} without a clock, {expected}")


def tla_order(options: dict[str, Any]) -> Order:
    """An order to explore Ongaro's specification."""
    names = [each.name for each in fields(RaftTla) if each.init]
    return checked(
        Order(
            model="raft.tla",
            servers=options["servers"],
            specification=RaftTla(**{name: options[name] for name in names}),
            symmetry=options["symmetry"],
        )
    )


def checked(order: Order) -> Order:
    """The order, if its symmetry can be computed with."""
    if order.symmetry and order.servers > MOST_SYMMETRIC:
        raise UsageError(
            f"servers: found {order.servers} with --symmetry, which has too many renamings; "
            f"expected at most {MOST_SYMMETRIC}, or --no-symmetry"
        )
    return order


def read_means(options: dict[str, Any]) -> Means:
    """With what to explore."""
    limits = Limits(
        depth=limit("max-depth", options["max_depth"]),
        states=limit("max-states", options["max_states"]),
    )
    for mode, others in ALONE.items():
        if options[mode.partition(" ")[0]] not in (None, False, *OTHER_ENGINES):
            for name in others:
                if options[name]:
                    raise UsageError(f"{name}: found it with --{mode}, expected it without")
    if options["checkpoint"] is not None:
        make_folder(options["checkpoint"])
    if options["out"] is not None:
        check_folder(options["out"])
    if not options["interval"] > 0:
        raise UsageError(f"interval: found {options['interval']:g}, expected seconds above 0")
    return Means(
        engine=options["engine"],
        workers=read_workers(options["workers"]),
        limits=limits,
        memory=read_memory(options["memory"]),
        checkpoint=options["checkpoint"] or options["resume"],
        resume=options["resume"],
        interval=options["interval"],
        cluster=options["cluster"],
    )


def make_folder(folder: Path) -> None:
    """A folder for checkpoints: better refused now than missed later."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"checkpoint: cannot make {folder}: {error.strerror}") from None


def limit(name: str, value: int | None) -> int:
    """A limit, if there is one."""
    if value is None:
        return UNBOUNDED
    check_number(name, value, 1)
    return value


def check_number(name: str, value: int, least: int) -> None:
    """A number is not too small."""
    if value < least:
        raise UsageError(f"{name.replace('_', '-')}: found {value}, expected at least {least}")


def read_memory(text: str | None) -> int:
    """A size in bytes; most of the machine's memory unless told otherwise."""
    if text is None:
        return int(total_memory() * SHARE_OF_MEMORY)
    matched = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(MiB|GiB|MB|GB)", text)
    size = float(matched[1]) * UNITS[matched[2]] if matched else 0
    if not 0 < size < 2**60:
        raise UsageError(f"memory: found {text!r}, expected a size such as 8GiB or 500MiB")
    return int(size)
