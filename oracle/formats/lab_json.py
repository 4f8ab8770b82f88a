"""What `raft-oracle lab --json` prints, as classes from which its JSON Schema is made.

There is no time in it, so the same sources, seed and budget in steps give the same bytes.
"""

from typing import Final, Literal, TypeAlias

import msgspec

from model.schedule import json_of
from oracle.terminal.wording import printable_json

VERSION: Final[Literal[1]] = 1
FORMAT: Final[Literal["raft-oracle lab"]] = "raft-oracle lab"

LabOutcome: TypeAlias = Literal[
    "held", "untidy", "broken", "not begun", "inconclusive", "interrupted", "refused"
]
"""What came of a part of a lab, or of a whole lab.

`held`: nothing was found. `untidy`: nothing unsafe was. `broken`: something unsafe was. `not
begun`: what the part is about does not work yet. `inconclusive`: nobody was elected, or the same
schedule ended in two ways. `interrupted`: the hunt was stopped. `refused`: the directory cannot be
built, or has no lab.
"""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all parts of the report have in common: a field that is not known is refused."""


class LabFinding(Line, frozen=True):
    """A violation, shrunk."""

    property: str
    severity: Literal["unsafe", "untidy"]
    detail: str
    """What was seen, in one sentence."""
    steps: int
    """Steps of the shortest schedule that was found."""
    folder: str | None
    """Where the schedule and the trace are; null where they could not be written."""
    seen_in: str | None
    """The earlier part in which the same property was broken; null if there is none."""


class LabPart(Line, frozen=True):
    """A part of the lab, such as 3B, and what came of it."""

    part: str
    outcome: LabOutcome
    runs: int = 0
    steps: int = 0
    reached: tuple[str, ...] = ()
    not_reached: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()
    """Properties that could not be checked, as what they need is not seen in this lab."""
    findings: tuple[LabFinding, ...] = ()
    """What is unsafe comes first."""
    note: str | None = None
    """Why a part is inconclusive; null otherwise."""


class LabReport(Line, frozen=True):
    """One directory."""

    directory: str
    outcome: LabOutcome
    version: str | None = None
    """The version of the sources that were built; null where none were."""
    error: str | None = None
    """Why a directory was refused; null otherwise."""
    recognised: tuple[str, ...] = ()
    """What it was recognised as, and what is odd about it."""
    parts: tuple[LabPart, ...] = ()


class LabsReport(Line, frozen=True):
    """All directories of one command, in the order in which they were named."""

    seed: int
    exit_code: int
    """As the command's own: 1 if any is broken, else 2 if any is not judged, else 0."""
    labs: tuple[LabReport, ...]
    format: Literal["raft-oracle lab"] = FORMAT
    version: Literal[1] = VERSION


def printed(report: LabsReport) -> str:
    """The report as JSON for machines, indented for people."""
    text = msgspec.json.format(json_of(report), indent=2).decode()
    return f"{printable_json(text)}\n"


decode_report: Final = msgspec.json.Decoder(LabsReport).decode
