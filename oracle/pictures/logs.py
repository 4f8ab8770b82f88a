"""The logs of all servers, as Figures 7 and 8 of the paper show them, as a still picture in SVG.

A panel for each part of a story, or, where there is no story, for each of the last changes of any
log: what every server holds by then, aligned by index and coloured by term.
"""

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Final

from attrs import frozen

from model.runs.execution import Execution, ServerState, states_by_step
from oracle.pictures.svg import CHARACTER, INK, LINE, document, line, text

TERMS: Final = ("#ffffff", "#cfe6f7", "#ffe3b3", "#cdeadd", "#f3d5e6", "#fff3b0", "#f8d3c4")
"""The colours of terms, those of the page; the first is for entries of term 0."""
COMMITTED: Final = "#00664d"
FAINT: Final = "#6b6b6b"
WIDTH: Final = 860
LEFT: Final = 20
NAMES: Final = 128
"""What a server's name, role and term take."""
CELL: Final = 62
ROW: Final = 26
MOST_LETTERS: Final = 6
"""Of a command, in a cell."""
MOST_UNSQUEEZED: Final = 8
"""Letters of a term and its command; more are drawn narrower, so that they stay in the cell."""
MOST_COVERED: Final = 6
"""Entries that a snapshot covers and that are drawn as a box; of more, only the last is."""
MOST_PANELS: Final = 6
"""Where no story says how many."""
LEGEND: Final = (
    "A row is a server's log; t2 two: an entry of term 2 and its command, underlined if the server "
    "knows that it is committed. A dashed box is what a snapshot stands for."
)


@frozen
class Panel:
    """The servers at one moment."""

    title: str
    states: Mapping[str, ServerState]


def logs(execution: Execution) -> str:
    """The picture."""
    shown = panels(execution)
    states = [state for panel in shown for state in panel.states.values()]
    indexes = range(1 + min(map(first_shown, states)), 1 + max(map(end_of, states)))
    panel_width = NAMES + CELL * max(2, len(indexes) + 1)
    columns = max(1, (WIDTH - LEFT) // panel_width)
    parts: list[str] = []
    top = 44.0
    for begin in range(0, len(shown), columns):
        beside = shown[begin : begin + columns]
        lines = max(len(wrapped(panel.title, panel_width)) for panel in beside)
        for place, panel in enumerate(beside):
            left = LEFT + panel_width * place
            parts += titles(panel, left, top, panel_width)
            parts += rows(panel, left, top + LINE * lines + 8, indexes)
        top += LINE * lines + ROW * (len(execution.servers) + 1) + 30
    width = max(WIDTH, LEFT + panel_width * columns)
    legend = wrapped(LEGEND, width - LEFT)
    parts += [text(LEFT, top + LINE * number, each) for number, each in enumerate(legend)]
    return document(execution, width, top + LINE * len(legend) + 8, parts)


def wrapped(words: str, width: float) -> list[str]:
    """Words in lines that fit a width."""
    return wrap(words, max(10, int((width - 16) / CHARACTER)))


def panels(execution: Execution) -> list[Panel]:
    """The moments that are shown."""
    states = [dict(execution.start), *states_by_step(execution)]
    stages = [group for group in execution.groups if group.is_stage]
    if stages:
        return [Panel(group.title, states[group.last]) for group in stages]
    changed = [
        position
        for position, step in enumerate(execution.steps, start=1)
        if position == len(execution.steps)
        or any(
            states[position][server].log != states[position - 1][server].log
            for server in step.states
        )
    ]
    steps = execution.steps
    found = [
        Panel(f"{steps[position - 1].label}. {steps[position - 1].text}", states[position])
        for position in changed
    ]
    return found[-MOST_PANELS:] or [Panel("start", states[0])]


def first_shown(state: ServerState) -> int:
    """The index before the first that has to be drawn."""
    return max(0, state.snapshot_index - 1) if state.snapshot_index > MOST_COVERED else 0


def end_of(state: ServerState) -> int:
    """The index of the last entry."""
    return state.snapshot_index + len(state.log or ())


def titles(panel: Panel, left: float, top: float, width: float) -> Iterator[str]:
    """What happened up to this moment."""
    for number, words in enumerate(wrapped(panel.title, width)):
        yield text(left, top + LINE * (number + 1), words, 'font-weight="600"')


def rows(panel: Panel, left: float, top: float, indexes: range) -> Iterator[str]:
    """A row for each server, below the indexes."""
    for index in indexes:
        place = left + NAMES + CELL * (index - indexes.start)
        yield text(place + 4, top + 15, str(index), f'font-size="11" fill="{FAINT}"')
    for number, (server, state) in enumerate(panel.states.items(), start=1):
        row = top + ROW * number - 6
        role = state.role if state.is_up else "down"
        leads = role == "leader"
        colour = FAINT if not state.is_up else COMMITTED if leads else INK
        weight = ' font-weight="600"' if leads else ""
        words = f"{server} {role} t{state.current_term}"
        yield text(left, row + 17, words, f'fill="{colour}"{weight}')
        yield from entries(state, left + NAMES, row, indexes.start)


def entries(state: ServerState, left: float, top: float, first: int) -> Iterator[str]:
    """The entries of one server, each in the column of its index, and what a snapshot covers."""
    if state.snapshot_index >= first:
        width = CELL * (state.snapshot_index - first + 1) - 4
        yield box(left, top, width, 'fill="none" stroke-dasharray="3 3"')
        words = f"snapshot to {state.snapshot_index}" if width > 2 * CELL else "snapshot"
        yield text(left + 4, top + 15, words, 'font-size="11"')
    for index, (term, command) in enumerate(state.log or (), start=state.snapshot_index + 1):
        place = left + CELL * (index - first)
        colour = TERMS[(term - 1) % (len(TERMS) - 1) + 1 if term else 0]
        yield box(place, top, CELL - 4, f'fill="{colour}"')
        words = command if len(command) <= MOST_LETTERS else f"{command[: MOST_LETTERS - 1]}…"
        yield label(place + 4, top + 15, f"t{term} {words}")
        if index <= state.commit_index:
            yield line(place, top + ROW - 5, place + CELL - 4, top + ROW - 5, COMMITTED, 3, "")


def label(left: float, top: float, words: str) -> str:
    """What an entry is, within its cell."""
    long = len(words) > MOST_UNSQUEEZED
    squeezed = f' textLength="{CELL - 12}" lengthAdjust="spacingAndGlyphs"' if long else ""
    return text(left, top, words, f'font-size="11"{squeezed}')


def box(left: float, top: float, width: float, look: str) -> str:
    """A cell."""
    return (
        f'<rect x="{left}" y="{top}" width="{width}" height="{ROW - 5}" stroke="{FAINT}" {look}/>'
    )
