"""The fold: after every event it knows what whole histories would show."""

from random import Random

import pytest
from attrs import evolve

from properties.linearizability import Verdict, check
from properties.possibilities import (
    Possibilities,
    abandoned,
    invoked,
    possibilities_at_start,
    possible_outputs,
    responded,
)
from properties.specification import KEY_VALUE
from tests.properties.histories import folds, is_linearizable, random_history
from tests.properties.porcupine import (
    FOLDER,
    is_published_linearizable,
    published,
)

START = possibilities_at_start()


def called(*commands: str, here: Possibilities = START) -> Possibilities:
    """After these calls, numbered from 1."""
    for number, command in enumerate(commands, start=1):
        here = invoked(here, number, command)
    return here


def after(here: Possibilities, operation: int, output: str | None) -> Possibilities:
    """After an answer that is possible."""
    found = responded(here, operation, output)
    assert found is not None
    return found


@pytest.mark.parametrize("patience", [None, 0.5, 3.5])
def test_brute_force_agrees(patience: float | None) -> None:
    """On thousands of small histories, whether or not clients are known to have given up."""
    random, counts = Random(2), {True: 0, False: 0}
    for _ in range(3000):
        history = random_history(random)
        expected = is_linearizable(history)
        counts[expected] += 1
        assert folds(history, patience) == expected, history
    assert min(counts.values()) > 750


def test_the_offline_checker_agrees_on_longer_histories() -> None:
    """Histories of up to nine operations, which brute force cannot judge so quickly."""
    random, counts = Random(7), {True: 0, False: 0}
    blind = evolve(KEY_VALUE, is_read=lambda *_: False)
    for _ in range(1500):
        history = random_history(random, most=9)
        expected = check(history).verdict is Verdict.LINEARIZABLE
        counts[expected] += 1
        assert folds(history, patience=2.5) == folds(history, 2.5, blind) == expected, history
    assert min(counts.values()) > 100


@pytest.mark.parametrize("number", [32, 70, 79, 86, 101])
def test_published_verdicts_are_confirmed(number: int) -> None:
    """Logs of etcd's register, of those with few lost operations, which all stay possible."""
    path = FOLDER / f"jepsen/etcd_{number:03}.log.gz"
    history = published(path)
    found = folds(history.operations, 0.5, history.specification)
    assert found == is_published_linearizable(path)


def test_a_call_decides_nothing() -> None:
    """An operation that is pending may have taken effect or not: that is put off."""
    assert called("set x 1").worlds == START.worlds


def test_an_answer_decides() -> None:
    """One world is left after operations that do not overlap, and nothing is pending."""
    here = after(called("set x 1"), 1, "")
    assert here == Possibilities((), frozenset({("1", frozenset())}))


def test_an_answer_that_is_possible_in_no_world_is_told() -> None:
    """None stands for a history that is not linearizable."""
    here = invoked(after(called("set x 1"), 1, ""), 2, "get x")
    assert responded(here, 2, "2") is None
    assert responded(here, 2, None) is not None


def test_what_an_answer_demands_has_taken_effect() -> None:
    """A read of a value that is being written fixes the write, and the output that is due."""
    here = after(called("append x 1", "get x"), 2, "1")
    assert here.worlds == {("1", frozenset({(1, "1")}))}
    assert responded(here, 1, "11") is None
    assert responded(here, 1, "1") is not None


def test_possible_outputs_are_all_that_could_be_answered() -> None:
    """What a breach should have been: every output, sorted."""
    here = called("set x 1", "append x 2", "get x")
    assert possible_outputs(here, 3) == ("", "1", "12", "2")
    assert possible_outputs(here, 2) == ("12", "2")
    for output in possible_outputs(here, 3):
        assert responded(here, 3, output) is not None


def test_an_abandoned_operation_may_still_take_effect_once() -> None:
    """It is seen late, and not again."""
    here = abandoned(called("set x 1"), 1)
    here = after(invoked(here, 2, "get x"), 2, "")
    here = after(invoked(here, 3, "get x"), 3, "1")
    assert here == Possibilities((), frozenset({("1", frozenset())}))
    assert responded(invoked(here, 4, "get x"), 4, "") is None


def test_abandoned_reads_are_forgotten() -> None:
    """Nobody learns what they gave, and they leave no trace."""
    assert abandoned(called("get x"), 1) == START


def test_abandoned_operations_keep_the_worlds_few() -> None:
    """Writes that were overwritten may as well not have happened yet."""
    here = called("set x 1", "set x 2", "set x 3", "set x 4")
    for number in (1, 2, 3):
        here = abandoned(here, number)
    assert len(after(here, 4, "").worlds) == 1


def test_the_same_possibilities_are_equal_and_have_one_hash() -> None:
    """However they came about: two histories that leave the same possible need one look."""
    once = after(called("set x 1"), 1, "")
    twice = after(invoked(after(called("set x 2"), 1, ""), 2, "set x 1"), 2, "")
    assert once == twice
    assert hash(once) == hash(twice)


def test_numbers_that_mean_nothing_are_refused() -> None:
    """Only what is pending is answered or abandoned, and a pending number is not used again."""
    for wrong in (responded, possible_outputs, abandoned):
        arguments = (START, 7, "") if wrong is responded else (START, 7)
        with pytest.raises(ValueError, match="operation: found 7, expected the number of a pend"):
            wrong(*arguments)
    with pytest.raises(ValueError, match="operation: found 1, which is pending, expected a new"):
        invoked(called("get x"), 1, "get x")
