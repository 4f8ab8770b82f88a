"""A finding as a pytest file, which fails as long as the bug is there."""

import re
from typing import Final

from model.actions import Schedule
from model.schedule import SavedSchedule, servers_of
from oracle.formats.program import program
from oracle.terminal.wording import printable, unbroken
from properties.property import Violation

LONGEST_LINE: Final = 88
"""Characters of a generated import, as formatters have it, before it takes a line a name."""


REGRESSION = '''"""{title}

Found by raft-oracle {provenance}.
Run it with pytest where raft-oracle is installed: it fails as long as the bug is there.
A path in SUBJECT that begins with a dot is relative to this file, or to a folder above it.
"""

from typing import Final

{imports}

SUBJECT = {subject!r}
SERVERS = {servers}
NETWORK: Final = {network!r}
SETTINGS: dict[str, str] = {settings!r}
MUTANT: str | None = {mutant!r}
IGNORE: tuple[str, ...] = {ignore!r}
{properties}
SCHEDULE = (
{actions}
)


def test_{name}_holds() -> None:
    """{statement}"""
    violation = violation_of_schedule(
        SCHEDULE,
        SUBJECT,
        SERVERS,
        NETWORK,
        SETTINGS,
        mutant=MUTANT,
        ignore=IGNORE,
        beside=__file__,{with_properties}
    )
    assert violation is None, violation.trace
'''


def imports_of(schedule: Schedule) -> str:
    """The import of a regression test: what its schedule names, and what runs it."""
    kinds = {type(action).__name__ for action in schedule}
    servers = {repr(server) for action in schedule for server in servers_of(action)}
    names = sorted({*kinds, *servers, "violation_of_schedule"})
    line = f"from raft_oracle import {', '.join(names)}"
    if len(line) <= LONGEST_LINE:
        return line
    return "\n".join(["from raft_oracle import (", *(f"    {name}," for name in names), ")"])


def in_docstring(text: str) -> str:
    """Text of somebody else's within a docstring, of which it cannot be the end."""
    line = printable(unbroken(text))
    return line.replace("\\", "\\\\").replace('"""', "'''")


def regression_test(
    saved: SavedSchedule, violation: Violation, properties: tuple[str, ...] = ()
) -> str:
    """A pytest file that fails with the bug and passes without it.

    `properties` are the files with properties of the user's own.
    """
    head = saved.head()
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", violation.property).lower()
    found = f"in {head.subject} {head.subject_version} ({saved.driver}, seed {saved.seed})"
    return REGRESSION.format(
        title=f"{violation.property}: {in_docstring(violation.detail)}",
        provenance=in_docstring(found),
        imports=imports_of(saved.actions),
        subject=head.subject,
        servers=head.servers,
        network=head.network,
        settings=head.settings,
        mutant=head.mutant,
        ignore=tuple(head.ignore),
        properties=f"PROPERTIES: tuple[str, ...] = {properties!r}\n" if properties else "",
        with_properties="\n        properties=PROPERTIES," if properties else "",
        actions=program(saved.actions, "    "),
        name=name,
        statement=violation.statement,
    )
