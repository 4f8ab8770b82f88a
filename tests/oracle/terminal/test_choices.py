"""Tests of what is said of a name that is not known."""

import pytest

from oracle.terminal.choices import not_found, not_one_of


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ElectionSafty", "found 'ElectionSafty' (did you mean 'ElectionSafety'?)"),
        ("votEonce", "found 'votEonce' (did you mean 'VoteOnce'?)"),
        ("\x1b[31m", "found '\\x1b[31m'"),
        ("VoteOnce", "found 'VoteOnce'"),  # where a known name cannot be had
        ("zzz", "found 'zzz'"),
        ("", "found ''"),
    ],
)
def test_the_nearest_name_is_suggested_if_one_is_near(name: str, said: str) -> None:
    """Letters may be missing or of another case; what is far from all gets no guess."""
    assert not_found(name, ("VoteOnce", "ElectionSafety")) == said


def test_of_many_names_those_that_are_most_alike_follow() -> None:
    """Nobody reads sixty; how many others there are is said."""
    names = [f"Rule{number}" for number in range(60)]
    said = not_one_of("Rule7x", names)
    assert said.startswith("found 'Rule7x' (did you mean 'Rule7'?), expected one of Rule7, ")
    assert said.endswith(" and 52 others")


def test_all_names_follow() -> None:
    """Whoever meant something else finds it in the list."""
    assert not_one_of("walk", iter(("walker", "hypothesis"))) == (
        "found 'walk' (did you mean 'walker'?), expected one of walker, hypothesis"
    )
