"""Options that several commands have, read in one way.

May import: os, oracle.
"""

import os

from oracle.subjects import BROKEN_NAMES, UsageError


def read_workers(workers: int | None) -> int:
    """How many processes to use; all cores unless told otherwise."""
    if workers is None:
        return len(os.sched_getaffinity(0))
    if workers < 1:
        raise UsageError(f"workers: found {workers}, expected at least 1")
    return workers


def read_ignored(ignore: tuple[str, ...], only: tuple[str, ...]) -> frozenset[str]:
    """The properties to ignore: those named, and where some are to be checked only, all others."""
    every = set(BROKEN_NAMES)
    if unknown := sorted({*ignore, *only} - every):
        expected = ", ".join(BROKEN_NAMES)
        raise UsageError(f"property: found {unknown[0]!r}, expected one of {expected}")
    return frozenset(ignore) | (frozenset(every - set(only)) if only else frozenset())


def read_settings(pairs: tuple[str, ...]) -> dict[str, str]:
    """Settings from KEY=VALUE pairs."""
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"set: found {pair!r}, expected KEY=VALUE")
        settings[name] = value
    return settings
