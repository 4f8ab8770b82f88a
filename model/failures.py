"""What ends a run: a property that does not hold, or a subject that fails."""

from typing import Final

from properties.property import Violation

SUBJECT_FAILED: Final = "SubjectFailed"


class PropertyViolatedError(Exception):
    """A property does not hold any more; the run ends here."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(f"{violation.property} violated: {violation.detail}")
        self.violation = violation


def failure_of_subject(error: BaseException) -> Violation:
    """What a subject raised, as a violation like any other."""
    text = str(error).splitlines()
    detail = f"{type(error).__name__}: {text[0] if text else 'no message'}"
    return Violation(
        SUBJECT_FAILED,
        "An implementation goes on running whatever the network and its disks do.",
        "the port's contract",
        detail,
    )
