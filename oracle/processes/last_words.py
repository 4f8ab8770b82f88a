"""What a program said of its own end: the line on standard error that names the cause."""

import re
from functools import partial
from pathlib import PurePath
from typing import Final

from oracle.terminal.wording import one_line

OWN: Final = "raft-oracle: "
"""How such a line begins that our own part of a program writes."""
CAUSES: Final = ("panic: ", "fatal error: ", OWN)
"""How such a line begins, as Go writes it, or our own part of a program."""
FRAME: Final = re.compile(r"^\t(/[^:\n]+\.go):([0-9]+)(?: \+0x[0-9a-f]+)?$", re.MULTILINE)
"""A place in the stack that Go prints after it."""
ENDLESS: Final = "endless loop: a goroutine runs for seconds"
"""How we tell of a loop; where in it a goroutine was stopped is chance, and not told."""
LONGEST_LINE: Final = 300
"""Characters of a line that is told."""
BEGINNING: Final = re.compile(
    r"^goroutine [^\n]*\n(?:[^\n]+\n)*?created by [^\n]*\n([^\n]*)", re.MULTILINE
)
"""Of the first goroutine in a stack, the place that started it."""
CALL: Final = re.compile(r"^\S[^\n]*\n\t(/[^:\n]+\.(?:go|s)):[0-9]+[^\n]*\n?", re.MULTILINE)
"""Two lines of a stack: what is called, or started a goroutine, and where."""
TOLD: Final = re.compile(
    r"^(?:S[1-9]|panic|fatal error|raft-oracle): [^\n]*\n(?:[^\n]+\n){0,4}\n"
    r"(?:goroutine |runtime stack:)",
    re.MULTILINE,
)
"""A cause, as Go writes it or our own part of a program with the server's name, before a stack."""
NOWHERE: Final = re.compile(r"\n*(?:goroutine [^\n]*\n*|runtime stack:\n*)")
"""What is left of a goroutine that is in nobody's own code."""
REGISTERS: Final = re.compile(r"\n*(?:rax|r0|x0) +0x")
"""How the contents of a processor's registers begin."""
RUNTIME: Final = re.compile(r"^(.+/src/)(?:(?:internal/)?runtime|raftoracle)/")
"""What tells where Go's own sources lie."""
OURS: Final = ("/raftoracle/", "/zz_raft_oracle")
"""What occurs in the paths of programs that are added to an implementation."""


def cause_of_end(errors: bytes) -> str:
    """The cause that a program gave for its end, and the place in its own code; empty if none."""
    text = errors.decode(errors="replace")
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.startswith(CAUSES):
            stack = "".join(lines[number + 1 :])
            if line.startswith(OWN + ENDLESS):
                begun = BEGINNING.search(stack)
                place = place_in(begun[1]) if begun else ""
                return one_line(line) + (f", begun at {place}" if place else "")
            place = place_in(stack)
            return one_line(line) + (f" at {place}" if place else "")
    return ""


def last_line(errors: bytes) -> str:
    """The line that says why a program ended, or else the last one that it wrote; its beginning.

    Where a program written in Go ends, registers and stacks come after that line.
    """
    lines = errors.decode(errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    causes = [line for line in said if line.startswith(CAUSES)]
    return (causes or said)[-1][:LONGEST_LINE] if said else ""


def own_part(errors: str) -> str:
    """Of what a program in Go wrote at its end, what its author understands, from the cause on.

    Calls in Go's own code and in ours go, and so do goroutines that are nowhere else, and
    registers. Other servers of the process may have failed before. After the goroutine that failed
    come those that we had called, as for a message: one of them may hold the lock.
    """
    begun = [found.start() for found in TOLD.finditer(errors)]
    errors = errors[begun[-1] if begun else 0 :]
    roots = roots_in(errors)
    cause, *failed = errors.split("\n\n")
    stacks = [cause, *failed[:1], *sorted(failed[1:], key=is_begun_by_others)]
    blocks = [CALL.sub(partial(own_call, roots), each) for each in stacks]
    kept = [each for each in blocks if not NOWHERE.fullmatch(each) and not REGISTERS.match(each)]
    return "\n\n".join(each.rstrip("\n") for each in kept).rstrip() + "\n"


def is_begun_by_others(stack: str) -> bool:
    """Whether a goroutine's outermost call, or what started it, is not in our own code."""
    paths = [found[1] for found in CALL.finditer(stack)]
    return not paths or not any(each in paths[-1] for each in OURS)


def own_call(roots: tuple[str, ...], call: re.Match[str]) -> str:
    """A call in a stack as it is, or nothing of one that is not the author's."""
    path = call[1]
    return "" if path.startswith(roots) or any(each in path for each in OURS) else call[0]


def roots_in(stack: str) -> tuple[str, ...]:
    """Where Go's own sources lie, as a stack shows it."""
    return tuple({found[1] for path, _ in FRAME.findall(stack) if (found := RUNTIME.match(path))})


def place_in(stack: str) -> str:
    """The innermost place of a stack that is neither Go's own nor ours; empty if there is none."""
    places = FRAME.findall(stack)
    roots = roots_in(stack)
    for path, line in places:
        if not path.startswith(roots) and not any(each in path for each in OURS):
            return f"{PurePath(path).name}:{line}"
    return ""
