"""Both graphs of Figure 16, as text and as SVG: cumulative percent of trials over the downtime."""

import math
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from model.figure16.published import BOTTOM, TOP, Line
from model.figure16.timed_cluster import Milliseconds

Results = dict[Line, list[Milliseconds]]
"""By line, the downtimes of its trials in ascending order; infinite where one was given up."""

ROWS: Final = 20
COLUMNS: Final = 84
MARGIN: Final = 7
MARKS: Final = "abcdef"
SHARED: Final = "*"

COLOURS: Final = ("#d62728", "#b8860b", "#2ca02c", "#17a2b8", "#1f4fd8", "#c23fb4")
PANEL_WIDTH, PANEL_HEIGHT = 560, 230
LEFT, ABOVE, BESIDE, BETWEEN = 60, 40, 150, 90
POINTS: Final = 200
"""Points of a curve: one at each half percent."""


@frozen
class Axis:
    """An axis of times, linear or logarithmic."""

    low: Milliseconds
    high: Milliseconds
    ticks: tuple[int, ...]
    is_logarithmic: bool = False

    def place(self, time: Milliseconds) -> float:
        """Where a time stands, from 0 (the low end) to 1; what is beyond an end stands at it."""
        time = min(max(time, self.low), self.high)
        if self.is_logarithmic:
            return math.log(time / self.low) / math.log(self.high / self.low)
        return (time - self.low) / (self.high - self.low)


@frozen
class Graph:
    """One of the two graphs."""

    title: str
    lines: tuple[Line, ...]
    axis: Axis


GRAPHS: Final = (
    Graph(
        "Varying the randomness of the election timeout",
        TOP,
        Axis(50, 1_000_000, (100, 1000, 10_000, 100_000), is_logarithmic=True),
    ),
    Graph(
        "Scaling the election timeout",
        BOTTOM,
        Axis(0, 600, (0, 100, 200, 300, 400, 500, 600)),
    ),
)


def quantile(times: Sequence[Milliseconds], percent: float) -> Milliseconds:
    """The least of these ascending times that so many percent of them do not exceed."""
    return times[max(math.ceil(len(times) * percent / 100) - 1, 0)]


def text_plot(graph: Graph, results: Results) -> str:
    """A graph in characters: a letter for each line and each five percent."""
    cells = [[" "] * COLUMNS for _ in range(ROWS + 1)]
    legend = []
    for mark, line in zip(MARKS, graph.lines, strict=False):
        times = results.get(line)
        if not times:
            continue
        legend.append(f"{mark} {line.name}")
        for row, cell in enumerate(cells):
            time = quantile(times, 100 - 100 * row / ROWS)
            column = round(graph.axis.place(time) * (COLUMNS - 1))
            cell[column] = mark if cell[column] == " " else SHARED
    rows = [f"{row_label(row):>{MARGIN - 2}} |{''.join(cell)}" for row, cell in enumerate(cells)]
    body = "\n".join(row.rstrip() for row in rows)
    title = f"{graph.title}: percent of trials over downtime"
    return f"{title}\n{body}\n{text_axis(graph.axis)}\n{' ' * MARGIN}{', '.join(legend)}\n"


def row_label(row: int) -> str:
    """The percent of a row, on every fourth."""
    return f"{100 - 100 * row // ROWS}%" if row % 4 == 0 else ""


def text_axis(axis: Axis) -> str:
    """The axis of times below a graph in characters."""
    ruler = ["-"] * COLUMNS
    labels = [" "] * (MARGIN + COLUMNS + MARGIN)
    for tick in axis.ticks:
        column = round(axis.place(tick) * (COLUMNS - 1))
        ruler[column] = "+"
        label = time_label(tick)
        start = MARGIN + column - len(label) // 2
        labels[start : start + len(label)] = label
    return f"{' ' * (MARGIN - 1)}+{''.join(ruler)}\n{''.join(labels).rstrip()}"


