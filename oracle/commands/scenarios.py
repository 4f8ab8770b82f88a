"""`raft-oracle scenarios`: the stories that are shipped."""

import click

from oracle.subjects.scenarios import scenarios, title_of
from oracle.terminal.output import echo, even_if_nobody_listens


@click.command()
@click.argument("name", required=False)
def scenarios_command(name: str | None) -> None:
    """List the scenarios, or print the one called NAME."""
    known = scenarios()
    if name is not None and name not in known:
        raise click.BadParameter(f"found {name!r}, expected one of {', '.join(known)}")
    with even_if_nobody_listens():
        if name is not None:
            echo(known[name].read_text("utf-8"), newline=False)
            return
        for each, scenario in known.items():
            echo(f"{each:<20} {title_of(scenario)}")
