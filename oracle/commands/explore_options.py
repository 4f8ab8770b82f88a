"""What the user may ask `raft-oracle explore` for, and what it makes of the words."""

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click
from attrs import evolve, fields

from model.explorer.running.specification import (
    MOST_SYMMETRIC,
    ExecutionOptions,
    ExplorationSpec,
)
from model.explorer.search.checkpoint import CheckpointError, read_manifest
from model.explorer.search.random_walks import MOST_WALKERS, WalkBudget
from model.explorer.search.result import UNBOUNDED, SearchLimits
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.encoding import encode
from model.explorer.systems.raft_order import RaftOrder, reference_target
from model.explorer.systems.raft_tla import RaftTla
from model.explorer.systems.raft_tla_invariants import ACTION_PROPERTIES, INVARIANTS
from model.failures import SUBJECT_FAILED
from model.reference.settings import read_settings as read_choices
from model.setup import Setup
from model.target import TargetRequest
from oracle.commands.explore_model import NamedModel, read_model
from oracle.commands.options import read_ignored, read_settings, read_workers
from oracle.store.result_folder import check_folder
from oracle.subjects.naming import is_python_file
from oracle.subjects.own_property import absolute_words, own_properties
from oracle.subjects.own_system import OwnSystem
from oracle.subjects.registry import BROKEN_NAMES, make_setup
from oracle.terminal.choices import not_found, not_one_of
from oracle.terminal.usage import UsageError
from properties.property import Property
from raft_core import SERVERS

UNITS: Final = {"MiB": 2**20, "GiB": 2**30, "MB": 10**6, "GB": 10**9}
SHARE_OF_MEMORY: Final = 0.75
"""Of the machine's memory, where the user names no limit."""
KEPT_ON_RESUME: Final = frozenset(
    {"engine", "workers", "memory", "checkpoint", "resume", "interval", "max_depth", "max_states"}
    | {"out", "is_json", "junit"}
)
"""Options that may go along with --resume: all others are the checkpoint's."""
BOUND_HELP: Final = {
    "client_requests": "Requests that clients send, to any server.",
    "restarts": "Crashes of servers, each followed by a start from the disk.",
    "drops": "Messages that are lost.",
    "duplicates": "Messages that are delivered twice.",
    "compactions": "Snapshots that servers take; needs --set snapshots=on.",
    "membership_changes": "Changes of membership that are asked for; needs "
    "--set single_server_changes=on or --set joint_consensus=on.",
    "transfers": "Leadership transfers that are asked for; needs --set leadership_transfer=on.",
    "ticks": "How often an election timeout of time goes by; needs a feature with a clock, such "
    "as --set check_quorum=on.",
}
EXCLUSIONS: Final = {
    "engine reference": ("checkpoint", "resume", "memory", "liveness", "simulate", "cluster"),
    "simulate": ("checkpoint", "resume", "liveness"),
    "liveness": ("checkpoint", "resume", "only"),
    "cluster": ("checkpoint", "resume", "liveness", "simulate"),
}
"""By option, those that cannot be given along with it."""
OF_THE_CLUSTER: Final = (
    *("servers", "max_term", "max_inbox", *BOUND_HELP, "max_log", "max_messages", "max_copies"),
    *("values", "history", "mutant", "only", "ignore", "settings", "reduce", "liveness"),
)
"""Options that mean something to a cluster or to raft.tla only."""
NOT_FOR_FILES: Final = ("checkpoint", "cluster")
"""Options that need a model which other processes and later versions find again."""
DEPTH_OF_WALKS: Final = 100

Command = Callable[..., None]


def number_option(name: str, default: int, meaning: str) -> Callable[[Command], Command]:
    """An option that takes a whole number."""
    return click.option(
        f"--{name.replace('_', '-')}",
        type=int,
        default=default,
        help=f"{meaning.removesuffix('.')} (default: {default}).",
    )


def bound_options(command: Command) -> Command:
    """An option for each bound of the cluster."""
    for name in reversed(BOUND_HELP):
        default: int = getattr(Bounds(), name)
        command = number_option(name, default, BOUND_HELP[name])(command)
    return command


# What to explore


