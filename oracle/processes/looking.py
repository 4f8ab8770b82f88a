"""Looking for a reply again and again, which is quicker than to sleep until it comes.

To be put to sleep and woken costs about as much as a step of most subjects. But whoever looks keeps
a processor busy that others might use: it pays only where there is one to spare. Even there, other
programs may want it; then whoever looks in vain has to let them run, and comes back late. So a look
that was interrupted is followed by rests, longer ones each time that happens.
"""

import os
import time
from collections.abc import Callable, Sequence
from typing import ClassVar, Final, TypeAlias

from attrs import define

Came: TypeAlias = Sequence[tuple[int, int]]
"""Descriptors that are ready, and for what, as `select.poll` gives them."""
MOMENT: Final = 100e-6
"""Seconds to look before it is better to sleep: most replies come within them."""
INTERRUPTED: Final = 2e-3
"""Seconds that no look takes unless other programs run meanwhile."""
SHORTEST: Final = 64
LONGEST: Final = 4_096
"""How many replies are waited for asleep after an interrupted look: at first, and at most."""


def cores() -> int:
    """How many cores this process may use; macOS knows only how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@define
class Looks:
    """Decides before each reply whether to look for it."""

    has_core_to_spare: ClassVar[bool] = False
    """Whether each process that waits for a subject has a core besides the subject's."""
    rests_left: int = 0
    next_rest: int = SHORTEST

    @classmethod
    def work_beside(cls, processes: int) -> None:
        """So many processes, this one among them, will each wait for a subject of its own."""
        cls.has_core_to_spare = 2 * processes <= cores()

    def came(self, poll: Callable[[float], Came]) -> Came:
        """What is ready within a moment; nothing where that is not so, or looking does not pay."""
        if not self.has_core_to_spare:
            return ()
        if self.rests_left:
            self.rests_left -= 1
            return ()
        began = time.monotonic()
        while True:
            found = poll(0)
            seconds = time.monotonic() - began
            if found or seconds >= MOMENT:
                break
            os.sched_yield()
        self._learn_from(seconds)
        return found

    def _learn_from(self, seconds: float) -> None:
        """Rest longer after each look that was interrupted, and a bit less after each other."""
        if seconds >= INTERRUPTED:
            self.rests_left, self.next_rest = self.next_rest, min(2 * self.next_rest, LONGEST)
        elif self.next_rest > SHORTEST:
            self.next_rest -= 1
