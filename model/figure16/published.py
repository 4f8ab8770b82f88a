"""The lines of Figure 16 as they are published: their election timeouts, and what they came to."""

from typing import Final

from attrs import frozen

from model.figure16.timed_cluster import Milliseconds

FEWER: Final = 10
"""The line without randomness gets one trial where the others get ten, as in the paper."""


@frozen
class Published:
    """A line of the thesis's graph, in ms: read off the vector graphic, so to about 1%."""

    minimum: Milliseconds
    median: Milliseconds
    mean: Milliseconds
    last_percent: Milliseconds
    worst: Milliseconds


@frozen
class Line:
    """One line of the figure: a range of election timeouts."""

    low: int
    high: int
    published: Published

    @property
    def name(self) -> str:
        """As the figure's legend has it."""
        return f"{self.low}-{self.high} ms"

    def trials(self, trials: int) -> int:
        """How many trials this line gets where the usual line gets so many."""
        return trials if self.high > self.low else max(trials // FEWER, 1)


TOP: Final = (
    Line(150, 150, Published(9860, 41100, 54800, 528000, 528000)),
    Line(150, 151, Published(86.2, 1198, 1537, 6010, 8230)),
    Line(150, 155, Published(85.3, 287, 345, 1242, 2142)),
    Line(150, 175, Published(84.4, 141, 164, 467, 610)),
    Line(150, 200, Published(87.1, 146, 156, 352, 512)),
    Line(150, 300, Published(92.7, 171, 181, 415, 603)),
)
"""The upper graph: how much randomness. The last of them is in the lower graph too."""
BOTTOM: Final = (
    Line(12, 24, Published(15.3, 30.0, 34.7, 86.9, 152)),
    Line(25, 50, Published(24.0, 43.0, 47.9, 119, 276)),
    Line(50, 100, Published(37.1, 66.7, 71.4, 169, 253)),
    Line(100, 200, Published(65.7, 120, 126, 277, 335)),
    TOP[-1],
)
"""The lower graph: how short the timeouts."""
LINES: Final = (*TOP, *BOTTOM[:-1])
