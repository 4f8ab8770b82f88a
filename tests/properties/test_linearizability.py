"""The judgement of whole histories, against brute force and against published verdicts."""

from pathlib import Path
from random import Random

import pytest

from properties.history import Operation
from properties.linearizability import Verdict, check
from tests.properties.histories import answered, is_linearizable, random_history, unanswered
from tests.properties.porcupine import (
    JEPSEN_FILES,
    KEY_VALUE_FILES,
    LINEARIZABLE_LOGS,
    is_published_linearizable,
    name_of,
    published,
)

WROTE = answered(1, "set x 1", 1, 2, "")


def verdict(*history: Operation, attempts: int = 1000) -> Verdict:
    """The verdict on some operations."""
    return check(history, attempts=attempts).verdict


def test_brute_force_agrees() -> None:
    """On thousands of small histories, about half of which are linearizable."""
    random, counts = Random(1), {True: 0, False: 0}
    for _ in range(4000):
        history = random_history(random)
        expected = is_linearizable(history)
        counts[expected] += 1
        found = check(history).verdict
        assert found is (Verdict.LINEARIZABLE if expected else Verdict.NOT_LINEARIZABLE), history
    assert min(counts.values()) > 1000


def test_a_stale_read_is_caught() -> None:
    """What was overwritten before a read was called cannot be read any more."""
    overwrote = answered(2, "set x 2", 3, 4, "")
    assert verdict(WROTE, overwrote, answered(3, "get x", 5, 6, "2")) is Verdict.LINEARIZABLE
    assert verdict(WROTE, overwrote, answered(3, "get x", 5, 6, "1")) is Verdict.NOT_LINEARIZABLE


def test_a_read_may_see_what_is_being_written() -> None:
    """While a write goes on, the old value and the new one are both right, in this order only."""
    write = answered(2, "set x 2", 3, 10, "")
    old, new = answered(3, "get x", 4, 5, "1"), answered(3, "get x", 6, 7, "2")
    assert verdict(WROTE, write, old, new) is Verdict.LINEARIZABLE
    again = answered(3, "get x", 8, 9, "1")
    assert verdict(WROTE, write, new, again) is Verdict.NOT_LINEARIZABLE


def test_an_operation_without_an_answer_may_take_effect_late_or_never() -> None:
    """Its value may turn up long after, and need not; but not before the call, and not twice."""
    lost = unanswered(2, "set x 2", 3)
    old = [answered(3, "get x", place, place + 1, "1") for place in (4, 6, 8)]
    late = answered(3, "get x", 10, 11, "2")
    assert verdict(WROTE, lost, *old) is Verdict.LINEARIZABLE
    assert verdict(WROTE, lost, *old, late) is Verdict.LINEARIZABLE
    back = answered(3, "get x", 12, 13, "1")
    assert verdict(WROTE, lost, *old, late, back) is Verdict.NOT_LINEARIZABLE
    early = answered(3, "get x", 0, 0, "2")
    assert verdict(early, WROTE, lost) is Verdict.NOT_LINEARIZABLE


def test_an_output_that_is_not_known_fits_but_the_operation_took_effect() -> None:
    """It happened between its call and its answer, whatever it gave."""
    append = Operation(2, "append x 2", 3, 4, None)
    assert verdict(WROTE, append, answered(3, "get x", 5, 6, "12")) is Verdict.LINEARIZABLE
    assert verdict(WROTE, append, answered(3, "get x", 5, 6, "1")) is Verdict.NOT_LINEARIZABLE


def test_keys_are_judged_one_by_one() -> None:
    """The first key that fails, in order of appearance, is reported."""
    history = [WROTE, answered(2, "get y", 3, 4, "1"), answered(2, "get z", 5, 6, "1")]
    judgement = check([*history, unanswered(3, "set x 3", 7)])
    assert judgement.verdict is Verdict.NOT_LINEARIZABLE
    assert (judgement.operations, judgement.unanswered, judgement.keys) == (4, 1, 3)
    assert judgement.counterexample is not None
    assert judgement.counterexample.key == "y"


