"""The exit codes of all commands."""

from enum import IntEnum


class Exit(IntEnum):
    """What every command's exit code means."""

    NOTHING_FOUND = 0
    """Nothing is wrong, as far as was looked: no violation, accepted, linearizable, all claims."""
    VIOLATION = 1
    """A violation was found, a trace or history rejected, a claim failed."""
    INCONCLUSIVE = 2
    """Neither can be said: interrupted, out of memory, too little shown."""
    WRONG_USAGE = 64
    """What was typed does not fit; one line on standard error says what was expected."""
