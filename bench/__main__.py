"""`make bench`: all benchmarks in one run; `python -m bench walker traces`: those that are named.

Absolute figures depend on the machine and on what else it does; the ratios are what counts.
"""

import platform
from collections.abc import Callable, Mapping
from typing import Final

import click

from bench import (
    adapter,
    explorer,
    histories,
    machine,
    scaling,
    start_up,
    traces,
    unmodified,
    walker,
)
from bench.timing import table, take_turns
from bench.walker import walking
from oracle.commands.main import run
from oracle.subjects.pysyncobj.subject import PYSYNCOBJ
from properties.checker import PROPERTIES

HISTORIES: Final = (
    f"History of {histories.OPERATIONS:,} operations, {histories.KEYS:,} keys, "
    f"{histories.CLIENTS} clients (a step is an operation; call by call, an event)"
)


def pysyncobj() -> str:
    """The table of a library in process."""
    measured = {"pysyncobj": walking(PYSYNCOBJ, 3, PROPERTIES)}
    title = f"PySyncObj {PYSYNCOBJ.version({})}, walker with all properties"
    return table(take_turns(measured, rounds=2), "pysyncobj", title)


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "start-up": lambda: table(
        start_up.measure(), start_up.NOTHING_BUT_CLICK, "Start-up (a step is a process)"
    ),
    "walker": lambda: table(
        walker.measure(), "walker, no properties", "Walker (ratio to no properties)"
    ),
    "machine": lambda: table(
        machine.measure(), "the same rules, empty bodies", "Rule machine (to its twin)"
    ),
    "logs": lambda: table(
        scaling.measure_logs(), "log of 10", "Walker by log length (to 10 entries)"
    ),
    "clusters": lambda: table(
        scaling.measure_clusters(), "3 servers", "Walker by cluster size (to 3)"
    ),
    "histories": lambda: table(histories.measure(), "whole, linearizable", HISTORIES),
    "traces": lambda: table(
        traces.measure(), "etcd, decoded only", "Traces (a step is a line; to decoding)"
    ),
    "explorer": lambda: explorer.table(explorer.measure()),
    "adapter": adapter.table,
    "unmodified": unmodified.tables,
    "pysyncobj": pysyncobj,
}
"""What is measured, by name, in the order in which it is printed."""


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(tuple(TABLES)), metavar="[NAME]...")
def main(names: tuple[str, ...]) -> None:
    """Print every table, or those that are named."""
    click.echo(
        f"Python {platform.python_version()}, {platform.machine()}; 3 servers unless said.\n"
    )
    for name in names or TABLES:
        click.echo(TABLES[name]())


if __name__ == "__main__":
    run(main, "python -m bench")
