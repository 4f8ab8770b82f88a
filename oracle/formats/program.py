"""Actions as Python source."""

from model.actions import MicroAction, Schedule


def program(schedule: tuple[MicroAction, ...] | Schedule, indent: str) -> str:
    """Actions as the lines of a Python tuple."""
    return "\n".join(f"{indent}{action!r}," for action in schedule)
