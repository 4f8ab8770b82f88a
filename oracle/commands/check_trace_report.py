"""A verdict on a trace as text."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from oracle.terminal.wording import counted_names
from oracle.traces.evidence import Evidence, Spot, lines_around
from oracle.traces.formats import UNREADABLE
from oracle.traces.lines import lines_of
from oracle.traces.verdict import Kind, Point, Verdict, rules_by_name

LONGEST_LINE: Final = 600
LONGEST_AROUND: Final = 160
"""Characters of a line that is shown beside another."""
WIDTH: Final = 28
SECONDS: Final = ((1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3), (0.0, 1.0))
"""From which number on a time since 1970 is one of such parts of a second."""


def report(verdict: Verdict, files: Sequence[Path] = (), evidence: Evidence | None = None) -> str:
    """The verdict, what was checked, and what was not."""
    return "\n".join(report_lines(verdict, files, evidence)) + "\n"


def report_lines(
    verdict: Verdict, files: Sequence[Path], evidence: Evidence | None
) -> Iterator[str]:
    """The report, line by line."""
    if verdict.kind is Kind.REJECTED:
        yield from rejection(verdict, files, evidence)
    elif verdict.kind is Kind.UNKNOWN:
        at = where_is(Spot(verdict.file, verdict.number), files)
        where = f" at {at}" if verdict.number else ""
        yield f"Unknown{where}: the trace lacks {verdict.missing}."
        yield from explained(verdict, files)
        yield "With --partial, what is lacking is learnt where the trace shows it."
    else:
        merged = f", {len(files)} files merged by cause" if len(files) > 1 else ""
        yield f"Accepted: {looked_at(verdict)}{merged}."
    yield from (f"Warning: {each}." for each in verdict.warnings)
    yield from commit_progress(verdict, files)
    yield ""
    yield from rules(verdict)


def where_is(spot: Spot, files: Sequence[Path]) -> str:
    """A line, in words; with its file where there are several."""
    file = f" of {files[spot.file]}" if len(files) > 1 else ""
    return f"line {spot.number}{file}"


def commit_progress(verdict: Verdict, files: Sequence[Path]) -> Iterator[str]:
    """When the cluster committed last, and for how long entries have waited since."""
    last, since = verdict.last, verdict.waiting_since
    if last is None or (verdict.committed_at is None and since is None):
        return
    if verdict.committed_at is None:
        sentence = "Last commit: none"
    else:
        at = verdict.committed_at
        where = where_is(Spot(at.file, at.number), files)
        sentence = f"Last commit: index {verdict.newest_commit:,} at {where}{lasted(at, last)}"
    if since is not None:
        where = where_is(Spot(since.file, since.number), files)
        sentence += f"; entries of a leader wait since {where}{lasted(since, last)}"
    yield f"{sentence}."


def lasted(first: Point, last: Point) -> str:
    """How much comes after a line: in events, and in seconds where lines say when they were."""
    events = last.events - first.events
    if events <= 0:
        return ""
    begin, end = seconds_of(first.line), seconds_of(last.line)
    passed = f", {end - begin:,.1f} s" if begin is not None and end is not None else ""
    return f", {events:,} events{passed} before the end"


def seconds_of(line: bytes) -> float | None:
    """When a line was written, in seconds; None where it does not say, or not as others do."""
    try:
        told = msgspec.json.decode(line, type=dict[str, object])
    except UNREADABLE:  # cut off, or no text where nobody else has looked
        return None
    when = told.get("time", told.get("ts"))
    try:
        if isinstance(when, int | float):
            return next(when * unit for least, unit in SECONDS if abs(when) >= least)
        return datetime.fromisoformat(str(when)).timestamp()
    except (ValueError, OverflowError):
        return None


def looked_at(verdict: Verdict) -> str:
    """How much a trace holds."""
    count = len(verdict.servers)
    return (
        f"{verdict.events:,} events of {count} servers "
        f"({counted_names(verdict.servers, 'servers')}), terms up to {verdict.highest_term:,}, "
        f"format {verdict.format}"
    )


def rejection(verdict: Verdict, files: Sequence[Path], evidence: Evidence | None) -> Iterator[str]:
    """The first impossible event, the rule that it breaks, and what had been legal."""
    rule, broken = verdict.rule, verdict.broken
    if rule is None or broken is None:
        raise ValueError("verdict: found a rejection without a rule, expected one")
    culprit = Spot(verdict.file, verdict.number)
    yield f"Rejected at {where_is(culprit, files)}: {rule.name}."
    yield f"  {shortened(verdict.line, LONGEST_LINE)}"
    yield f"Rule:     {rule.statement} ({rule.source})"
    yield f"Observed: {broken.found}"
    yield f"Legal:    {broken.legal}"
    yield from explained(verdict, files)
    if evidence is not None:
        yield from contradicted(culprit, files, evidence)


def contradicted(culprit: Spot, files: Sequence[Path], evidence: Evidence) -> Iterator[str]:
    """The other line that decides, and the lines around both."""
    other = evidence.earlier or evidence.later
    if evidence.later is not None:
        where = where_is(evidence.later, files)
        yield f"Order:     the message is sent later, at {where}: lines do not stand in the order"
        yield "           in which things happened. If clocks merged them, name each server's file,"
        yield '           or begin the trace with {"event":"trace","order":"per-server"}.'
    elif evidence.earlier is not None:
        yield f"Against:   {where_is(evidence.earlier, files)}"
    for place, file in enumerate(files):
        here = {each.number for each in (other, culprit) if each is not None and each.file == place}
        if here and len(files) > 1:
            yield f"  {file}:"
        last = None
        for number, line in lines_around(lines_of(file), here) if here else ():
            if last is not None and number != last + 1:
                yield "      ..."
            last = number
            mark = ">" if number in here else " "
            text = shortened(line.decode(errors="replace").rstrip(), LONGEST_AROUND)
            yield f"  {mark} {number:>6}  {text}"


def shortened(line: str, longest: int) -> str:
    """A line, or the beginning of one that is long."""
    return line if len(line) <= longest else line[:longest] + "..."


def explained(verdict: Verdict, files: Sequence[Path]) -> Iterator[str]:
    """The longest prefix that rules explain."""
    if len(files) > 1:
        yield f"Explained: all that comes before ({looked_at(verdict)})."
    elif verdict.number > 1:
        yield f"Explained: lines 1 to {verdict.number - 1} ({looked_at(verdict)})."


def rules(verdict: Verdict) -> Iterator[str]:
    """How often each rule applied, and how often it could not be judged."""
    applied = [rule for rule in rules_by_name() if verdict.held[rule.name]]
    if applied:
        yield "Rules that applied, and how often:"
    for rule in applied:
        yield f"  {rule.name:<{WIDTH}} {verdict.held[rule.name]:>11,}  {rule.source}"
    if verdict.lacking:
        yield "Not checked, for want of:"
    for (name, what), count in sorted(verdict.lacking.items()):
        yield f"  {name:<{WIDTH}} {count:>11,}  {what}"
    idle = [rule.name for rule in rules_by_name() if not verdict.held[rule.name]]
    idle = [name for name in idle if all(name != lacking for lacking, _ in verdict.lacking)]
    if idle:
        yield f"Nothing to check in this trace: {counted_names(idle, 'rules')}"
