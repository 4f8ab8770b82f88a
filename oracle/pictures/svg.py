"""An execution as a still picture: a space-time diagram in SVG, for a slide or a page.

It stands by itself: no script, no style sheet, no font from elsewhere. Time goes down, a lane a
server; the words of a step stand beside it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from textwrap import wrap
from typing import Final

from attrs import frozen

from model.runs.execution import Execution, Message, ServerState, cause, states_by_step
from oracle.terminal.wording import visible

LANE: Final = 70
LEFT: Final = 20
TOP: Final = 70
LINE: Final = 18
WIDTH: Final = 84
"""Characters of a line of words."""
CHARACTER: Final = 7.3
TITLE_CHARACTER: Final = 10.5
TITLE_LINE: Final = 22
COLOURS: Final[Mapping[str, tuple[str, int, str]]] = {
    "follower": ("#6b6b6b", 2, ""),
    "candidate": ("#b35900", 4, "5 3"),
    "pre-candidate": ("#b35900", 4, "5 3"),
    "leader": ("#00664d", 6, ""),
    "down": ("#c9c9c9", 2, "1 5"),
}
"""By role: colour, width and dashes of a lane. A word or a shape says the same."""
INK: Final = "#1b1b1b"
BAD: Final = "#b3261e"
FAINT: Final = 0.3
"""How strong the arrow of a message is of which nothing came."""
LEGEND: Final = (
    "Time goes down. A line is a server: thin while it follows, dashed as a candidate, thick as a "
    "leader, dotted while it is down; t1 is its term, 7@1 is entry 7 of term 1. An arrow is a "
    "message, from where it was sent to where it arrived: dotted if it is a copy, ending in a "
    "cross if it is lost, pale if nothing came of it. A diamond marks what the breach rests on, "
    "a red dot the step that breaks the rule."
)


@frozen
class Row:
    """A step's place in the picture."""

    words: Sequence[str]
    top: float
    height: float
    titles: Sequence[str] = ()
    """The lines above it, where a part of a story begins with it."""

    @property
    def middle(self) -> float:
        """Where its dot is: beside its words, below its titles."""
        above = LINE * len(self.titles)
        return self.top + above + (self.height - above) / 2


def svg(execution: Execution) -> str:
    """The picture."""
    rows = rows_of(execution)
    below = words_below(execution)
    bottom = rows[-1].top + rows[-1].height + 30
    height = bottom + LINE * len(below) + 12
    width = LEFT + LANE * len(execution.servers) + WIDTH * CHARACTER
    parts = [
        *(
            text(lane(execution, name) - 8, TOP - 18, name, 'font-weight="600"')
            for name in execution.servers
        ),
        *bands(execution, rows),
        *lanes(execution, rows),
        *arrows(execution, rows),
        *words(execution, rows),
        *(
            text(LEFT, bottom + LINE * number + 12, line_below)
            for number, line_below in enumerate(below)
        ),
    ]
    return document(execution, width, height, parts)


def document(execution: Execution, width: float, height: float, parts: Iterable[str]) -> str:
    """A whole picture: a title in as many lines as it takes, and what is drawn below it."""
    verdict = execution.verdict
    title = visible(verdict.detail if verdict else f"{len(execution.steps)} steps")
    lines = wrap(title, int((width - LEFT) / TITLE_CHARACTER)) or [""]
    more = TITLE_LINE * (len(lines) - 1)
    style = 'font-size="17" font-weight="600"'
    everything = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height + more:.0f}" '
        f'width="{width:.0f}" height="{height + more:.0f}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13">',
        f"<title>{plain(title)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        *(text(LEFT, 24 + TITLE_LINE * number, each, style) for number, each in enumerate(lines)),
        f'<g transform="translate(0 {more})">',
        *parts,
        "</g>",
        "</svg>",
    ]
    return "\n".join(everything) + "\n"


def rows_of(execution: Execution) -> list[Row]:
    """The start, then a row a step, as high as its words need."""
    found = [Row(["start"], TOP - 8, 28)]
    stages = {group.first: group.title for group in execution.groups if group.is_stage}
    for position, step in enumerate(execution.steps, start=1):
        change = f": {step.change}" if step.change else ""
        lines = wrap(
            f"{step.label}  {visible(step.text)}{visible(change)}", WIDTH, subsequent_indent="    "
        )
        if step.rests_on:
            lines += wrap("◆ " + visible("; ".join(step.rests_on)), WIDTH)
        if execution.verdict is not None and position == len(execution.steps):
            lines.append(execution.verdict.property)
        titles = wrap(visible(stages.get(position, "")), WIDTH - 6)
        last = found[-1]
        height = LINE * len(titles) + max(28, LINE * len(lines) + 8)
        found.append(Row(lines, last.top + last.height, height, titles))
    return found


def words_below(execution: Execution) -> list[str]:
    """What the breach rests on and how it came about, in sentences, and what the lines mean."""
    sentences = [*cause(execution), LEGEND]
    width = WIDTH + LANE * len(execution.servers) // 8
    return [part for sentence in sentences for part in [*wrap(visible(sentence), width), ""]]


def lane(execution: Execution, server: str) -> float:
    """The middle of a server's lane."""
    return LEFT + LANE * (execution.servers.index(server) + 0.5)


def look(state: ServerState) -> tuple[str, int, str]:
    """How a lane is drawn while its server is so."""
    return COLOURS[state.role if state.is_up else "down"]


