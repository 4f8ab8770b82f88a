"""Executions that pictures are tried on: a violation, hostile text, and a long run."""

from functools import cache
from typing import Final

from model.actions import Action, ClientRequest, Deliver, ElectionTimeout, HeartbeatTimeout
from model.drivers.walker import walk
from model.mutants import MUTANT_BY_NAME
from model.reference.cluster import ReferenceCluster, ReferenceFactory
from model.runs.execution import Execution, Origin, until
from model.runs.recorded import execution_of
from model.runs.run import run
from model.setup import Setup
from raft_core import s1, s2, s3

HOSTILE: Final = (
    "</script><img src=x onerror=document.title='run'>",
    "<svg onload=document.title='run'>",
    "\"'`&amp;|;#--{{}}${x}%%",
    "\x1b[31mred\x1b[0m\x07\x00",
    "\u202eevil\u202c\u2066\u200b",
    "a\nb\r\nc\u2028d",
    "x" * 10_000,
)
"""Commands that no picture may obey."""


@cache
def violated() -> Execution:
    """Two leaders of one term."""
    return executed(
        ClientRequest(s1, "it's"),
        ElectionTimeout(s1),
        Deliver(s1, s3),
        Deliver(s3, s1),
        ElectionTimeout(s2),
        Deliver(s2, s3),
        Deliver(s3, s2),
    )


@cache
def hostile() -> Execution:
    """Commands of an enemy, in requests, messages and logs."""
    requests = (ClientRequest(s1, command) for command in HOSTILE)
    return executed(
        ElectionTimeout(s1),
        Deliver(s1, s3),
        Deliver(s3, s1),
        *requests,
        HeartbeatTimeout(s1),
        Deliver(s1, s3, -1),
        settings={"<b>name": "</style>\x1b"},
    )


@cache
def walked(steps: int) -> Execution:
    """A walk of so many steps, on seven servers, with every fault."""
    schedule: tuple[Action, ...] = ()
    number = 0
    while len(schedule) < steps:
        cluster = Setup(factory=ReferenceFactory(), servers=7, network="any").cluster()
        _, more = walk(cluster, 3, number)
        schedule, number = schedule + more, number + 1
    return until(executed(*schedule, mutant=None, servers=7), steps)


def executed(
    *schedule: Action,
    mutant: str | None = "double-vote",
    servers: int = 3,
    settings: dict[str, str] | None = None,
) -> Execution:
    """What a schedule comes to on the reference, or on a mutant of it."""
    protocol = None if mutant is None else MUTANT_BY_NAME[mutant].protocol()
    factory = ReferenceFactory() if protocol is None else ReferenceFactory(protocol)
    cluster = Setup(factory=factory, servers=servers, network="any").cluster()
    assert isinstance(cluster.subject, ReferenceCluster)
    origin = Origin(
        subject="reference",
        subject_version="0",
        network="any",
        settings=settings or {},
        heading="reference 0; seed 0.",
    )
    outcome = run(cluster, schedule)
    return execution_of(cluster.subject, outcome, servers, origin, cluster.subject.meaning)
