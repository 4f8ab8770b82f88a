"""A verdict on a trace as text."""

from collections.abc import Iterator
from typing import Final

from oracle.terminal.wording import counted_names
from oracle.traces.verdict import Kind, Verdict, rules_by_name

LONGEST_LINE: Final = 600
WIDTH: Final = 28


def report(verdict: Verdict) -> str:
    """The verdict, what was checked, and what was not."""
    return "\n".join(lines_of(verdict)) + "\n"


def lines_of(verdict: Verdict) -> Iterator[str]:
    """The report, line by line."""
    if verdict.kind is Kind.REJECTED:
        yield from rejection(verdict)
    elif verdict.kind is Kind.UNKNOWN:
        where = f" at line {verdict.number}" if verdict.number else ""
        yield f"Unknown{where}: the trace lacks {verdict.missing}."
        yield from explained(verdict)
        yield "With --partial, what is lacking is learnt where the trace shows it."
    else:
        yield f"Accepted: {looked_at(verdict)}."
    yield ""
    yield from rules(verdict)


def looked_at(verdict: Verdict) -> str:
    """How much a trace holds."""
    count = len(verdict.servers)
    return (
        f"{verdict.events:,} events of {count} servers "
        f"({', '.join(verdict.servers)}), terms up to {verdict.highest_term:,}, "
        f"format {verdict.format}"
    )


def rejection(verdict: Verdict) -> Iterator[str]:
    """The first impossible event, the rule that it breaks, and what had been legal."""
    rule, broken = verdict.rule, verdict.broken
    if rule is None or broken is None:
        raise ValueError("verdict: found a rejection without a rule, expected one")
    line = verdict.line
    yield f"Rejected at line {verdict.number}: {rule.name}."
    yield f"  {line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + '...'}"
    yield f"Rule:     {rule.statement} ({rule.source})"
    yield f"Observed: {broken.found}"
    yield f"Legal:    {broken.legal}"
    yield from explained(verdict)


def explained(verdict: Verdict) -> Iterator[str]:
    """The longest prefix that rules explain."""
    if verdict.number > 1:
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
