"""Options that several commands have, read in one way."""

from collections.abc import Iterable
from typing import Final

import click

from model.target import Command
from oracle.commands.grouped import GroupedCommand
from oracle.processes.looking import cores
from oracle.subjects.own_property import absolute_words, own_properties
from oracle.subjects.registry import BROKEN_NAMES
from oracle.terminal.choices import not_one_of
from oracle.terminal.usage import UsageError
from properties.checker import BY_NAME
from properties.rules.conforms import CONFORMS, RULE_NAMES

MOST_WORKERS: Final = 1024


def read_workers(workers: int | None) -> int:
    """How many processes to use; one for each core by default."""
    if workers is None:
        return cores()
    if not 1 <= workers <= MOST_WORKERS:
        raise UsageError(f"workers: found {workers}, expected 1 to {MOST_WORKERS}")
    return workers


def check_seed(seed: int) -> None:
    """A seed fits into 64 bits, as it is written to files."""
    if not -(2**63) <= seed < 2**63:
        raise UsageError(f"seed: found {seed}, expected a whole number of 64 bits")


def absolute_files(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """Files with properties, so that they are found from every directory."""
    return tuple(map(absolute_words, value))


property_option: Final = click.option(
    "--property",
    "property_files",
    multiple=True,
    metavar="FILE.py[:NAME]",
    callback=absolute_files,
    help="Python file with properties of your own, which are checked as well; can be given several "
    "times (default: none).",
)


def names_of_own(files: tuple[str, ...]) -> list[str]:
    """The names of the user's own properties in these files."""
    return [each.name for each in own_properties(files, BROKEN_NAMES)]


def read_ignored(
    ignore: tuple[str, ...], only: tuple[str, ...], own: Iterable[str] = ()
) -> frozenset[str]:
    """The properties to ignore: those named, and where some are to be checked only, all others.

    The user's `own` are among those that can be checked only, and are checked in any case.
    """
    every = set(BROKEN_NAMES)
    named = {each.partition("@")[0] for each in ignore}
    if unknown := sorted({*named, *only} - every - {*own}):
        raise UsageError(f"property: {not_one_of(unknown[0], BROKEN_NAMES)}")
    if not only:
        return frozenset(ignore)
    if CONFORMS in only:  # which stands for all rules that are not properties as well
        only = (*only, *(name for name in RULE_NAMES if name not in BY_NAME))
    elif set(only).intersection(RULE_NAMES):
        only = (*only, CONFORMS)
    return frozenset(ignore) | frozenset(every - set(only))


def read_settings(pairs: tuple[str, ...]) -> dict[str, str]:
    """Settings from KEY=VALUE pairs."""
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"set: found {pair!r}, expected KEY=VALUE")
        settings[name] = value
    return settings


class WithAdapter(GroupedCommand):
    """A command that takes `-- ADAPTER ...` in place of its SUBJECT: all that follows is one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Join all words after the dashes into one."""
        if "--" in args:
            place = args.index("--")
            # Two dashes let the word pass that begins with them.
            args = [*args[:place], "--", Command(tuple(args[place + 1 :])).text]
        return super().parse_args(ctx, args)
