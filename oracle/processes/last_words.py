"""What a program said of its own end: the line on standard error that names the cause."""

import re
from pathlib import PurePath
from typing import Final

from oracle.terminal.wording import one_line

CAUSES: Final = ("panic: ", "fatal error: ", "raft-oracle: ")
"""How such a line begins, as Go writes it, or a program of ours."""
FRAME: Final = re.compile(r"^\t(/[^:\n]+\.go):([0-9]+)(?: \+0x[0-9a-f]+)?$", re.MULTILINE)
"""A place in the stack that Go prints after it."""
RUNTIME: Final = re.compile(r"^(.+/src/)(?:internal/)?runtime/")
"""What tells where Go's own sources lie."""
OURS: Final = ("/raftoracle/", "/zz_raft_oracle")
"""What occurs in the paths of programs that are added to an implementation."""


def cause_of_end(errors: bytes) -> str:
    """The cause that a program gave for its end, and the place in its own code; empty if none."""
    text = errors.decode(errors="replace")
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.startswith(CAUSES):
            place = place_in("".join(lines[number + 1 :]))
            return one_line(line) + (f" at {place}" if place else "")
    return ""


def place_in(stack: str) -> str:
    """The innermost place of a stack that is neither Go's own nor ours; empty if there is none."""
    places = FRAME.findall(stack)
    roots = {found[1] for path, _ in places if (found := RUNTIME.match(path))}
    for path, line in places:
        if not path.startswith(tuple(roots)) and not any(each in path for each in OURS):
            return f"{PurePath(path).name}:{line}"
    return ""