def read_spec(context: click.Context, options: dict[str, Any]) -> ExplorationSpec:
    """What to explore, from the options or from the checkpoint."""
    if options["resume"] is not None:
        given = [name for name in options if is_given(context, name)]
        if foreign := sorted(set(given) - KEPT_ON_RESUME):
            raise UsageError(
                f"{typed(foreign[0])}: found it beside --resume, expected none: it is stored there"
            )
        return stored_spec(options["resume"])
    constants = ("max_log", "max_messages", "max_copies", "values")
    for name in ("servers", "max_term", *BOUND_HELP, *constants):
        check_number(name, options[name], 1 if name in ("servers", "max_term") else 0)
    check_number("max_inbox", options["max_inbox"], 1)
    model = read_bounded_model(context, options)
    if options["symmetry"] and model.servers > MOST_SYMMETRIC:
        raise UsageError(
            f"servers: found {model.servers} with --symmetry, which has too many renamings; "
            f"expected at most {MOST_SYMMETRIC}, or --no-symmetry"
        )
    is_blind = isinstance(model, RaftOrder) and bool(model.property_files)
    # Nobody knows which parts of a user's history belong to which server.
    return ExplorationSpec(model=model, symmetry=options["symmetry"] and not is_blind)


def read_bounded_model(
    context: click.Context, options: dict[str, Any]
) -> RaftOrder | RaftTla | OwnSystem:
    """The model, with its bounds."""
    model = read_model(options["subject"], options["model"])
    if model.is_tla:
        refuse_with(options, "raft.tla", ("liveness", "mutant"))
        return read_constants(options)
    if model.protocol is not None or model.system is not None:
        refuse_with(options, "a file of your own", NOT_FOR_FILES)
    if model.system is None:
        return read_order(context, options, model)
    for name in OF_THE_CLUSTER:
        if is_given(context, name):
            raise UsageError(f"{typed(name)}: found it with a System of your own, expected none")
    return model.system


def refuse_with(options: dict[str, Any], model: str, names: Sequence[str]) -> None:
    """UsageError where an option is given that this model does not have."""
    for name in names:
        if options[name]:
            raise UsageError(f"{typed(name)}: found it with {model}, expected it without")


def typed(name: str) -> str:
    """An option as the user types it, without the dashes."""
    others = {"only": "property", "settings": "set", "is_json": "json"}
    return others.get(name, name.replace("_", "-"))


def is_given(context: click.Context, name: str) -> bool:
    """Whether the user typed an option."""
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def stored_spec(folder: Path) -> ExplorationSpec:
    """What a checkpoint was asked for."""
    path, manifest = read_manifest(folder)
    try:
        return ExplorationSpec.from_json(manifest.order)
    except (ValueError, LookupError, TypeError) as error:
        raise CheckpointError(f"{path}: order: {error}") from None


def read_order(context: click.Context, options: dict[str, Any], model: NamedModel) -> RaftOrder:
    """The reference, a mutant or a protocol of the user's own within bounds."""
    named = tuple(each for each in options["only"] if not is_python_file(each))
    files = tuple(absolute_words(each) for each in options["only"] if is_python_file(each))
    own = own_properties(files, BROKEN_NAMES)
    ignored = read_ignored(options["ignore"], named, [each.name for each in own])
    servers = options["servers"] if is_given(context, "servers") else None
    setup = make_setup(
        TargetRequest(
            subject=model.subject,
            servers=servers,
            settings=read_settings(options["settings"]),
            ignore=ignored,
            mutant=options["mutant"],
        )
    )
    check_ticks(options["ticks"], setup)
    target = reference_target(setup.servers, setup.settings, ignored, options["mutant"])
    order = RaftOrder(
        target=evolve(target, subject=model.subject),
        own=model.protocol,
        properties=own,
        property_files=files,
        bounds=Bounds(**{each.name: options[each.name] for each in fields(Bounds)}),
        reduce=options["reduce"],
    )
    check_properties(named, order)
    if own:
        refuse_with(options, "--property FILE.py", NOT_FOR_FILES)
        check_histories(own, setup.servers)
    return order


def check_histories(own: Sequence[Property], servers: int) -> None:
    """Histories of a user's properties are part of a state: they can be told apart."""
    for each in own:
        try:
            encode(each.initial(servers), tuple(range(servers)))
        except TypeError as error:
            raise UsageError(f"property {each.name}: initial(): {error}") from None


def check_ticks(ticks: int, setup: Setup) -> None:
    """Time goes by only where some feature is on: Figure 2 alone has no clock."""
    if ticks and not read_choices(setup.settings, setup.servers).configuration.is_extended:
        expected = "expected --set check_quorum=on, say"
        raise UsageError(f"ticks: found {ticks} without a clock, {expected}")


