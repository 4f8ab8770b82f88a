"""A violation that formats are tried on: a mutant of the reference that votes twice."""

from model.mutants import MUTANT_BY_NAME
from model.reference.cluster import ReferenceCluster, ReferenceFactory
from model.runs.execution import Execution, Origin
from model.runs.recorded import execution_of
from model.runs.run import Run, run
from model.schedule import SavedSchedule
from model.setup import Setup
from model.subject import Subject
from model.target import Reference, Target
from raft_oracle import ClientRequest, Deliver, ElectionTimeout, s1, s2, s3

MUTANT = "double-vote"
SCHEDULE = (
    ClientRequest(s1, "it's a \"command\" with \\ and '''"),
    ElectionTimeout(s1),
    Deliver(s1, s3),
    Deliver(s3, s1),
    ElectionTimeout(s2),
    Deliver(s2, s3),
    Deliver(s3, s2),
)
SAVED = SavedSchedule(
    target=Target(subject=Reference(), servers=3, network="any", mutant=MUTANT),
    subject_version="0.1.0",
    driver="walker",
    seed=0,
    property="ElectionSafety",
    actions=SCHEDULE,
)


ORIGIN = Origin(subject="reference", subject_version="0.1.0", network="any", mutant=MUTANT, seed=0)


def played() -> tuple[Subject, Run]:
    """The subject, and what came of the schedule."""
    factory = ReferenceFactory(MUTANT_BY_NAME[MUTANT].protocol())
    cluster = Setup(factory=factory, servers=3, network="any").cluster()
    return cluster.subject, run(cluster, SCHEDULE)


def execution() -> Execution:
    """The same with all that pictures show, meanings among it."""
    subject, outcome = played()
    assert isinstance(subject, ReferenceCluster)
    return execution_of(subject, outcome, 3, ORIGIN, subject.meaning)
