"""`raft-oracle subjects`: what can be hunted, with its settings."""

import click

from oracle.bridging.description import bridges
from oracle.subjects.registry import IN_PROCESS_FACTORIES
from oracle.terminal.output import echo, even_if_nobody_listens


@click.command()
def subjects() -> None:
    """List the subjects and their settings."""
    with even_if_nobody_listens():
        for factory in IN_PROCESS_FACTORIES.values():
            echo(f"{factory.name}: {factory.summary} ({factory.network} network)")
            for setting in factory.settings:
                echo(f"    --set {setting.name}={setting.default}  {setting.meaning}")
        for bridge in bridges().values():
            echo(f"{bridge.name}: {bridge.summary} (see `raft-oracle bridges`)")
        echo("ADAPTER.py[:NAME]: a SubjectFactory of your own, see CONTRIBUTING.md")
        echo("DIRECTORY: a Raft in Go that owns its threads and timers, as it is")
        echo("-- COMMAND ...: an adapter in any language, see docs/protocol.md")
