"""What became of a Raft that is hunted as it is, in words for its author.

Who wrote a lab knows of no adapter and no command of its protocol: it is the lab that ends.
"""

from typing import Final

from model.subject import SubjectError
from oracle.processes.last_words import OWN
from oracle.processes.line_process import ProcessOutputError, UnansweredError, manner_of_end
from oracle.terminal.exit_codes import Exit

REFUSES: Final = manner_of_end(Exit.WRONG_USAGE)
"""How our own part of a program ends it that cannot be driven."""


def own_words(error: SubjectError, called: str, server: str = "", line: str = "") -> str:
    """How a process ended that is `called` so, at a server if that is known: the cause comes first.

    Nothing is said of what is no end, and where nobody has named what runs in the process. The line
    that it wrote last is all that matters where our own part of the program refuses to start.
    """
    place = f"{server}: " if server else ""
    if called and isinstance(error, ProcessOutputError):
        return f"{place}{called} wrote into a file that it has not opened"
    if not called or not isinstance(error, UnansweredError):
        return ""
    if line and error.how == REFUSES:
        return line
    if error.said.startswith(OWN):  # it is our own part of the program that ended it
        return place + error.said.removeprefix(OWN)
    ending = f"{called} {error.how}"
    return place + (f"{error.said}; {ending}" if error.said else ending)


def refused(error: SubjectError, text: str, called: str) -> SubjectError:
    """The error, told in the words in which the program itself put it, where it is `called` so."""
    error.told = text if called else ""
    return error


def again(error: SubjectError, text: str, call: str, told: str) -> SubjectError:
    """The same kind of error in other words, with the call in which it came."""
    made = type(error)(text, call)
    made.told = told
    return made
