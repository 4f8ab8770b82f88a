"""The checker: who is asked, who cannot be, what was reached, and who is blamed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties.checker import BY_NAME, PROPERTIES, Checker, NotChecked, violation
from properties.facts import BecameLeader, Fact, Started, TermChanged, facts_between
from properties.property import Breach, Property
from properties.sometimes import SOMETIMES
from properties.view import (
    APPLIED,
    CLIENTS,
    COMMIT,
    KNOWN_OBSERVATIONS,
    LOG,
    MACHINE,
    MEMBERSHIP,
    REFERENCE_OBSERVES,
    ROLE,
    SNAPSHOT,
    ObservedView,
)
from raft_core import Entry, Log, Role, s1, s2
from tests.properties.arbitrary import facts_of
from tests.properties.judge import commits, leads, truncates

in_every_property = pytest.mark.parametrize(
    "judge", PROPERTIES, ids=lambda each: str(getattr(each, "name", each))
)


def checker(*properties: Property, observes: frozenset[str] = KNOWN_OBSERVATIONS) -> Checker:
    """A checker of these properties, or of all, for three servers."""
    return Checker(3, observes, properties or PROPERTIES)


def test_names_are_unique() -> None:
    """A property is found by its name, on the command line and in saved schedules."""
    assert len(BY_NAME) == len(PROPERTIES)
    assert len({each.name for each in SOMETIMES}) == len(SOMETIMES)


def test_figure_3_comes_first() -> None:
    """The paper's five are blamed before what follows from them, and after what they rest on."""
    assert [each.name for each in PROPERTIES[:6]] == [
        "EntriesWithinTerm",
        "ElectionSafety",
        "LeaderAppendOnly",
        "LogMatching",
        "LeaderCompleteness",
        "StateMachineSafety",
    ]


@in_every_property
def test_property_says_what_it_is_and_where_that_is_written(judge: Property) -> None:
    """Every property has a statement, a source, and facts to look at."""
    assert judge.statement.endswith(".")
    assert judge.source
    assert judge.facts
    assert judge.needs <= KNOWN_OBSERVATIONS


def test_property_that_lacks_an_observation_is_not_checked() -> None:
    """It is reported with what is missing, sorted, instead of holding by default."""
    judged = checker(observes=frozenset({ROLE, COMMIT}))
    missing = {each.property: each.missing for each in judged.not_checked}
    assert missing["LogMatching"] == (LOG,)
    assert missing["MachinesAgree"] == (MACHINE, APPLIED)
    assert "ElectionSafety" not in missing
    assert {each.name for each in judged.properties} | set(missing) == set(BY_NAME)


def test_reference_without_features_leaves_only_those_unchecked() -> None:
    """Figure 2 shows all that any other property needs."""
    judged = checker(observes=REFERENCE_OBSERVES)
    assert judged.not_checked == (
        NotChecked("MachinesAgree", (MACHINE,)),
        NotChecked("MembershipAgrees", (MEMBERSHIP,)),
        NotChecked("OnlyVotersLead", (MEMBERSHIP,)),
        NotChecked("Linearizable", (CLIENTS,)),
    )


def test_properties_may_be_handed_over_one_by_one() -> None:
    """An iterator of properties is as good as a tuple: all are asked or reported."""
    judged = Checker(3, frozenset({ROLE}), iter(PROPERTIES))
    unseen = {each.property for each in judged.not_checked}
    assert {each.name for each in judged.properties} | unseen == set(BY_NAME)


def test_everything_observed_leaves_nothing_unchecked() -> None:
    """A subject that shows all is judged by all."""
    judged = checker()
    assert judged.not_checked == ()
    assert judged.properties == PROPERTIES


def test_property_that_is_not_checked_finds_nothing() -> None:
    """Two leaders of one term go unnoticed where roles are not shown."""
    facts: list[Fact] = [leads(s1, 1), leads(s2, 1)]
    assert checker(observes=KNOWN_OBSERVATIONS - {ROLE}).check(list(facts)) is None
    found = checker().check(facts)
    assert found is not None
    assert found.property == "ElectionSafety"


def test_property_that_is_left_out_finds_nothing() -> None:
    """A property that is left out neither fails nor is listed as not checked."""
    rest = [each for each in PROPERTIES if each.name != "ElectionSafety"]
    judged = checker(*rest)
    assert judged.check([leads(s1, 1), leads(s2, 1)]) is None
    assert judged.not_checked == ()


def test_violation_carries_the_property_and_the_breach() -> None:
    """What is reported names the property, where it is written, and what happened."""
    judge = BY_NAME["ElectionSafety"]
    found = violation(judge, Breach("Something happened.", (s2,)))
    assert (found.property, found.statement, found.source) == (
        judge.name,
        judge.statement,
        judge.source,
    )
    assert (found.detail, found.servers) == ("Something happened.", (s2,))


def test_first_property_is_blamed_for_a_fact_that_breaks_several() -> None:
    """A leader that deletes committed entries breaks Figure 3 before anything else."""
    facts: list[Fact] = [
        truncates(s1, 1, 1, led=True),
        TermChanged(s1, 2, 1, Role.LEADER, Role.LEADER),
    ]
    found = checker().check(facts)
    assert found is not None
    assert found.property == "LeaderAppendOnly"


