"""What a hunt checks, what it says that it does not, and what it is not to be asked for."""

import pytest

from model.subject import NetworkKind
from model.target import (
    Command,
    Directory,
    InProcess,
    NamedSubject,
    Reference,
    Target,
    UserFile,
)
from model.world.fair_schedule import PROGRESS
from oracle.hunting.checked_properties import check_only, judged
from oracle.hunting.plan import HuntPlan
from oracle.terminal.usage import UsageError
from properties.view import LOG, MEANINGS, REFERENCE_OBSERVES, ROLE

REFERENCE, ADAPTER = Reference(), Command(("./adapter",))


def plan_of(
    observes: frozenset[str],
    network: NetworkKind = "any",
    ignore: frozenset[str] = frozenset(),
    subject: NamedSubject = REFERENCE,
) -> HuntPlan:
    """A hunt of a subject that shows so much."""
    return HuntPlan(
        target=Target(subject=subject, servers=3, network=network, ignore=ignore),
        version="1",
        made_for="any",
        observes=observes,
    )


def test_progress_is_checked_where_it_can_be_seen() -> None:
    """The reference shows all that it takes."""
    plan = plan_of(REFERENCE_OBSERVES)
    names, not_checked = judged(plan.checker(), plan.target.network)
    assert PROGRESS in names
    assert PROGRESS not in [each.property for each in not_checked]


def test_progress_is_not_checked_where_it_cannot_be_seen() -> None:
    """What is missing is named, as with every property."""
    plan = plan_of(frozenset({ROLE, LOG}))
    names, not_checked = judged(plan.checker(), plan.target.network)
    assert PROGRESS not in names
    (progress,) = [each for each in not_checked if each.property == PROGRESS]
    assert progress.missing == ("commit_index",)


@pytest.mark.parametrize("network", ["any", "fifo"])
def test_progress_is_neither_where_it_is_not_looked_for(network: NetworkKind) -> None:
    """On a fifo network no run ends with a fair schedule; and what is ignored is said apart."""
    ignored = frozenset({PROGRESS}) if network == "any" else frozenset()
    plan = plan_of(REFERENCE_OBSERVES, network, ignored)
    names, not_checked = judged(plan.checker(), plan.target.network)
    assert PROGRESS not in [*names, *(each.property for each in not_checked)]


@pytest.mark.parametrize(
    ("name", "subject", "expected"),
    [
        ("Conforms", REFERENCE, "message meanings; expected --set meanings=on"),
        ("VoteIsGranted", REFERENCE, "message meanings; expected --set meanings=on"),
        ("Linearizable", REFERENCE, "client histories; expected --set state_machine=on"),
        ("MembershipAgrees", REFERENCE, "memberships; expected --set joint_consensus=on"),
        (
            "Conforms",
            ADAPTER,
            "expected a `meaning` on its messages",
        ),
        (
            "MachinesAgree",
            ADAPTER,
            "them in `observes` of its reply to hello",
        ),
        ("MachinesAgree", Directory("src/raft"), "as `--explain` lists those that were found"),
        ("MachinesAgree", UserFile("mine.py"), "them in `observes` of its factory"),
        (
            "MachinesAgree",
            InProcess("raftos"),
            "expected a subject that shows them",
        ),
    ],
)
def test_only_what_is_not_checked_is_refused(
    name: str, subject: NamedSubject, expected: str
) -> None:
    """The one line says what the subject does not show, and what would make it show that."""
    with pytest.raises(UsageError) as refused:
        check_only(plan_of(REFERENCE_OBSERVES, subject=subject), (name,))
    line = str(refused.value)
    assert line.startswith(f"only: {name} is not checked, as {subject.text} does not show ")
    assert expected in line


def test_only_progress_is_refused_where_it_is_not_looked_for() -> None:
    """On a fifo network, whatever the subject shows."""
    check_only(plan_of(REFERENCE_OBSERVES), (PROGRESS,))
    with pytest.raises(UsageError, match="not checked on a fifo network, expected --network any"):
        check_only(plan_of(REFERENCE_OBSERVES, "fifo"), (PROGRESS,))


def test_only_what_is_checked_is_let_pass() -> None:
    """Properties, rules where messages have meanings, and a failure of the subject."""
    check_only(plan_of(REFERENCE_OBSERVES), ("ElectionSafety", "VoteOnce", "SubjectFailed"))
    check_only(plan_of(REFERENCE_OBSERVES | {MEANINGS}), ("Conforms", "VoteIsGranted"))
