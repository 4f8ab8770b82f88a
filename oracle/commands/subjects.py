"""`raft-oracle subjects`: what can be hunted, with its settings."""

import click

from oracle.bridging.description import bridges
from oracle.subjects.registry import IN_PROCESS_FACTORIES
from oracle.terminal.output import even_if_nobody_listens, print_item


@click.command()
def subjects() -> None:
    """List the subjects and their settings."""
    with even_if_nobody_listens():
        for factory in IN_PROCESS_FACTORIES.values():
            print_item(f"{factory.name}: ", f"{factory.summary} ({factory.network} network)")
            words = {f"{each.name}={each.default}": each.meaning for each in factory.settings}
            width = max(map(len, words), default=0)
            for word, meaning in words.items():
                print_item(f"    --set {word:<{width}}  ", meaning)
        for bridge in bridges().values():
            print_item(f"{bridge.name}: ", f"{bridge.summary} (see `raft-oracle bridges`)")
        print_item("ADAPTER.py[:NAME]: ", "a SubjectFactory of your own, see CONTRIBUTING.md")
        print_item("DIRECTORY: ", "a Raft in Go that owns its threads and timers, as it is")
        print_item("-- COMMAND ...: ", "an adapter in any language, see docs/protocol.md")
