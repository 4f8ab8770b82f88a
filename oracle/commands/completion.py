"""`raft-oracle completion`: what a shell runs to complete commands, options and names."""

from typing import Final

import click
from click.shell_completion import ShellComplete, get_completion_class

from oracle.processes.tool import tools_from_elsewhere
from oracle.terminal.choices import not_one_of
from oracle.terminal.output import echo
from oracle.terminal.usage import ASKING, PROGRAM, UsageError

SHELLS: Final = ("bash", "zsh", "fish")
SOURCE: Final = "source"
COMPLETE: Final = "complete"
ASKED: Final = tuple(f"{shell}_{what}" for shell in SHELLS for what in (SOURCE, COMPLETE))
"""What a shell may ask for."""


@click.command(name="completion")
@click.argument("shell", type=click.Choice(SHELLS))
def completion_command(shell: str) -> None:
    """Print what completes commands, options and names in SHELL.

    For bash: `eval "$(raft-oracle completion bash)"`; for zsh the same with zsh; for fish:
    `raft-oracle completion fish | source`.
    """
    print_script(completion_of(click.Command(PROGRAM), shell))


def answer_shell(program: click.Command, asked: str) -> None:
    """Print what a shell asks for; UsageError where what it has set does not say what that is."""
    if asked not in ASKED:
        raise UsageError(f"{ASKING}: {not_one_of(asked, ASKED)}")
    shell, _, what = asked.partition("_")
    completion = completion_of(program, shell)
    if what == SOURCE:
        print_script(completion)
        return
    try:
        words = completion.get_completion_args()
    except (LookupError, ValueError):
        raise UsageError(
            f"{ASKING}: found no words to complete in COMP_WORDS and COMP_CWORD, "
            f"expected what `raft-oracle completion {shell}` sets"
        ) from None
    for each in completion.get_completions(*words):
        echo(completion.format_completion(each))


def completion_of(program: click.Command, shell: str) -> ShellComplete:
    """What completes the words of a program in a shell."""
    kind = get_completion_class(shell)
    assert kind is not None
    return kind(program, {}, PROGRAM, ASKING)


def print_script(completion: ShellComplete) -> None:
    """Print what a shell has to run, having asked bash for its version."""
    with tools_from_elsewhere():
        echo(completion.source())