def test_first_fact_is_blamed() -> None:
    """Facts are judged in order, whichever property looks at them."""
    facts: list[Fact] = [
        TermChanged(s1, 2, 1, Role.LEADER, Role.LEADER),
        truncates(s1, 1, 1, led=True),
    ]
    found = checker().check(facts)
    assert found is not None
    assert found.property == "TermMonotonic"


def test_history_lasts_from_one_check_to_the_next() -> None:
    """The two leaders may come in different steps."""
    judged = checker()
    assert judged.check([leads(s1, 1)]) is None
    assert judged.check([leads(s2, 1)]) is not None


def test_reset_forgets_histories() -> None:
    """What happened in one run is not held against the next."""
    judged = checker()
    assert judged.check([leads(s1, 1)]) is None
    judged.reset()
    assert judged.check([leads(s2, 1)]) is None


def test_reset_keeps_what_was_reached() -> None:
    """Guards look at all runs together."""
    judged = checker()
    judged.check([leads(s1, 1)])
    judged.reset()
    assert judged.reached == {"leader elected"}
    assert "leader elected" not in judged.unreached()


def test_nothing_is_reached_at_first() -> None:
    """Before the first fact every guard waits."""
    assert checker().unreached() == tuple(each.name for each in SOMETIMES)


def test_one_fact_may_reach_several_things() -> None:
    """An older entry's commit is a commit, too."""
    judged = checker()
    judged.check([commits(s1, 2, 2, (1, 2))])
    assert judged.reached == {"entry committed", "older term's entry committed"}


def test_what_cannot_be_seen_is_not_awaited() -> None:
    """The reference installs no snapshots, so a run without them says nothing against it."""
    assert "snapshot installed" not in checker(observes=REFERENCE_OBSERVES).unreached()
    assert "snapshot installed" in checker(observes=REFERENCE_OBSERVES | {SNAPSHOT}).unreached()


def test_facts_that_reach_something_count_in_the_step_that_breaks_something() -> None:
    """What was reached is noted before the breach ends the run."""
    judged = checker()
    judged.check([leads(s1, 1), leads(s2, 1), Started(s1, restarted=True)])
    assert judged.reached == {"leader elected", "server restarted"}


@in_every_property
@given(data=st.data())
def test_folding_is_pure(judge: Property, data: st.DataObject) -> None:
    """The same history and fact give equal results, and the history stays what it was."""
    history = judge.initial(3)
    for fact in data.draw(st.lists(facts_of(*judge.facts), max_size=8)):
        hashed, printed = hash(history), repr(history)
        first, second = judge.check(history, fact), judge.check(history, fact)
        assert first == second
        assert (hash(history), repr(history)) == (hashed, printed)
        if isinstance(first, Breach):
            break
        history = first


@given(st.data())
def test_whatever_facts_say_nothing_raises(data: st.DataObject) -> None:
    """However wrong a foreign server's views are, they are judged, and end no hunt."""
    kinds = {kind for judge in PROPERTIES for kind in judge.facts}
    ordered = sorted(kinds, key=lambda kind: kind.__name__)
    facts = data.draw(st.lists(facts_of(*ordered, Started), max_size=10))
    first, second = checker(), checker()
    assert first.check(facts) == second.check(facts)
    assert first.reached == second.reached
    assert first.histories == second.histories


def test_log_of_a_fact_does_not_change_under_a_history() -> None:
    """Histories share logs with servers, and logs are values."""
    log = Log()
    judged = checker()
    judged.check([BecameLeader(s1, 1, log)])
    before = hash(tuple(judged.histories))
    assert log.appended(()) == log
    assert hash(tuple(judged.histories)) == before


@pytest.mark.parametrize("index", [5, 10**8, 2**64 - 1])
@pytest.mark.parametrize("applies", [False, True])
def test_an_index_beyond_the_log_is_the_same_breach_however_far(index: int, applies: bool) -> None:
    """An index that underflowed costs no more than one that is too high by five."""

    def follower(commit_index: int, last_applied: int) -> ObservedView:
        return ObservedView(
            role=Role.FOLLOWER,
            current_term=1,
            log=Log.of((Entry(1, "v1"),)),
            commit_index=commit_index,
            last_applied=last_applied,
        )

    after = follower(index, index if applies else 0)
    broken = checker().check(facts_between(s1, follower(0, 0), after))
    assert broken is not None
    assert broken.property == "IndexOrder"
    assert str(index) in broken.detail


def test_a_breach_that_is_known_silences_its_property_in_this_run() -> None:
    """The others are judged on, the facts after it among them; the next run judges it again."""
    judged = Checker(3, KNOWN_OBSERVATIONS, PROPERTIES)
    twice: list[Fact] = [leads(s1, 1), leads(s2, 1)]
    judged.known = frozenset({"ElectionSafety"})
    assert judged.check(twice) is None
    assert judged.check(twice) is None
    judged.reset()
    judged.known = frozenset()
    found = judged.check(twice)
    assert found is not None
    assert found.property == "ElectionSafety"
