"""The commands about bridges: which there are, and where a built one is."""

import shlex

import click

from oracle.bridging.build import built_command, toolchain_version
from oracle.bridging.description import BridgeError, bridges
from oracle.commands.names import bridge_names, completed
from oracle.commands.shared_options import mutant_option
from oracle.processes.tool import ESCAPE
from oracle.terminal.output import echo, even_if_nobody_listens, print_item


@click.command(name="bridges")
def bridges_command() -> None:
    """List the bridges to implementations in other languages, and their mutants."""
    with even_if_nobody_listens():
        for bridge in bridges().values():
            print_item(f"{bridge.name} {bridge.library_version()}: ", bridge.summary)
            try:
                said = ESCAPE.sub("", toolchain_version(bridge))
                echo(f"    built with {said.splitlines()[0]}")
            except BridgeError:
                echo(f"    not found: {bridge.language}")
            if bridge.is_traced:
                echo(f"    judged by its trace: raft-oracle trace {bridge.name}")
            width = max((len(each.name) for each in bridge.mutants), default=0)
            for mutant in bridge.mutants:
                print_item(f"    --mutant {mutant.name:<{width}}  ", mutant.summary)


@click.command(name="bridge")
@click.argument("name", shell_complete=completed(bridge_names))
@mutant_option("Known mistake to build into a copy of the library (default: none).")
def bridge_command(name: str, mutant: str | None) -> None:
    """Build the bridge NAME, and print the command that runs it."""
    command = built_command(name, mutant)
    with even_if_nobody_listens():
        echo(shlex.join(command))
