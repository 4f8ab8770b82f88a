"""The command line: which commands there are, and what becomes of errors.

A command is imported when it is called, so that `raft-oracle --help` and commands that judge logs
start without NumPy and Hypothesis.
"""

import errno
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

import click
from attrs import frozen

from model.failures import NotReproducedError
from oracle.processes.family import family
from oracle.processes.signals import SIGNALS, LostProcessError, SignalledError, hear_dropped
from oracle.terminal.choices import not_one_of
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import (
    echo,
    forget_odd_sizes,
    lead_nowhere,
    open_what_is_closed,
    write_what_is_left,
)
from oracle.terminal.own_mistake import in_one_line
from oracle.terminal.usage import ASKING, PROGRAM, UsageError
from oracle.terminal.wording import let_long_numbers_be_told, said_by_system, unbroken
from properties.explanation import clipped

LONGEST_LINE = 1000
WIDTH: Final = 100
"""Columns of a terminal that --help uses at most."""


HUNT: Final = "Hunt an implementation"
ADAPT: Final = "Prepare an adapter"
JUDGE: Final = "Judge what a cluster did"
LOOK: Final = "Look at a run"
STUDY: Final = "Study the reference"
SHELL: Final = "For shells and programs"
HEADINGS: Final = (HUNT, ADAPT, JUDGE, LOOK, STUDY, SHELL)
"""What commands are for, in the order in which --help shows it."""


@frozen
class Entry:
    """Where a command is found, what it is for, and what it does in one line."""

    heading: str
    module: str
    function: str
    summary: str


COMMANDS: Final = {
    "bridge": Entry(
        ADAPT,
        "bridges",
        "bridge_command",
        "Build the bridge NAME, and print the command that runs it.",
    ),
    "bridges": Entry(
        HUNT,
        "bridges",
        "bridges_command",
        "List the bridges to implementations in other languages, and their mutants.",
    ),
    "check-adapter": Entry(
        ADAPT,
        "check_adapter",
        "check_adapter",
        "Check that an adapter does what the protocol says, before it is hunted.",
    ),
    "check-history": Entry(
        JUDGE,
        "check_history",
        "check_history",
        "Judge whether the operations in FILE (- for standard input) are linearizable.",
    ),
    "check-trace": Entry(
        JUDGE,
        "check_trace",
        "check_trace_command",
        "Judge every event in each FILE (- for standard input) by the rules of Raft.",
    ),
    "completion": Entry(
        SHELL,
        "completion",
        "completion_command",
        "Print what completes commands, options and names in SHELL.",
    ),
    "explore": Entry(
        STUDY,
        "explore",
        "explore_command",
        "Explore every schedule within bounds, and say what was covered.",
    ),
    "figure16": Entry(
        STUDY,
        "figure16",
        "figure16_command",
        "Time the replacement of crashed leaders: Figure 16 of the paper, beside its numbers.",
    ),
    "hunt": Entry(HUNT, "hunt", "hunt_command", "Hunt for violations in SUBJECT."),
    "init": Entry(
        ADAPT,
        "init",
        "init",
        "Write an adapter with a toy Raft into DIRECTORY, to be replaced by yours.",
    ),
    "lab": Entry(
        HUNT,
        "lab",
        "lab_command",
        "Hunt the parts of a lab's Raft in turn, or those of a whole course.",
    ),
    "logger": Entry(
        JUDGE,
        "init",
        "logger_command",
        "Print the logger for a lab's Raft in Go, to be put beside raft.go.",
    ),
    "museum": Entry(
        LOOK,
        "museum",
        "museum",
        "Make a site in OUT of every finding in docs/findings, with its run.",
    ),
    "mutants": Entry(
        STUDY,
        "mutants",
        "mutants",
        "List the mutants of the reference, or score how fast each is caught.",
    ),
    "play": Entry(
        LOOK,
        "play",
        "play",
        "Step through a run in a browser: choose what happens next, go back, save.",
    ),
    "replay": Entry(LOOK, "replay", "replay", "Run a saved SCHEDULE again and print its trace."),
    "scenarios": Entry(
        LOOK, "scenarios", "scenarios_command", "List the scenarios, or print the one called NAME."
    ),
    "schema": Entry(SHELL, "schema", "schema_command", "Print the JSON Schema of a format."),
    "show": Entry(
        LOOK,
        "show",
        "show",
        "Draw a saved schedule or a trace: as a page, a picture, or for other tools.",
    ),
    "subjects": Entry(HUNT, "subjects", "subjects", "List the subjects and their settings."),
    "trace": Entry(
        JUDGE,
        "trace",
        "trace_command",
        "Run a cluster of BRIDGE, which runs by itself, and judge its trace as it comes.",
    ),
}
"""Every command by its name; the modules are those of this folder."""