def time_label(time: int) -> str:
    """A tick's time."""
    return f"{time // 1000} s" if time >= 1000 else f"{time} ms"


def svg(results: Results) -> str:
    """Both graphs, one above the other."""
    height = len(GRAPHS) * (PANEL_HEIGHT + BETWEEN) + ABOVE // 2
    width = LEFT + PANEL_WIDTH + BESIDE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for number, graph in enumerate(GRAPHS):
        top = ABOVE + number * (PANEL_HEIGHT + BETWEEN)
        parts += [f'<g transform="translate({LEFT} {top})">', *panel(graph, results), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def panel(graph: Graph, results: Results) -> list[str]:
    """One graph as SVG: its frame, its curves, its legend."""
    parts = [
        f'<text x="0" y="-12" font-weight="bold">{graph.title}</text>',
        f'<rect width="{PANEL_WIDTH}" height="{PANEL_HEIGHT}" fill="none" stroke="#888"/>',
    ]
    parts += [part for tick in graph.axis.ticks for part in time_tick(graph.axis, tick)]
    parts += [part for percent in range(0, 101, 20) for part in percent_tick(percent)]
    lines = [line for line in graph.lines if results.get(line)]
    for number, (line, colour) in enumerate(zip(lines, COLOURS, strict=False)):
        parts += curve(graph.axis, line, results[line], colour)
        parts += legend_entry(line, colour, number)
    parts.append(
        f'<text x="{PANEL_WIDTH // 2}" y="{PANEL_HEIGHT + 38}" text-anchor="middle">'
        "time without leader; circles: Ongaro's thesis (minimum, median, 99%, worst)</text>"
    )
    return parts


def time_tick(axis: Axis, tick: int) -> list[str]:
    """A vertical line at a time, with its label."""
    across = f"{axis.place(tick) * PANEL_WIDTH:.1f}"
    return [
        f'<line x1="{across}" y1="0" x2="{across}" y2="{PANEL_HEIGHT}" stroke="#ddd"/>',
        f'<text x="{across}" y="{PANEL_HEIGHT + 18}" text-anchor="middle">'
        f"{time_label(tick)}</text>",
    ]


def percent_tick(percent: int) -> list[str]:
    """A horizontal line at a percentage, with its label."""
    down = f"{PANEL_HEIGHT * (1 - percent / 100):.1f}"
    return [
        f'<line x1="0" y1="{down}" x2="{PANEL_WIDTH}" y2="{down}" stroke="#ddd"/>',
        f'<text x="-8" y="{down}" dy="4" text-anchor="end">{percent}%</text>',
    ]


def curve(axis: Axis, line: Line, times: Sequence[Milliseconds], colour: str) -> list[str]:
    """A line's curve, and circles for the published one."""
    percents = [100 * number / POINTS for number in range(POINTS + 1)]
    points = " ".join(point(axis, quantile(times, percent), percent) for percent in percents)
    published = line.published
    known = (
        (published.minimum, 0),
        (published.median, 50),
        (published.last_percent, 99),
        (published.worst, 100),
    )
    circles = [
        '<circle cx="{}" cy="{}" r="3.5" fill="white" fill-opacity="0.6" stroke="{}"/>'.format(
            *point(axis, time, percent).split(","), colour
        )
        for time, percent in known
    ]
    return [
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>',
        *circles,
    ]


def point(axis: Axis, time: Milliseconds, percent: float) -> str:
    """A point of a curve, in SVG's notation."""
    return f"{axis.place(time) * PANEL_WIDTH:.1f},{PANEL_HEIGHT * (1 - percent / 100):.1f}"


def legend_entry(line: Line, colour: str, number: int) -> list[str]:
    """A line's name beside the graph."""
    across, down = PANEL_WIDTH + 16, 12 + 20 * number
    return [
        f'<line x1="{across}" y1="{down}" x2="{across + 24}" y2="{down}" stroke="{colour}"'
        ' stroke-width="2"/>',
        f'<text x="{across + 32}" y="{down}" dy="4">{line.name}</text>',
    ]
