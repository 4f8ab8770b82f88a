"""Commands whose --help lists many options under headings.

The options of a command stay in one flat list; which heading one belongs to is said beside it. The
library for this (cloup) takes twice as long to import as click, and wants each option moved into a
group's decorator.
"""

from collections.abc import Mapping
from typing import Any, Final

import click

THE_REST: Final = "Options"

Headings = Mapping[str, tuple[str, ...]]
"""The parameters under each heading, by their names in Python."""


class GroupedCommand(click.Command):
    """A command with headings, if it has any; what none of them names stands under the last."""

    def __init__(self, *values: Any, headings: Headings | None = None, **named: Any) -> None:
        super().__init__(*values, **named)
        self.headings = headings or {}

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of each heading, in their order."""
        records: dict[str, list[tuple[str, str]]] = {
            heading: [] for heading in (*self.headings, THE_REST)
        }
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            # An argument is in the usage line; click gives it a record from 8.5.1 on.
            if record is not None and isinstance(parameter, click.Option):
                records[self.heading_of(parameter)].append(record)
        for heading, lines in records.items():
            if lines:
                with formatter.section(heading):
                    formatter.write_dl(lines)

    def heading_of(self, parameter: click.Parameter) -> str:
        """The heading that names a parameter."""
        found = (heading for heading, names in self.headings.items() if parameter.name in names)
        return next(found, THE_REST)