def check_properties(wanted: tuple[str, ...], order: RaftOrder) -> None:
    """Each property that is to be checked can be checked in an exploration of this cluster."""
    checker = order.checker()
    checked = {SUBJECT_FAILED, *(each.name for each in checker.properties)} - order.target.ignore
    for name in wanted:
        if name not in checked:
            missing = [each.missing for each in checker.not_checked if each.property == name]
            reason = f" (not explored: {', '.join(missing[0])})" if missing else ""
            whole = evolve(order, target=evolve(order.target, ignore=frozenset())).checker()
            every = (*(each.name for each in whole.properties), SUBJECT_FAILED)
            raise UsageError(
                f"property: {not_found(name, every)}, which is not checked here{reason}, "
                f"expected one of {', '.join(every)}"
            )


def read_constants(options: dict[str, Any]) -> RaftTla:
    """Ongaro's specification with its constants."""
    names = [each.name for each in fields(RaftTla) if each.init and each.name != "unchecked"]
    only, ignored = options["only"], options["ignore"]
    every = (*(each.name for each in INVARIANTS), *ACTION_PROPERTIES)
    for option, named in (("property", only), ("ignore", ignored)):
        for name in named:
            if name not in every:
                raise UsageError(f"{option}: {not_one_of(name, every)}")
    unchecked = {*ignored, *(name for name in every if only and name not in only)}
    constants = {name: options[name] for name in names}
    if constants["servers"] > len(SERVERS):  # their renamings alone would fill the memory
        raise UsageError(f"servers: found {constants['servers']}, expected 1 to {len(SERVERS)}")
    return RaftTla(**constants, unchecked=frozenset(unchecked))


# How to explore


def read_walks(options: dict[str, Any]) -> WalkBudget:
    """How far to walk; no more walk side by side than can go to the depth with all these moves."""
    moves, depth = options["simulate"], options["max_depth"] or DEPTH_OF_WALKS
    check_number("simulate", moves, 1)
    check_number("seed", options["seed"], 0)
    walkers = min(max(moves // depth, 1), MOST_WALKERS)
    return WalkBudget(seed=options["seed"], walkers=walkers, moves=moves, depth=depth)


def read_execution(options: dict[str, Any]) -> ExecutionOptions:
    """How to run the exploration, and where to stop."""
    limits = SearchLimits(
        depth=limit("max-depth", options["max_depth"]),
        states=limit("max-states", options["max_states"]),
    )
    check_exclusions(options)
    if options["checkpoint"] is not None:
        make_folder(options["checkpoint"])
    if options["out"] is not None:
        check_folder(options["out"])
    if not options["interval"] > 0:
        raise UsageError(f"interval: found {options['interval']:g}, expected seconds above 0")
    return ExecutionOptions(
        engine=options["engine"],
        workers=read_workers(options["workers"]),
        limits=limits,
        memory=read_memory(options["memory"]),
        checkpoint=options["checkpoint"] or options["resume"],
        resume=options["resume"],
        interval=options["interval"],
        cluster=options["cluster"],
    )


def check_exclusions(options: dict[str, Any]) -> None:
    """No two options are given that cannot be had together."""
    for mode, others in EXCLUSIONS.items():
        option, _, value = mode.partition(" ")
        found = options[option]
        is_on = found == value if value else found not in (None, False)
        for name in others if is_on else ():
            if options[name]:
                raise UsageError(f"{typed(name)}: found it with --{mode}, expected it without")


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
    """A number is not too small, nor larger than anything is counted."""
    if value < least:
        raise UsageError(f"{typed(name)}: found {value}, expected at least {least}")
    if value >= UNBOUNDED:
        raise UsageError(f"{typed(name)}: found {value}, expected less than 2^62")


def read_memory(text: str | None) -> int:
    """A size in bytes; without a text, most of the machine's memory."""
    if text is None:
        return int(total_memory() * SHARE_OF_MEMORY)
    matched = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(MiB|GiB|MB|GB)", text)
    size = float(matched[1]) * UNITS[matched[2]] if matched else 0
    if not 0 < size < 2**60:
        raise UsageError(f"memory: found {text!r}, expected a size such as 8GiB or 500MiB")
    return int(size)


def total_memory() -> int:
    """What this machine has, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
