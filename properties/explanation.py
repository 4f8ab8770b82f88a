"""A counterexample to linearizability as text that a person can debug with."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from properties.history import Operation
from properties.linearizability import Candidate, Counterexample

WIDTH: Final = 99
SHOWN: Final = 10
"""Rows of each table: the last of the order, the first of the candidates."""
SHARED: Final = 8
"""If long texts differ only after a common beginning, so much of that is shown."""
CLIENT_WIDTH: Final = 27
COMMAND_WIDTH: Final = 32
OUTPUT_WIDTH: Final = 27


def explain(counterexample: Counterexample) -> str:
    """How far an order of the operations gets, and why none of the candidates can be next."""
    order = counterexample.order[-SHOWN:]
    answered = [each for each in counterexample.candidates if each.operation.responded is not None]
    unanswered = [each for each in counterexample.candidates if each.operation.responded is None]
    some, others = answered[:SHOWN], unanswered[:SHOWN]
    rows = iter(table([*order, *(each.operation for each in [*some, *others])]))
    lines = [
        f"No order of the operations on key {short(counterexample.key)} explains every output.",
        f"The longest that fits has {len(counterexample.order)} of {counterexample.operations}"
        f"{'; the last of it' if len(counterexample.order) > SHOWN else ''}:",
        *(f"{next(rows)}  {answer_of(each)}" for each in order),
        f"It leads to {short(counterexample.state)}.",
        f"Of these, called before the answer at {counterexample.deadline}, "
        "one has to be next, and none can:",
    ]
    for candidate in some:
        lines += [next(rows), f"    {objection(candidate)}"]
    lines += left_out(answered)
    if unanswered:
        lines.append("Those never answered could be, but do not help:")
    lines += [*(next(rows) for _ in others), *left_out(unanswered)]
    return "".join(f"{line.rstrip()[:WIDTH]}\n" for line in lines)


def left_out(candidates: Sequence[Candidate]) -> list[str]:
    """How many more there are than are shown."""
    return [f"  and {len(candidates) - SHOWN} more"] if len(candidates) > SHOWN else []


def table(operations: Sequence[Operation]) -> list[str]:
    """Client, time and command of each operation, in columns."""
    cells = [
        (f"client {name_of(each)}", span(each), clipped(plain(each.command), COMMAND_WIDTH))
        for each in operations
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    ]


def name_of(operation: Operation) -> str:
    """The name of a client, which may be any text."""
    return clipped(plain(str(operation.client)), CLIENT_WIDTH)


def span(operation: Operation) -> str:
    """From the call to the answer."""
    end = "never" if operation.responded is None else operation.responded
    return f"{operation.invoked}..{end}"


def answer_of(operation: Operation) -> str:
    """The answer that the client got, or that there was none."""
    if operation.responded is None:
        return "never answered"
    return "output not known" if operation.output is None else short(operation.output)


def objection(candidate: Candidate) -> str:
    """Why an answered operation is not the next."""
    operation = candidate.operation
    assert operation.output is not None, "what fits anywhere is no candidate at the furthest place"
    found, gives = ascii(operation.output), ascii(candidate.gives)
    if max(len(found), len(gives)) > OUTPUT_WIDTH:
        found, gives = where_different(found, gives)
    found, gives = clipped(found, OUTPUT_WIDTH), clipped(gives, OUTPUT_WIDTH)
    return f"gave {found}, but here it would give {gives}"


def where_different(one: str, other: str) -> tuple[str, str]:
    """Two texts without most of what they have in common at their beginnings."""
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    dropped = sum(1 for _ in shared) - SHARED
    if dropped <= len("..."):
        return one, other
    return f"...{one[dropped:]}", f"...{other[dropped:]}"


def plain(text: str) -> str:
    """Text as printable ASCII."""
    return ascii(text)[1:-1]


def short(value: object) -> str:
    """A value as a Python literal, or as much of it as there is room for."""
    return clipped(ascii(value), OUTPUT_WIDTH)


def clipped(text: str, width: int) -> str:
    """Text with its middle left out where it is too long."""
    if len(text) <= width:
        return text
    kept = width - len("...")
    return f"{text[: kept - kept // 2]}...{text[-(kept // 2) :]}"
