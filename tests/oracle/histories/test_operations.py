"""Operations in JSON lines: clients by name, times of both kinds, and what contradicts itself."""

import pytest

from oracle.histories.operations import read_operations
from oracle.histories.reading import read_history
from properties.explanation import explain
from properties.linearizability import Verdict, check

LINE = '{"client":%s,"command":"%s","invoked":%s,"responded":%s,"output":"%s"}\n'


def lines(*parts: tuple[str, str, str, str, str]) -> list[bytes]:
    """These operations as lines."""
    return [(LINE % each).encode() for each in parts]


def test_clients_have_names_and_times_are_shown_as_they_were_written() -> None:
    """In ISO 8601, with an offset or in UTC; the order is that of the moments."""
    history = read_history(
        lines(
            ('"ann"', "set x 1", '"2026-11-29T17:00:00.5Z"', '"2026-11-29T17:00:01Z"', ""),
            ('"bob"', "get x", '"2026-11-29T18:00:02+01:00"', '"2026-11-29T17:00:03"', ""),
        )
    )
    judgement = check(history.operations, history.specification)
    assert judgement.counterexample is not None
    text = explain(judgement.counterexample)
    assert "client bob  2026-11-29T18:00:02+01:00..2026-11-29T17:00:03" in text
    assert "called before the answer at 2026-11-29T17:00:03," in text


def test_times_may_be_floats() -> None:
    """Seconds, as many logs have them."""
    history = lines(("1", "set x 1", "0.5", "1.5", ""), ("2", "get x", "1.25", "2", ""))
    assert check(read_operations(history)).verdict is Verdict.LINEARIZABLE
    later = lines(("1", "set x 1", "0.5", "1.5", ""), ("2", "get x", "1.75", "2", ""))
    assert check(read_operations(later)).verdict is Verdict.NOT_LINEARIZABLE


def test_times_are_read_to_the_nanosecond() -> None:
    """As Go writes them: a stale read within a microsecond is one, and finer times are refused."""
    second = '"2026-11-29T17:00:00.%sZ"'
    asked, told = second % "000000300", second % "000000400"
    for answered, expected in (
        ("000000200", Verdict.NOT_LINEARIZABLE),
        ("000000300", Verdict.LINEARIZABLE),
    ):
        history = lines(
            ("1", "set x 1", second % "0000001", second % answered, ""),
            ("2", "get x", asked, told, ""),
        )
        assert check(read_operations(history)).verdict is expected
    finer = lines(("1", "get x", second % "0000000001", second % "1", ""))
    with pytest.raises(ValueError, match=r"line 1: invoked: found .*nanoseconds at the finest"):
        list(read_operations(finer))


def test_keys_may_hold_something_at_first() -> None:
    """A value that nobody has written."""
    history = lines(("1", "get x", "1", "2", "7"))
    for initial, expected in ((None, Verdict.NOT_LINEARIZABLE), ("7", Verdict.LINEARIZABLE)):
        found = read_history(history, initial)
        assert check(found.operations, found.specification).verdict is expected


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (("1", "set x 1", "1", "2", "OK"), "output: found 'OK' of a set, expected ''"),
        (("1", "cas x 1 2", "1", "2", "yes"), "of a cas, expected 'ok' or 'fail'"),
        (("1", "get x", '"today"', "2", ""), "invoked: found 'today', expected a number or a time"),
        (("1", "get x", '"2026-11-29"', "2", ""), "responded: found a number beside a time"),
        (("1.5", "get x", "1", "2", ""), "Expected `int | str`, got `float`"),
    ],
)
def test_what_contradicts_its_own_format_is_refused(
    wrong: tuple[str, str, str, str, str], expected: str
) -> None:
    """It is wrong input, and no violation."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the text is looked at
        list(read_operations(lines(wrong)))
    assert expected in str(caught.value)


def test_all_times_are_of_one_kind() -> None:
    """A number and a date cannot be compared."""
    mixed = lines(("1", "get x", "1", "2", ""), ("1", "get x", '"2026-11-29"', '"2026-11-30"', ""))
    with pytest.raises(ValueError, match="line 2: invoked: found a number beside times"):
        list(read_operations(mixed))
