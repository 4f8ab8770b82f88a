"""A counterexample as text: exactly what is printed."""

from random import Random

from attrs import evolve

from properties.explanation import WIDTH, clipped, explain, where_different
from properties.history import Operation
from properties.linearizability import check
from tests.properties.histories import answered, random_history, unanswered


def explanation(*history: Operation) -> str:
    """The text for a history that is not linearizable."""
    counterexample = check(history).counterexample
    assert counterexample is not None
    return explain(counterexample)


def test_a_stale_read_is_explained() -> None:
    """The order so far, the state, what would have to be next, and why it is not."""
    assert explanation(
        answered(1, "set x 1", 1, 2, ""),
        answered(2, "append x 2", 3, 4, "12"),
        answered(4, "cas x 1 3", 4, 12, "ok"),
        answered(3, "get x", 5, 6, "1"),
        unanswered(14, "set x 4", 5),
    ) == (
        "No order of the operations on key 'x' explains every output.\n"
        "The longest that fits has 2 of 5:\n"
        "  client 1   1..2      set x 1     ''\n"
        "  client 2   3..4      append x 2  '12'\n"
        "It leads to '12'.\n"
        "Of these, called before the answer at 6, one has to be next, and none can:\n"
        "  client 4   4..12     cas x 1 3\n"
        "    gave 'ok', but here it would give 'fail'\n"
        "  client 3   5..6      get x\n"
        "    gave '1', but here it would give '12'\n"
        "Those never answered could be, but do not help:\n"
        "  client 14  5..never  set x 4\n"
    )


def test_long_stories_are_cut() -> None:
    """The end of a long order, and where long outputs begin to differ."""
    value, history = "", []
    for number in range(12):
        value += f"word{number}"
        history.append(answered(1, f"append x word{number}", 2 * number, 2 * number + 1, value))
    wrong = answered(2, "get x", 100, 101, value.replace("word9", "wort9"))
    assert explanation(*history, wrong) == (
        "No order of the operations on key 'x' explains every output.\n"
        "The longest that fits has 12 of 13; the last of it:\n"
        "  client 1  4..5      append x word2   'word0word1word2'\n"
        "  client 1  6..7      append x word3   'word0word1word2word3'\n"
        "  client 1  8..9      append x word4   'word0word1word2word3word4'\n"
        "  client 1  10..11    append x word5   'word0word1w...3word4word5'\n"
        "  client 1  12..13    append x word6   'word0word1w...4word5word6'\n"
        "  client 1  14..15    append x word7   'word0word1w...5word6word7'\n"
        "  client 1  16..17    append x word8   'word0word1w...6word7word8'\n"
        "  client 1  18..19    append x word9   'word0word1w...7word8word9'\n"
        "  client 1  20..21    append x word10  'word0word1w...word9word10'\n"
        "  client 1  22..23    append x word11  'word0word1w...ord10word11'\n"
        "It leads to 'word0word1w...ord10word11'.\n"
        "Of these, called before the answer at 101, one has to be next, and none can:\n"
        "  client 2  100..101  get x\n"
        "    gave ...word8wort9word10word11', but here it would give ...word8word9word10word11'\n"
    )


def test_candidates_that_are_too_many_are_counted() -> None:
    """Ten of each kind are shown, and it is said how many are not."""
    wrong = [answered(each, "get x", each, 99, "no") for each in range(12)]
    lost = [unanswered(each, f"set x {each}", each) for each in range(13)]
    text = explanation(*wrong, *lost)
    assert "  and 2 more\nThose never answered" in text
    assert text.endswith("  and 3 more\n")


def test_text_is_plain_and_narrow() -> None:
    """Whatever is in a history: long words, other alphabets, what a terminal would obey."""
    random = Random(8)
    seen = 0
    for _ in range(500):
        history = random_history(random)
        strange = [
            evolve(
                each,
                client=f"{10**18}\n\x1b[31m{'c' * 50}",
                invoked=each.invoked + 10**18,
                responded=None if each.responded is None else each.responded + 10**18,
                command=each.command.replace("x", "\x1b[31m\u5b57" * 30),
                output=each.output and each.output * 50,
            )
            for each in history
        ]
        counterexample = check(strange).counterexample
        if counterexample is not None:
            seen += 1
            text = explain(counterexample)
            assert text.isascii()
            assert all(line.isprintable() and len(line) <= WIDTH for line in text.splitlines())
    assert seen > 100


def test_long_text_loses_its_middle() -> None:
    """Both ends are kept."""
    assert clipped("abcdefghij", 10) == "abcdefghij"
    assert clipped("abcdefghijk", 10) == "abcd...ijk"


def test_common_beginnings_are_dropped_where_they_are_long() -> None:
    """What remains begins a little before the difference."""
    assert where_different("short1", "short2") == ("short1", "short2")
    assert where_different("a" * 20 + "x", "a" * 20 + "y") == ("...aaaaaaaax", "...aaaaaaaay")
