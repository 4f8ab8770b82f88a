"""What is said of a name that is none of those that there are."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

MOST_LISTED: Final = 30
"""Names that somebody looks through for the one that was meant."""
MOST_NEAR: Final = 8


def not_found(name: str, known: Iterable[str]) -> str:
    """`found 'x' (did you mean 'y'?)`, where a known name is near enough; case is no matter."""
    by_lower = {each.lower(): each for each in known if each != name}
    near = get_close_matches(name.lower(), by_lower, n=1)
    meant = f" (did you mean {by_lower[near[0]]!r}?)" if near else ""
    return f"found {name!r}{meant}"


def not_one_of(name: str, known: Iterable[str]) -> str:
    """The same, and all names that there are; of many, those that are most alike."""
    known = tuple(known)
    listed = ", ".join(known)
    if len(known) > MOST_LISTED:
        nearest = get_close_matches(name, known, n=MOST_NEAR, cutoff=0)
        listed = f"{', '.join(nearest)} and {len(known) - len(nearest)} others"
    return f"{not_found(name, known)}, expected one of {listed}"
