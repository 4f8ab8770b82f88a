"""Runs of a subject: random ones until one breaks something, or a schedule."""

from collections.abc import Iterable

from model.actions import Action
from model.drivers.walker import walk
from model.target import TargetRequest
from model.world.macro_actions import Cluster
from oracle.bridging.description import known_findings
from oracle.subjects.naming import read_subject
from oracle.subjects.registry import make_setup
from properties.property import Violation


def first_violation(
    subject: str,
    runs: int,
    servers: int | None = None,
    settings: dict[str, str] | None = None,
    mutant: str | None = None,
    ignore: frozenset[str] = frozenset(),
    wanted: str | None = None,
    seed: int = 0,
) -> Violation | None:
    """What the first of so many runs finds that finds anything; past what is known already.

    With `wanted`, the first that breaks it: a mistake breaks several properties, and which run
    comes upon which of them first differs with all that is drawn.
    """
    known = {each.breaks for each in known_findings(subject, mutant)}
    request = TargetRequest(
        subject=read_subject(subject),
        servers=servers,
        settings=settings or {},
        ignore=ignore | known,
        mutant=mutant,
    )
    setup = make_setup(request)
    cluster = setup.cluster()
    for number in range(runs):
        violation, _ = walk(cluster, seed, number)
        if violation is None or violation.property in request.ignore:
            continue
        if wanted is None or violation.property == wanted:
            return violation
    return None


def cluster_after(request: TargetRequest, schedule: Iterable[Action]) -> Cluster:
    """A new cluster to which this has happened."""
    cluster = make_setup(request).cluster()
    cluster.reset()
    for action in schedule:
        cluster.apply(action)
    return cluster
