"""Tests of the regression test that a hunt writes."""

import ast

import pytest
from attrs import evolve

from model.target import Command
from oracle.formats.pytest_file import regression_test
from properties.property import Violation
from tests.oracle.formats.found import SAVED, SCHEDULE, played


def violation() -> Violation:
    """The violation that the schedule leads to."""
    found = played()[1].violation
    assert found is not None
    return found


def namespace_of(text: str) -> dict[str, object]:
    """What a generated file defines."""
    namespace: dict[str, object] = {"__file__": "test_regression.py"}
    exec(compile(text, "test_regression.py", "exec"), namespace)
    return namespace


def test_generated_file_fails_as_long_as_the_bug_is_there() -> None:
    """It is a test like any other, and shows the trace."""
    test = namespace_of(regression_test(SAVED, violation()))["test_election_safety_holds"]
    assert callable(test)
    with pytest.raises(
        AssertionError, match=r"ElectionSafety violated at step \d+(.|\n)*<--\s+ElectionSafety"
    ):
        test()


def test_generated_file_passes_without_the_bug() -> None:
    """The same schedule breaks nothing where no mistake is planted."""
    healthy = evolve(SAVED, target=evolve(SAVED.target, mutant=None))
    test = namespace_of(regression_test(healthy, violation()))["test_election_safety_holds"]
    assert callable(test)
    test()


def test_generated_file_holds_the_schedule() -> None:
    """Quotes and backslashes in commands come through."""
    assert namespace_of(regression_test(SAVED, violation()))["SCHEDULE"] == SCHEDULE


@pytest.mark.parametrize(
    "words", ['"""+str(open("ran","w"))+"""', "C:\\users\\x", 'ends with "', "two\nlines\x1b[31m"]
)
def test_no_name_and_no_version_breaks_the_file(words: str) -> None:
    """Both are a stranger's, and pytest runs what stands outside of the docstring."""
    saved = evolve(
        SAVED,
        subject_version=words,
        target=evolve(SAVED.target, subject=Command(("sh", "-c", words)), mutant=None),
    )
    tree = ast.parse(regression_test(saved, violation()))
    assert [type(each).__name__ for each in tree.body[:3]] == ["Expr", "ImportFrom", "ImportFrom"]
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
    assert {each.func.id for each in calls if isinstance(each.func, ast.Name)} <= {
        *("violation_of_schedule", "ClientRequest", "ElectionTimeout", "Deliver")
    }


@pytest.mark.parametrize("detail", ['ends with "', '"""', "a \\ b \\", "\\N{x}", "{braces}"])
def test_no_detail_breaks_the_file(detail: str) -> None:
    """A message of the subject's own stands in the docstring, whatever it says."""
    text = regression_test(SAVED, evolve(violation(), detail=detail))
    assert ast.get_docstring(ast.parse(text)) is not None
