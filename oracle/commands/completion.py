"""`raft-oracle completion`: what a shell runs to complete commands, options and names."""

from typing import Final

import click
from click.shell_completion import get_completion_class

from oracle.commands.main import PROGRAM
from oracle.terminal.output import echo

SHELLS: Final = ("bash", "zsh", "fish")
VARIABLE: Final = "_RAFT_ORACLE_COMPLETE"
"""What the script sets when it asks the program for what may follow."""


@click.command(name="completion")
@click.argument("shell", type=click.Choice(SHELLS))
def completion_command(shell: str) -> None:
    """Print what completes commands, options and names in SHELL.

    For bash: `eval "$(raft-oracle completion bash)"`; for zsh the same with zsh; for fish:
    `raft-oracle completion fish | source`.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    echo(kind(click.Command(PROGRAM), {}, PROGRAM, VARIABLE).source())
