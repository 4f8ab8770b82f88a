"""The guard at the port, for what an adapter may offer beyond what every subject must."""

from typing import Any

import pytest
from attrs import evolve

from model.actions import Compact, CrashInside
from model.drivers.walker import walk
from model.reference.cluster import ReferenceCluster, ReferenceFactory
from model.setup import Setup
from model.subject import Answer, Packet, ServerCrashedError, SubjectError
from oracle.subjects.guarded import GuardedSubject, guarded_factory
from properties.facts import BLANK
from properties.view import REFERENCE_OBSERVES
from raft_core import Configuration, Entry, Log, Membership, Vector, s1, s2, s4

AnyLog: Any = Log
"""What Python lets an adapter build, which a type checker would not."""
AnyEntry: Any = Entry
AnyVector: Any = Vector
AnyMembership: Any = Membership
AnyAnswer: Any = Answer


class Offering(ReferenceCluster):
    """A cluster that offers and answers as a test has set."""

    def __init__(self, offers: Any = frozenset(), answers: Any = ()) -> None:
        super().__init__(Configuration(servers=3))
        self.offers = offers
        self.given = answers

    def answers(self) -> Any:
        """The answers that a test has set."""
        return self.given


def guarded(subject: ReferenceCluster) -> GuardedSubject:
    """The subject behind the guard."""
    return GuardedSubject(subject, 3, REFERENCE_OBSERVES)


@pytest.mark.parametrize("offers", [["Compact"], frozenset({"Explode"}), "Compact", None])
def test_offers_are_names_of_actions(offers: object) -> None:
    """What the model does not know cannot be offered."""
    with pytest.raises(SubjectError, match=r"offers: found .*expected a frozenset of"):
        guarded(Offering(offers))


def test_subject_that_answers_to_every_name_offers_nothing() -> None:
    """A method called `offers` is no offer."""
    assert guarded(Offering(lambda: None)).offers == frozenset()


def test_offers_of_a_subject_pass() -> None:
    """They are what the world asks for."""
    assert guarded(Offering(frozenset({"Compact"}))).offers == {"Compact"}


@pytest.mark.parametrize(
    "answers",
    [None, [], (1,), (AnyAnswer("c", 1, ""),), (AnyAnswer(1, 1, 7),)],
)
def test_answers_are_answers(answers: object) -> None:
    """A client is named by a number, and told text or nothing."""
    with pytest.raises(SubjectError, match=r"answers\(\) returned"):
        guarded(Offering(answers=answers)).answers()


def test_answers_pass() -> None:
    """Also of a client that learns nothing."""
    told = (Answer(1, 2, "x"), Answer(2, 1, None))
    assert guarded(Offering(answers=told)).answers() == told


class Crashing(Offering):
    """A cluster whose servers crash inside `perform`, having sent something."""

    def __init__(self, sent: Any, view: Any = None) -> None:
        super().__init__()
        self.sent = sent
        self.disk = view

    def perform(self, action: object) -> Any:
        """The crash."""
        raise ServerCrashedError(self.sent, self.disk)


def test_crash_inside_a_step_passes_with_what_was_sent() -> None:
    """It is no failure of the subject's."""
    sent = (Packet(s1, s2, "label", None),)
    with pytest.raises(ServerCrashedError) as caught:
        guarded(Crashing(sent)).perform(CrashInside(s1))
    assert caught.value.sent == sent


@pytest.mark.parametrize("sent", [None, [], ("no packet",), (Packet(s1, s1, "label", None),)])
def test_what_was_sent_before_a_crash_is_looked_at_too(sent: object) -> None:
    """A packet is a packet, whatever happened to its sender."""
    with pytest.raises(SubjectError, match=r"perform\(\)"):
        guarded(Crashing(sent)).perform(Compact(s1))


def test_what_a_crash_shows_of_a_disk_is_looked_at_too() -> None:
    """It is a view like any other."""
    with pytest.raises(ServerCrashedError) as caught:
        guarded(Crashing((), BLANK)).perform(Compact(s1))
    assert caught.value.view == BLANK
    with pytest.raises(SubjectError, match="current_term"):
        guarded(Crashing((), evolve(BLANK, current_term=-1))).perform(Compact(s1))


@pytest.mark.parametrize(
    ("log", "field"),
    [
        (AnyLog([Entry(1, "x")]), "log.entries"),
        (AnyLog(AnyVector([(Entry(1, "x"),)])), "log.entries"),
        (Log(Vector(((Entry(1, "x"),),))), "log.entries"),
        (AnyLog(memberships=[]), "log.memberships"),
        (AnyLog(memberships=(Membership((s1,)),)), "log.memberships"),
        (Log(memberships=((2, Membership((s1,))), (1, Membership((s2,))))), "log.memberships"),
        (AnyLog(memberships=((0, AnyMembership([s1])),)), "log.memberships.voters"),
        (Log(memberships=((0, Membership((s1, s4))),)), "log.memberships.voters"),
        (AnyLog(snapshot_rows=None), "log.snapshot_rows"),
        (AnyLog.of([AnyEntry(1, b"x")]), "log"),
        ([Entry(1, "x")], "log"),
    ],
)
def test_log_that_is_built_wrongly_is_named_by_its_field(log: Any, field: str) -> None:
    """A list where a tuple belongs would come up only later, far away, and as a traceback."""
    subject = Offering()
    subject.states[s1] = evolve(subject.states[s1], log=log)
    with pytest.raises(SubjectError, match=rf"^view\(\) returned {field} .*, expected ") as caught:
        guarded(subject).view(s1)
    assert "\n" not in str(caught.value)


def test_guard_lets_everything_pass_that_the_reference_shows() -> None:
    """Whoever changes one function of the reference hunts the rest of it behind the guard."""
    factory = ReferenceFactory()
    settings = {"features": "on", "meanings": "on"}
    setup = Setup(factory=guarded_factory(factory), servers=4, network="any", settings=settings)
    plain = Setup(factory=factory, servers=4, network="any", settings=settings)
    for number in range(20):
        behind, before = (walk(each.cluster(), 0, number) for each in (setup, plain))
        assert behind == before
        assert behind[0] is None
