"""Histories in each of the forms that are read: which one it is shows at its beginning.

JSON lines of this project (`operations.py`); Jepsen's EDN, an event in each map, and lines of its
log (`jepsen.py`); and what etcd's robustness tests store (`etcd.py`).
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from attrs import evolve, frozen

from oracle.histories.edn import read_edn
from oracle.histories.etcd import read_etcd
from oracle.histories.jepsen import NO_VALUE, joined, read_log
from oracle.histories.operations import MOST_OPERATIONS, read_operations
from oracle.histories.transactions import machine
from oracle.store.input_files import BYTE_ORDER_MARK
from properties.history import Operation
from properties.specification import KEY_VALUE, Specification

IN_EDN: Final = re.compile(rb"\s*(?:[\[(;]|\{\s*:|#)")
OF_ETCD: Final = re.compile(rb'\s*\{\s*"ClientID"')
MOST_EMPTY: Final = 100_000
"""Before the first operation: they are held until it comes."""
IN_LOG: Final = re.compile(rb"INFO\s+jepsen")


@frozen
class History:
    """The operations of clients, and the machine that they are judged by."""

    operations: list[Operation]
    specification: Specification


def read_history(lines: Iterable[bytes], initial: str | None = None) -> History:
    """A history in any of the forms; ValueError says in which line is something else.

    `initial` is what each key holds at first: nothing, unless it is given.
    """
    first, rest = beginning(iter(lines))
    if IN_LOG.match(first):
        return of_jepsen(read_log(rest), initial)
    if IN_EDN.match(first):
        return of_jepsen(read_edn(rest), initial)
    if OF_ETCD.match(first):
        usual = NO_VALUE if initial is None else initial
        return History(list(read_etcd(rest)), evolve(KEY_VALUE, initial=usual))
    operations = list(read_operations(rest))
    return History(operations, evolve(KEY_VALUE, initial=initial or ""))


def beginning(lines: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first line that is not empty, and all lines; a mark of the byte order goes."""
    before: list[bytes] = []
    for line in lines:
        before.append(line if before else line.removeprefix(BYTE_ORDER_MARK))
        if before[-1].strip():
            break
        if len(before) > MOST_EMPTY:
            raise ValueError(f"found {MOST_EMPTY:,} empty lines, expected operations")
    return (before[-1] if before else b""), chain(before, lines)


def of_jepsen(events: Iterator[tuple[int, object]], initial: str | None) -> History:
    """A history of Jepsen: registers that hold nil at first, or texts that are empty."""
    joiner = joined(limited(events), has_value=initial is not None)
    if not joiner.events:
        raise ValueError("found no event, expected maps with :type, :process, :f and :value")
    usual = "" if joiner.is_of_text else NO_VALUE
    first = usual if initial is None else initial
    is_of_registers = joiner.is_of_transactions
    judged_by = machine(first) if is_of_registers else evolve(KEY_VALUE, initial=first)
    return History(joiner.all(), judged_by)


def limited(events: Iterator[tuple[int, object]]) -> Iterator[tuple[int, object]]:
    """Events, of which no more come than memory has room for."""
    for number, event in enumerate(events):
        if number > 2 * MOST_OPERATIONS:
            raise ValueError(f"found more than {2 * MOST_OPERATIONS:,} events, expected fewer")
        yield event
