"""What ends a run: a property that does not hold, a subject that fails or is not repeatable."""

import re
from typing import Final

from model.subject import SubjectError
from properties.property import Cause, Violation

SUBJECT_FAILED: Final = "SubjectFailed"
LONGEST_WORD: Final = 40
"""Characters of a word that stands for what a subject says."""


class PropertyViolatedError(Exception):
    """A property does not hold any more; the run ends here."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(f"{violation.property} violated: {violation.detail}")
        self.violation = violation


def failure_of_subject(error: BaseException, call: str = "") -> Violation:
    """What a subject raised in a call of this name, as a violation like any other."""
    cause: Cause = "raised"
    if isinstance(error, SubjectError):
        call, cause = error.call or call, error.cause
    text = str(error).splitlines()
    written = f"{type(error).__name__}: {text[0] if text else 'no message'}"
    told = error.told if isinstance(error, SubjectError) else ""
    return Violation(
        SUBJECT_FAILED,
        "An implementation goes on running whatever the network and its disks do.",
        "the port's contract",
        told or written,
        cause=cause,
        call=call,
        error=type(error).__name__,
        at=word_of(written),
    )


def word_of(detail: str) -> str:
    """What a subject said of its failure, as one word that is the same wherever it fails so."""
    return re.sub(r"[^A-Za-z_]+", "-", detail).strip("-")[:LONGEST_WORD]


def kind_of_message(description: str) -> str:
    """The kind of a message as one word: how its description begins, with `-reply` of a reply."""
    words = description.split(maxsplit=2)
    kind = word_of(words[0]) if words else ""
    return f"{kind}-reply" if words[1:2] == ["reply"] else kind


class NotReproducedError(Exception):
    """The same schedule gave another outcome the second time: the subject is not deterministic."""


class LongRunError(Exception):
    """A schedule from elsewhere leads to a run that is too long to be told: how long it may be."""
