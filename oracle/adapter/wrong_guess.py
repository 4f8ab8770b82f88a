"""What a lab's program reports where one of the lab's fields is not what it was taken for."""

from typing import Final

from model.subject import SubjectError

GUESS: Final = ": guess: "
"""What stands in the error of such a report."""


class WrongGuessError(SubjectError):
    """A lab's field is not what it was taken for, which is no failure of the lab.

    It is an error of its own, so that no failure is shrunk to a schedule that shows only this.
    """


def error_for(detail: str) -> type[SubjectError]:
    """What kind of error a program reports in these words."""
    return WrongGuessError if GUESS in detail else SubjectError
