"""A history that is not linearizable as a page: a bar an operation, and where no order goes on.

It shows what the text of the verdict shows: the end of the longest order that fits, and what could
come next. The page has no script at all.
"""

from html import escape
from string import Template
from typing import Final

from attrs import frozen

from oracle.pictures.report_page import framed, part, policy_of
from oracle.terminal.wording import visible
from properties.explanation import SHOWN, explain, objection
from properties.history import Moment, Operation
from properties.linearizability import Counterexample

STATEMENT: Final = (
    "Every operation seems to take effect at one instant between its call and its answer."
)


@frozen
class Bar:
    """An operation, its place in the order if it has one, and why it can have none."""

    operation: Operation
    place: int | None
    objection: str = ""


def history_page(counterexample: Counterexample) -> bytes:
    """The page, in UTF-8."""
    bars = bars_of(counterexample)
    scale = scale_of(bars, counterexample.deadline)
    title = f"No order explains the operations on {visible(counterexample.key)}."
    body = Template(part("history.html")).substitute(
        title=escape(title),
        statement=STATEMENT,
        story=escape(story_of(counterexample)),
        rows="\n".join(row(bar, scale, counterexample.deadline) for bar in bars),
        text=escape(explain(counterexample)),
    )
    return framed(title, body, policy_of())


def story_of(counterexample: Counterexample) -> str:
    """How far an order gets."""
    return (
        f"The longest order that fits has {len(counterexample.order)} of "
        f"{counterexample.operations} operations, and leads to "
        f"{visible(repr(counterexample.state))}. Before the answer at {counterexample.deadline} "
        "one more has to take effect, and each would give something else."
    )


def bars_of(counterexample: Counterexample) -> list[Bar]:
    """The last of the order, then what could come next, by their calls."""
    first = max(0, len(counterexample.order) - SHOWN)
    ordered = [
        Bar(operation, place)
        for place, operation in enumerate(counterexample.order[first:], start=first + 1)
    ]
    stuck = [
        Bar(each.operation, None, "" if each.operation.responded is None else objection(each))
        for each in counterexample.candidates[: 2 * SHOWN]
    ]
    return sorted([*ordered, *stuck], key=lambda bar: (bar.operation.invoked, bar.place or 0))


def scale_of(bars: list[Bar], deadline: Moment) -> dict[Moment, float]:
    """Where each moment is, in per cent: moments at which nothing is shown take no room."""
    moments = {deadline, *(bar.operation.invoked for bar in bars)}
    moments |= {bar.operation.responded for bar in bars if bar.operation.responded is not None}
    last = max(1, len(moments) - 1)
    return {moment: 98 * place / last for place, moment in enumerate(sorted(moments))}


def row(bar: Bar, scale: dict[Moment, float], deadline: Moment) -> str:
    """An operation: its place, its client, its bar, and what it gave."""
    operation = bar.operation
    begin = scale[operation.invoked]
    end = 100.0 if operation.responded is None else scale[operation.responded]
    kind = "" if bar.place is not None else "stuck" if bar.objection else "idle"
    gave = "never answered" if operation.responded is None else output_in_words(operation.output)
    cells = (
        str(bar.place or "-"),
        visible(str(operation.client)),
        visible(operation.command),
        bar.objection or gave,
    )
    place, client, command, output = (escape(cell) for cell in cells)
    middle = f"{scale[deadline]:.1f}%"
    line = f'<line class="deadline" x1="{middle}" x2="{middle}" y1="-30%" y2="130%"/>'
    picture = (
        f'<svg role="img" aria-label="{operation.invoked} to {operation.responded or "no answer"}">'
        f'<rect class="bar {kind}" x="{begin:.1f}%" y="15%" '
        f'width="{max(1.0, end - begin):.1f}%" height="70%"/>{line}</svg>'
    )
    return (
        f"<tr><td>{place}</td><td>{client}</td><td>{picture}</td>"
        f"<td>{command}</td><td>{output}</td></tr>"
    )


def output_in_words(output: str | None) -> str:
    """What an operation gave."""
    return "not known" if output is None else visible(repr(output))
