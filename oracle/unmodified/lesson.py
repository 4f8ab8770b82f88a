"""A lab's program finds out about its fields once, when it is built, and not in each process.

It drives itself through a scripted run. Where the lab ends the process there, or never answers,
the script is played once more, only as far as that goes well: the hunt then begins with what
was found out by then, and comes upon the end as on any other failure.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

from model.subject import SubjectError
from oracle.processes.line_process import LineProcess, ProcessDiedError, ProcessHungError
from oracle.processes.own_words import own_words

LAB: Final = "the lab"
"""What we call it where we tell its author what became of it."""
LEARNED: Final = "learned"
"""The file beside a lab's program with what it found out about its fields."""
LEARNING_SECONDS: Final = 60
"""A scripted run that takes longer never ends."""
BEGUN: Final = b"."
"""What the program writes when it begins, and again with each act, before what it found out."""
MOST_RUNS: Final = 8
"""There are fewer acts, and each run plays one less than the one before at least."""


def learn(program: Path) -> None:
    """Keep what a lab's program finds out beside it.

    A program that fails even without the script, or is for another system, leaves nothing: the
    hunt will say why.
    """
    words: tuple[str, ...] = ()
    with suppress(SubjectError):
        for _ in range(MOST_RUNS):
            process = LineProcess((str(program), "--learn", *words))
            try:
                found = process.hear(LEARNING_SECONDS)
            except (ProcessDiedError, ProcessHungError) as error:
                acts = error.written.count(BEGUN) - 1
                if acts < 1:
                    return
                words = (str(acts - 1), own_words(error, LAB))
            else:
                if found.startswith(BEGUN):
                    (program.parent / LEARNED).write_bytes(found.lstrip(BEGUN))
                return
            finally:
                process.stop()
