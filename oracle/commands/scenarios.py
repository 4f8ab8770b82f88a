"""`raft-oracle scenarios`: the stories that are shipped."""

import click

from oracle.commands.names import completed, scenario_names
from oracle.subjects.scenarios import scenarios, title_of
from oracle.terminal.choices import not_one_of
from oracle.terminal.output import echo, even_if_nobody_listens, print_item
from oracle.terminal.usage import UsageError


@click.command()
@click.argument("name", required=False, shell_complete=completed(scenario_names))
def scenarios_command(name: str | None) -> None:
    """List the scenarios, or print the one called NAME."""
    known = scenarios()
    if name is not None and name not in known:
        raise UsageError(f"scenario: {not_one_of(name, known)}")
    with even_if_nobody_listens():
        if name is not None:
            echo(known[name].read_text("utf-8"), newline=False)
            return
        for each, scenario in known.items():
            print_item(f"{each:<20} ", title_of(scenario))
