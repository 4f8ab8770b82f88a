"""What a command found, for programs: what `--json` prints, `--junit` writes and CI annotates.

One form for all commands that judge something. There is no time in it, so what is the same run
gives the same bytes.
"""

from typing import Final, Literal, TypeAlias
from xml.etree import ElementTree

import msgspec

from model.schedule import json_of
from oracle.terminal.wording import printable, printable_json

VERSION: Final[Literal[1]] = 1
FORMAT: Final[Literal["raft-oracle result"]] = "raft-oracle result"

CaseOutcome: TypeAlias = Literal["held", "broken", "not checked"]
"""What came of one thing that was looked at.

`held`: nothing contradicts it. `broken`: something does. `not checked`: it could not be seen.
"""


class Plain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all parts have in common: a field that is not known is refused."""


class Case(Plain, frozen=True, kw_only=True, omit_defaults=True):
    """One property, rule or claim, and what came of it."""

    name: str
    outcome: CaseOutcome
    detail: str = ""
    """What was seen, or what is missing; empty where it held."""
    source: str = ""
    """Where it is written that it must hold; empty where that is not said."""
    severity: Literal["unsafe", "untidy"] | None = None
    """Of a violation, whether it can cost something by itself."""
    steps: int | None = None
    """Of a violation, the steps of the shortest schedule that was found."""
    folder: str | None = None
    """Of a violation, where its page, schedule and trace are; null where none were stored."""


class Bisected(Plain, frozen=True, kw_only=True):
    """Which release broke a library, or mended it, as a hunt of many versions saw it."""

    versions: tuple[str, ...]
    """All that the registry lists of the range, the oldest first; the cases are those tried."""
    property: str | None
    """What was followed; null where nothing was found."""
    broken_since: str | None
    """The first version that breaks; null where the oldest breaks too, or none does."""
    mended_in: str | None
    """The first version in which it was not found any more; null where there is none."""
    last_before: str | None
    """The last version that was as the oldest is."""
    not_tried_between: tuple[str, ...]
    """Versions between these two that could not be tried: it may have been one of them."""


class Result(Plain, frozen=True, kw_only=True):
    """What one command found."""

    command: str
    subject: str
    exit_code: int
    """The command's own: 0 nothing found, 1 a violation, 2 inconclusive."""
    sentence: str
    """The same as the first line for people."""
    cases: tuple[Case, ...]
    runs: int | None = None
    steps: int | None = None
    seed: int | None = None
    reached: tuple[str, ...] = ()
    not_reached: tuple[str, ...] = ()
    drawn: dict[str, int] = {}
    """Of a hunt, what was drawn for its runs, and for how many."""
    bisected: Bisected | msgspec.UnsetType = msgspec.UNSET
    """Of a hunt of many versions; not there otherwise."""
    format: Literal["raft-oracle result"] = FORMAT
    version: Literal[1] = VERSION


decode_result: Final = msgspec.json.Decoder(Result).decode


def printed(result: Result) -> str:
    """The result as JSON, indented for people."""
    text = msgspec.json.format(json_of(result), indent=2).decode()
    return f"{printable_json(text)}\n"


def junit(result: Result) -> bytes:
    """The result as JUnit's XML: a test case for each thing that was looked at."""
    broken = sum(case.outcome == "broken" for case in result.cases)
    skipped = sum(case.outcome == "not checked" for case in result.cases)
    name = printable(f"raft-oracle {result.command} {result.subject}")
    counts = {
        "tests": str(len(result.cases)),
        "failures": str(broken),
        "errors": "0",
        "skipped": str(skipped),
    }
    root = ElementTree.Element("testsuites", {"name": name, **counts})
    suite = ElementTree.SubElement(root, "testsuite", {"name": name, **counts})
    for case in result.cases:
        add_case(suite, name, case)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def add_case(suite: ElementTree.Element, name: str, case: Case) -> None:
    """A test case; what was not checked is skipped."""
    attributes = {"name": printable(case.name), "classname": name}
    element = ElementTree.SubElement(suite, "testcase", attributes)
    if case.outcome == "held":
        return
    kind = "failure" if case.outcome == "broken" else "skipped"
    detail = printable(case.detail).replace("\n", " ")
    how = {"type": case.severity or case.outcome} if kind == "failure" else {}
    inside = ElementTree.SubElement(element, kind, {"message": detail, **how})
    if case.folder is not None:
        inside.text = printable(f"{case.source}\nsee {case.folder}")


def annotations(result: Result) -> str:
    """What GitHub shows beside a run: a line for each thing that is broken."""
    return "".join(
        f"::error title={escaped(case.name, ':,')}::{escaped(case.detail)}\n"
        for case in result.cases
        if case.outcome == "broken"
    )


def escaped(text: str, also: str = "") -> str:
    """Text that ends no command of GitHub's, and begins none."""
    safe = printable(text).replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")
    for each in also:
        safe = safe.replace(each, f"%{ord(each):02X}")
    return safe