class LazyGroup(click.Group):
    """A group that imports a command when it is called, and lists all without importing them."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run what the command line says, or tell a shell what may follow there."""
        if asked := os.environ.get(ASKING):
            from oracle.commands.completion import answer_shell

            return answer_shell(self, asked)
        return super().main(*args, **extra)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """What the command line says, unless it asks for --help, which is printed here."""
        with unread_is_no_violation():
            return super().make_context(*args, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now; None where there is none."""
        return load_command(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; UsageError with the nearest where none does."""
        if not ctx.resilient_parsing and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise UsageError(f"command: {not_one_of(args[0], sorted(COMMANDS))}; see --help")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        with unread_is_no_violation():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the summaries of all commands, under what they are for."""
        longest = max(map(len, COMMANDS))
        for heading in HEADINGS:
            names = [name for name in sorted(COMMANDS) if COMMANDS[name].heading == heading]
            with formatter.section(heading):
                formatter.write_dl(
                    [(f"{name:<{longest}}", COMMANDS[name].summary) for name in names]
                )


@contextmanager
def unread_is_no_violation() -> Iterator[None]:
    """What nobody reads any more ends a command as inconclusive: click would end it with 1."""
    try:
        yield
    except BrokenPipeError:
        lead_nowhere()
        raise click.exceptions.Exit(Exit.INCONCLUSIVE) from None


def load_command(name: str) -> click.Command:
    """Import a command by its name; KeyError where there is none of this name."""
    entry = COMMANDS[name]
    command = getattr(import_module(f"oracle.commands.{entry.module}"), entry.function)
    assert isinstance(command, click.Command)
    return command


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH},
)
@click.version_option(package_name="raft-oracle")
def cli() -> None:
    """Find bugs in Raft implementations: adversarial schedules, checked after every step."""


def main() -> None:
    """Run what the command line says.

    A signal that comes when the exit code is settled changes nothing: the process ends anyway.
    """
    try:
        run(cli, PROGRAM)
    finally:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)


def run(command: click.Command, name: str) -> None:
    """Run a command; wrong usage is one line and exit code 64, a mistake of ours one line and 2."""
    for each in SIGNALS:
        if signal.getsignal(each) != signal.SIG_IGN:  # as `nohup` starts a command
            signal.signal(each, signal.default_int_handler)
    hear_dropped()
    open_what_is_closed()
    forget_odd_sizes()
    let_long_numbers_be_told()
    try:
        with family():
            code = command(prog_name=name, standalone_mode=False)
            sys.exit(code if isinstance(code, int) else Exit.NOTHING_FOUND)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except OSError as error:
        if error.errno != errno.EPIPE:
            say(in_words(error))
        write_what_is_left()
        sys.exit(code_of(error))
    except (Exception, KeyboardInterrupt) as error:
        code, line = end_of(error)
        say(line)
        sys.exit(code)


def in_words(error: OSError) -> str:
    """What the system says of a file or of itself; without its words it is a mistake of ours."""
    if isinstance(error, FileNotFoundError) and error.filename is None and stands_nowhere():
        return "found that the current directory is gone, expected one that is there"
    is_of_system = error.strerror is not None or isinstance(error, shutil.Error)
    return said_by_system(error) if is_of_system else in_one_line(error)


def stands_nowhere() -> bool:
    """Whether somebody has removed the current directory."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def code_of(error: OSError) -> Exit:
    """What the system's refusal means: a name that is too long is one that was typed."""
    return Exit.WRONG_USAGE if error.errno == errno.ENAMETOOLONG else Exit.INCONCLUSIVE


def end_of(error: BaseException) -> tuple[Exit, str]:
    """The exit code of an error that nobody below has an answer to, and what is said of it."""
    if isinstance(error, click.exceptions.Abort | SignalledError | KeyboardInterrupt):
        return Exit.INCONCLUSIVE, "interrupted"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        names = ", ".join(sorted(COMMANDS))
        return Exit.WRONG_USAGE, f"expected a command: {names}; see --help"
    if isinstance(error, click.ClickException | UsageError):
        said = error.format_message() if isinstance(error, click.ClickException) else str(error)
        return Exit.WRONG_USAGE, said
    if isinstance(error, NotReproducedError):
        return Exit.INCONCLUSIVE, f"the subject is not deterministic: {error}"
    if isinstance(error, OSError):
        return code_of(error), in_words(error)
    line = str(error) if isinstance(error, LostProcessError) else in_one_line(error)
    return Exit.INCONCLUSIVE, line


def say(text: str) -> None:
    """One line on standard error, without what a terminal would obey, and not endless.

    It begins with where something was found, and ends with what was expected.
    """
    echo(f"raft-oracle: {clipped(unbroken(text), LONGEST_LINE)}", err=True)


if __name__ == "__main__":
    main()
