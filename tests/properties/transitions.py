"""Servers of whom much is known, for tests of single rules."""

from typing import Any, cast

from properties.rules.knowledge import Cluster, Knowledge
from properties.rules.vocabulary import HOLDS, KINDS, Broken, Kind, Meaning, Missing, Outcome
from raft_core import s1, s2, s3

NAMES = ["S1", "S2", "S3"]
HELD, BROKEN, LACKING, SILENT = "holds", "broken", "missing", "silent"


def cluster(**fields: Any) -> Cluster:
    """A cluster of three whose trace shows every message."""
    return Cluster(**{"reports_all": frozenset(KINDS), "names": list(NAMES), **fields})


def server(
    terms: tuple[int, ...] = (), among: Cluster | None = None, number: int = s1, **fields: Any
) -> Knowledge:
    """A server with a log of entries of these terms; one of three voters."""
    known = (among or cluster()).server_of(number)
    known.voters = frozenset({s1, s2, s3})
    known.log.append(1, terms)
    for name, value in fields.items():
        setattr(known, name, value)
    return known


def message(kind: str, source: int = s2, destination: int = s1, **fields: Any) -> Meaning:
    """A message; its entries are counted."""
    meaning = Meaning(cast("Kind", kind), source, destination, **fields)
    if meaning.terms is not None:
        meaning.count = len(meaning.terms)
    return meaning


def sort_of(outcome: Outcome) -> str:
    """What a rule answers, in a word."""
    if outcome is HOLDS:
        return HELD
    if isinstance(outcome, Broken):
        return BROKEN
    return LACKING if isinstance(outcome, Missing) else SILENT