def test_no_operation_and_no_answer_are_linearizable() -> None:
    """Nothing contradicts nothing."""
    assert verdict() is Verdict.LINEARIZABLE
    assert verdict(unanswered(1, "set x 1", 1)) is Verdict.LINEARIZABLE


def test_too_few_attempts_decide_nothing() -> None:
    """The bound counts what is tried for each key, so that the verdict is the same everywhere."""
    history = [WROTE, answered(2, "set y 1", 3, 4, ""), answered(2, "get y", 5, 6, "1")]
    judgement = check(history, attempts=1)
    assert judgement.verdict is Verdict.UNKNOWN
    assert judgement.undecided == ("y",)
    assert judgement.counterexample is None
    assert check(history, attempts=2).verdict is Verdict.LINEARIZABLE


def test_one_key_that_fails_decides() -> None:
    """A violation is one, whatever is not known of other keys."""
    hard = [answered(2, "set y 1", 3, 4, ""), answered(2, "get y", 5, 6, "1")]
    wrong = answered(3, "get x", 7, 8, "1")
    judgement = check([*hard, wrong], attempts=1)
    assert judgement.verdict is Verdict.NOT_LINEARIZABLE
    assert judgement.undecided == ("y",)


def test_a_counterexample_says_how_far_one_gets_and_what_stops_it() -> None:
    """The longest order that fits, its state, and the operations of which one must be next."""
    wrong, lost = answered(3, "get x", 5, 8, "3"), unanswered(4, "set x 2", 6)
    later = answered(5, "get x", 9, 10, "1")
    counterexample = check([WROTE, wrong, lost, later]).counterexample
    assert counterexample is not None
    assert counterexample.order == (WROTE,)
    assert (counterexample.state, counterexample.deadline) == ("1", 8)
    candidates = [(each.operation, each.gives) for each in counterexample.candidates]
    assert candidates == [(wrong, "1"), (lost, "")]


def test_operations_that_are_equal_are_two() -> None:
    """A history may say the same twice: both have to take effect."""
    twice = [answered(1, "append x 1", 1, 2, "1")] * 2
    counterexample = check(twice).counterexample
    assert counterexample is not None
    assert len(counterexample.order) == len(counterexample.candidates) == 1


def test_candidates_do_not_fit() -> None:
    """Whatever was answered among the candidates gave something else than it would have."""
    random = Random(6)
    for _ in range(2000):
        counterexample = check(random_history(random)).counterexample
        for each in counterexample.candidates if counterexample is not None else ():
            operation = each.operation
            assert operation.responded is None or operation.output not in (None, each.gives)


def test_what_is_no_command_is_refused_by_its_number() -> None:
    """The operation is named, with what was found and what was expected."""
    with pytest.raises(ValueError, match=r"^operation 2: command: found 'put x 1', expected"):
        check([WROTE, answered(2, "put x 1", 3, 4, "")])


def test_all_published_histories_are_there() -> None:
    """Both verdicts occur in both kinds of Porcupine's data."""
    assert (len(JEPSEN_FILES), len(KEY_VALUE_FILES)) == (102, 6)
    assert sum(map(is_published_linearizable, JEPSEN_FILES)) == len(LINEARIZABLE_LOGS) == 23
    assert sum(map(is_published_linearizable, KEY_VALUE_FILES)) == 3


@pytest.mark.parametrize("path", [*JEPSEN_FILES, *KEY_VALUE_FILES], ids=name_of)
def test_published_verdicts_are_confirmed(path: Path) -> None:
    """Jepsen's logs of etcd's register, and a key-value store's, as Porcupine judges them."""
    expected = Verdict.LINEARIZABLE if is_published_linearizable(path) else Verdict.NOT_LINEARIZABLE
    history = published(path)
    assert check(history.operations, history.specification).verdict is expected
