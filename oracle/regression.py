"""What a generated regression test calls.

May import: model, oracle.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from model.actions import Schedule
from model.run import violation_of
from oracle.subjects import make_setup
from oracle.watch import watched
from properties.property import Violation


def violation_of_schedule(
    schedule: Schedule,
    subject: str,
    servers: int,
    network: Literal["any", "fifo"],
    settings: Mapping[str, str],
    mutant: str | None = None,
    ignore: Iterable[str] = (),
) -> Violation | None:
    """The violation to which a schedule leads from a fresh start, or None."""
    setup = make_setup(subject, servers, network, dict(settings), frozenset(ignore), mutant)
    cluster = setup.cluster()
    try:
        with watched(cluster):
            return violation_of(cluster, schedule)
    finally:
        cluster.subject.close()
