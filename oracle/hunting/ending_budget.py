"""How much may be spent on shrinking a schedule at which a subject hangs or its process ends.

Starting a process for each candidate is expensive, and waiting for one that hangs costs more. So
fewer candidates are tried than for other violations, and while a hang is shrunk, a call is given
less time to return.
"""

from typing import Final

from attrs import frozen

SHRINKING_SECONDS: Final = 30.0
"""About as much waiting may be spent on shrinking a hang."""
SLOWEST_TIMES: Final = 20
SHORTEST_PATIENCE: Final = 0.2
"""While a hang is shrunk, a call may take 20 times what the slowest one took, and this at least."""
SHORTENED: Final = "\nWhile it was shrunk, calls were given less time to return than before."
"""What a trace says if calls were given less time."""


@frozen
class EndingBudget:
    """Seconds that a call may take while its failure is shrunk, and the number of candidates."""

    patience: float
    attempts: int


def budget_of_hang(patience: float, slowest: float) -> EndingBudget:
    """What may be spent on a hang, if the slowest call that returned took `slowest` seconds."""
    shorter = min(patience, max(SHORTEST_PATIENCE, SLOWEST_TIMES * slowest))
    return EndingBudget(shorter, int(SHRINKING_SECONDS / shorter))
