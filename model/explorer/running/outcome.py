"""What comes out of an exploration, and how far one is that is under way."""

from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from model.explorer.running.specification import ExplorationSpec
from model.explorer.search.random_walks import WalkResult
from model.explorer.search.result import SearchResult
from model.explorer.systems.system import System


@frozen(kw_only=True)
class ExplorationResult:
    """What was explored, what was found, and what it took."""

    spec: ExplorationSpec
    """What was explored in the end; `reduce` may be off although it was asked for."""
    system: System
    search: SearchResult
    engine: str
    workers: int
    seconds: float
    """With the time that the search took before it was taken up from a checkpoint."""
    bytes: int
    """Memory that the states took at the end."""
    interrupted: bool = False
    stored: Path | None = None
    """The folder of the checkpoint from which the search can be taken up again."""
    unstored_because: str = ""
    """Why the last checkpoint is older than the end; empty where it is not."""
    unreduced_because: str = ""
    """Why stale replies were kept although they were to be thrown away; empty where they were."""
    walks: WalkResult | None = None
    """What random walks have shown; None of a breadth-first search."""

    @property
    def renamings(self) -> int:
        """How many renamings of the servers count as one."""
        return self.spec.renamings(self.system)


@frozen
class ExplorationProgress:
    """How far an exploration under way is.

    Random walks have no levels: `frontier` is the number of moves to make, `done` that of moves
    made.
    """

    level: int
    frontier: int
    """States of the level that is being expanded."""
    done: int
    """How many of these are expanded."""
    distinct: int
    generated: int
    seconds: float
    bytes: int
    levels: tuple[int, ...]
    """New states at each distance from the initial state."""


ReportProgress = Callable[[ExplorationProgress], None]
IsInterrupted = Callable[[], bool]
"""Whether the user has asked for the end."""
