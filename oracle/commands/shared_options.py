"""Options that several commands have, each declared once; its help says what it is of in one.

What they are read to is in `options`, which imports more than a command's help may wait for.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from oracle.commands.names import completed, mutant_names, rule_names, setting_names

Command = TypeVar("Command", bound=Callable[..., Any])

ANY_SUBJECT: Final = (
    "Setting of the subject, see `raft-oracle subjects`; can be given several times "
    "(default: those that are listed there)."
)
ALL_SCHEDULES: Final = (
    "Number from which all schedules are drawn; the same one gives the same files (default: 0)."
)


def settings_option(text: str = ANY_SUBJECT) -> Callable[[Command], Command]:
    """Adds --set KEY=VALUE."""
    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
        shell_complete=completed(setting_names),
        help=text,
    )


def mutant_option(text: str) -> Callable[[Command], Command]:
    """Adds --mutant NAME."""
    return click.option(
        "--mutant", metavar="NAME", shell_complete=completed(mutant_names), help=text
    )


def network_option(made_for: str) -> Callable[[Command], Command]:
    """Adds --network, whose default is what the subject says."""
    return click.option(
        "--network",
        type=click.Choice(("fifo", "any")),
        help=f"Network that the cluster runs on (default: the one {made_for}).",
    )


def seed_option(text: str = ALL_SCHEDULES) -> Callable[[Command], Command]:
    """Adds --seed."""
    return click.option("--seed", type=int, default=0, help=text)


def processes_option(command: Command) -> Command:
    """Adds --workers, of a command that does the same with any number of processes."""
    workers = click.option(
        "--workers",
        type=int,
        help="Number of processes; the result does not depend on it (default: one for each core).",
    )
    return workers(command)


def driver_option(command: Command) -> Command:
    """Adds --driver."""
    driver = click.option(
        "--driver",
        type=click.Choice(("walker", "hypothesis")),
        default="walker",
        help="What draws the schedules: random walks, or Hypothesis (default: walker).",
    )
    return driver(command)


def ignored_rules_option(command: Command) -> Command:
    """Adds --ignore RULE, of a command that judges a trace."""
    ignore = click.option(
        "--ignore",
        multiple=True,
        metavar="RULE",
        shell_complete=completed(rule_names),
        help="Rule that servers may break without being rejected; can be given several times "
        "(default: none).",
    )
    return ignore(command)
