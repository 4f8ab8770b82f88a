"""`make bench`: all benchmarks in one run.

Absolute figures depend on the machine and on what else it does; the ratios are what counts.
"""

import platform

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
from oracle.subjects.pysyncobj.subject import PYSYNCOBJ
from properties.checker import PROPERTIES


def main() -> None:
    """Print every table."""
    print(f"Python {platform.python_version()}, {platform.machine()}; 3 servers unless said.\n")
    title = "Start-up (a step is a process)"
    print(table(start_up.measure(), start_up.NOTHING_BUT_CLICK, title))
    print(table(walker.measure(), "walker, no properties", "Walker (ratio to no properties)"))
    print(table(machine.measure(), "the same rules, empty bodies", "Rule machine (to its twin)"))
    print(table(scaling.measure_logs(), "log of 10", "Walker by log length (to 10 entries)"))
    print(table(scaling.measure_clusters(), "3 servers", "Walker by cluster size (to 3)"))
    title = (
        f"History of {histories.OPERATIONS:,} operations, {histories.KEYS:,} keys, "
        f"{histories.CLIENTS} clients (a step is an operation; call by call, an event)"
    )
    print(table(histories.measure(), "whole, linearizable", title))
    print(table(traces.measure(), "etcd, decoded only", "Traces (a step is a line; to decoding)"))
    print(explorer.table(explorer.measure()))
    print(adapter.table())
    print(unmodified.tables())
    pysyncobj = {"pysyncobj": walking(PYSYNCOBJ, 3, PROPERTIES)}
    title = f"PySyncObj {PYSYNCOBJ.version({})}, walker with all properties"
    print(table(take_turns(pysyncobj, rounds=2), "pysyncobj", title))


if __name__ == "__main__":
    main()