def lanes(execution: Execution, rows: Sequence[Row]) -> Iterator[str]:
    """Every server's line, from step to step, with its terms and its events."""
    states = [dict(execution.start), *states_by_step(execution)]
    for server in execution.servers:
        middle = lane(execution, server)
        for place, row in enumerate(rows):
            end = rows[place + 1].middle if place + 1 < len(rows) else row.top + row.height + 12
            colour, width, dashes = look(states[place][server])
            yield line(middle, row.middle, middle, end, colour, width, dashes)
            before = states[place - 1][server].current_term if place else None
            if states[place][server].current_term != before:
                yield text(
                    middle + 6,
                    row.middle - 3,
                    f"t{states[place][server].current_term}",
                    'font-size="11" stroke="#fff" stroke-width="3" paint-order="stroke"',
                )
    for place, step in enumerate(execution.steps, start=1):
        if step.server is not None:
            is_last = execution.verdict is not None and place == len(execution.steps)
            colour, radius = (BAD, 7) if is_last else (INK, 4)
            middle = lane(execution, step.server)
            yield f'<circle cx="{middle}" cy="{rows[place].middle}" r="{radius}" fill="{colour}"/>'
            if not states[place][step.server].is_up:
                yield cross(middle, rows[place].middle)


def bands(execution: Execution, rows: Sequence[Row]) -> Iterator[str]:
    """A shade between neighbours while nothing passes between them."""
    for place, step in enumerate(execution.steps, start=1):
        cut = {frozenset(link) for link in step.cut}
        for one, other in zip(execution.servers, execution.servers[1:], strict=False):
            if {one, other} in cut:
                row, left = rows[place], lane(execution, one) + LANE / 4
                yield (
                    f'<rect x="{left}" y="{row.top}" width="{LANE / 2}" height="{row.height}" '
                    f'fill="{BAD}" opacity="0.16"/>'
                )


def arrows(execution: Execution, rows: Sequence[Row]) -> Iterator[str]:
    """Every message that arrived or was lost."""
    for message in execution.messages:
        source, target = lane(execution, message.source), lane(execution, message.destination)
        begin = rows[message.sent_in].middle
        for copy, arrival in enumerate(message.arrived_in):
            drawn = arrow(source, begin, target, rows[arrival].middle, is_copy(message, copy))
            is_pale = execution.steps[arrival - 1].is_quiet
            yield from map(faint, drawn) if is_pale else drawn
        if message.lost_in is not None:
            half = source + 0.6 * (target - source)
            end = rows[message.lost_in].middle
            yield line(source, begin, half, end, BAD, 1.5, "6 3")
            yield cross(half, end)


def faint(shape: str) -> str:
    """A shape that is there and does not catch the eye."""
    return f'{shape.removesuffix("/>")} opacity="{FAINT}"/>'


def is_copy(message: Message, number: int) -> bool:
    """Whether this arrival left the message in flight."""
    return number + 1 < len(message.arrived_in) or message.lost_in is not None


def arrow(source: float, begin: float, target: float, end: float, copy: bool) -> Iterator[str]:
    """A line with a tip a little before its end."""
    yield line(source, begin, target, end, INK, 1.4, "2 3" if copy else "")
    length = max(1.0, ((target - source) ** 2 + (end - begin) ** 2) ** 0.5)
    along, down = (target - source) / length, (end - begin) / length
    tip = (target - 4 * along, end - 4 * down)
    left = (tip[0] - 9 * along - 4 * down, tip[1] - 9 * down + 4 * along)
    right = (tip[0] - 9 * along + 4 * down, tip[1] - 9 * down - 4 * along)
    points = " ".join(f"{across:.1f},{below:.1f}" for across, below in (tip, left, right))
    yield f'<polygon points="{points}" fill="{INK}"/>'


def words(execution: Execution, rows: Sequence[Row]) -> Iterator[str]:
    """What happened, beside the lanes."""
    left = LEFT + LANE * len(execution.servers) + 10
    for place, row in enumerate(rows):
        for number, title in enumerate(row.titles):
            yield text(left, row.top + LINE * number + 12, title, 'font-weight="600"')
        begin = row.middle - LINE * (len(row.words) - 1) / 2 + 4
        for number, words_of_line in enumerate(row.words):
            broken = execution.verdict is not None and place == len(rows) - 1
            is_name = broken and place > 0 and number == len(row.words) - 1
            style = f'fill="{BAD}" font-weight="600"' if is_name else ""
            yield text(left, begin + LINE * number, words_of_line, style)


def line(
    left: float, top: float, right: float, bottom: float, colour: str, width: float, dashes: str
) -> str:
    """A straight line."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{left:.1f}" y1="{top:.1f}" x2="{right:.1f}" y2="{bottom:.1f}" '
        f'stroke="{colour}" stroke-width="{width}"{dashed}/>'
    )


def cross(left: float, top: float) -> str:
    """Where a message is lost, or a server stops."""
    return (
        f'<path d="M{left - 5:.1f} {top - 5:.1f}l10 10m0-10l-10 10" '
        f'stroke="{BAD}" stroke-width="2.2" fill="none"/>'
    )


def text(left: float, top: float, words_of_line: str, style: str = "") -> str:
    """A line of words."""
    place = f'x="{left:.1f}" y="{top:.1f}" xml:space="preserve"'
    return f"<text {place} {style}>{plain(words_of_line)}</text>"


def plain(words_of_line: str) -> str:
    """Words that are nothing but words in SVG."""
    return escape(visible(words_of_line))
