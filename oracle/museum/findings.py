"""The findings in docs/findings: a page each, its schedule, and the run that it leads to.

A page begins with a few fields in YAML, by which the museum sorts it. The run is stored as well
(`traces/NAME.json.gz`), since whoever reads should not need Go, Rust, Java and C to see it drawn.
"""

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import yaml
from attrs import frozen
from msgspec.structs import replace

from model.runs.execution import Execution
from oracle.formats.trace_json import read_trace
from oracle.museum.mechanisms import MECHANISMS
from oracle.terminal.usage import UsageError

OVERVIEW: Final = "README.md"
"""The page that lists all others."""
FENCE: Final = "---\n"


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What stands at the head of a page."""

    library: str
    versions: str
    """Those that are known to have it."""
    mechanism: str
    property: str
    """What the schedule breaks."""
    steps: int
    issues: tuple[str, ...]
    """Where it was reported, as GitHub writes it (`owner/name#1`); none if no report is known."""
    teaches: str


@frozen
class Finding:
    """A mistake in a library, with its page, and its schedule and run where they are kept."""

    name: str
    title: str
    head: Head
    text: str
    """The page without its head, as Markdown; it begins with the title."""
    schedule: Path | None
    trace: Path | None


def read_findings(folder: Path) -> Sequence[Finding]:
    """All findings, by name."""
    pages = sorted(path for path in folder.glob("*.md") if path.name != OVERVIEW)
    if not pages:
        raise UsageError(f"findings: found no page in {folder}, expected docs/findings")
    return [read_finding(page) for page in pages]


def read_finding(page: Path) -> Finding:
    """One finding; UsageError where its head or its title is not as it has to be."""
    parts = page.read_text("utf-8").split(FENCE, 2)
    if len(parts) != 3 or parts[0]:
        raise UsageError(f"{page}: found no head, expected fields between two lines of ---")
    try:
        head = msgspec.convert(yaml.safe_load(parts[1]), Head)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise UsageError(f"{page}: head: {' '.join(str(error).split())}") from None
    if head.mechanism not in MECHANISMS:
        expected = ", ".join(MECHANISMS)
        raise UsageError(f"{page}: mechanism: found {head.mechanism!r}, expected one of {expected}")
    text = parts[2].lstrip("\n")
    title, _, _ = text.partition("\n")
    if not title.startswith("# "):
        raise UsageError(f"{page}: found {title!r}, expected a title after the head: # ...")
    return Finding(
        name=page.stem,
        title=title.removeprefix("# "),
        head=head,
        text=text,
        schedule=existing(page.with_suffix(".json")),
        trace=existing(page.parent / "traces" / f"{page.stem}.json.gz"),
    )


def run_of(finding: Finding) -> Execution | None:
    """The run of a finding, where it is kept, with what to type to see it again."""
    if finding.trace is None:
        return None
    run = read_trace(gzip.decompress(finding.trace.read_bytes()))
    command = f"raft-oracle replay docs/findings/{finding.name}.json"
    return replace(run, origin=replace(run.origin, commands=(command,)))


def existing(path: Path) -> Path | None:
    """A path, if there is a file."""
    return path if path.is_file() else None
