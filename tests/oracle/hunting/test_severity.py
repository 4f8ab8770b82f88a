"""What is unsafe, and what is only untidy: every name is judged, and each with a reason."""

import pytest

from model.failures import SUBJECT_FAILED, failure_of_subject
from model.subject import SubjectError
from oracle.hunting.severity import UNSAFE, UNTIDY, WASTE, Severity, reason_of, severity_of
from oracle.subjects.registry import BROKEN_NAMES
from properties.property import Violation
from tests.oracle.command import ROOT


def test_every_name_is_either_unsafe_or_untidy() -> None:
    """A new property or rule has to be judged before a hunt may go past it."""
    assert set(UNSAFE) | set(UNTIDY) == set(BROKEN_NAMES)
    assert not set(UNSAFE) & set(UNTIDY)


@pytest.mark.parametrize("name", BROKEN_NAMES)
def test_every_name_has_a_reason_and_a_severity(name: str) -> None:
    """The reason reads on from a colon: it begins small, and has no full stop."""
    violation = Violation(name, "", "", "")
    reason = reason_of(violation)
    assert len(reason.split()) >= 4
    assert not reason.endswith(".")
    assert severity_of(violation) is (Severity.UNTIDY if name in UNTIDY else Severity.UNSAFE)


def test_waste_is_untidy_and_other_failures_are_not() -> None:
    """A loop that never pauses, or a leak, is reported as an error, as a panic is."""
    said = {
        "receive: error: S1: busy loop at raft.go:88 (raft.(*Raft).apply)": Severity.UNTIDY,
        "receive: error: S1: goroutine leak: 70 started at raft.go:9 (raft.Make)": Severity.UNTIDY,
        "receive: error: S1: panic: index out of range at raft.go:88": Severity.UNSAFE,
        "receive: error: S1: deadlock: GetState waits for a lock": Severity.UNSAFE,
    }
    for text, expected in said.items():
        failure = failure_of_subject(SubjectError(text))
        assert failure.property == SUBJECT_FAILED
        assert severity_of(failure) is expected
    assert "pause" in reason_of(failure_of_subject(SubjectError(next(iter(said)))))


def test_page_lists_all_that_is_untidy() -> None:
    """docs/labs.md has each name with its reason."""
    page = (ROOT / "docs/labs.md").read_text()
    for name, reason in UNTIDY.items():
        assert f"| {name} | {reason} |" in page
    for waste in WASTE:
        assert f"| {waste.reason} |" in page
