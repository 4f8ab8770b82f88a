"""What is said of a name that is none of those that there are."""

from collections.abc import Iterable
from difflib import get_close_matches


def not_found(name: str, known: Iterable[str]) -> str:
    """`found 'x' (did you mean 'y'?)`, where a known name is near enough; case is no matter."""
    by_lower = {each.lower(): each for each in known if each != name}
    near = get_close_matches(name.lower(), by_lower, n=1)
    meant = f" (did you mean {by_lower[near[0]]!r}?)" if near else ""
    return f"found {name!r}{meant}"


def not_one_of(name: str, known: Iterable[str]) -> str:
    """The same, and all names that there are."""
    known = tuple(known)
    return f"{not_found(name, known)}, expected one of {', '.join(known)}"
