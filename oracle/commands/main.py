"""The command line: which commands there are, and what becomes of errors.

A command is imported when it is called, so that `raft-oracle --help` and commands that judge logs
start without NumPy and Hypothesis.
"""

import signal
import sys
from importlib import import_module
from typing import Final

import click
from attrs import frozen

from model.failures import NotReproducedError
from oracle.processes.signals import SignalledError
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import drop_output, echo, open_what_is_closed
from oracle.terminal.usage import UsageError

LONGEST_LINE = 1000


@frozen
class Entry:
    """Where a command is found, and what it does in one line."""

    module: str
    function: str
    summary: str


COMMANDS: Final = {
    "bridge": Entry(
        "bridges", "bridge_command", "Build the bridge NAME, and print the command that runs it."
    ),
    "bridges": Entry(
        "bridges",
        "bridges_command",
        "List the bridges to implementations in other languages, and their mutants.",
    ),
    "check-adapter": Entry(
        "check_adapter",
        "check_adapter",
        "Check that an adapter does what the protocol says, before it is hunted.",
    ),
    "check-history": Entry(
        "check_history",
        "check_history",
        "Judge whether the operations in FILE (- for standard input) are linearizable.",
    ),
    "check-trace": Entry(
        "check_trace",
        "check_trace_command",
        "Judge every event in FILE (- for standard input) by the rules of Raft.",
    ),
    "explore": Entry(
        "explore",
        "explore_command",
        "Explore every schedule within bounds, and say what was covered.",
    ),
    "figure16": Entry(
        "figure16",
        "figure16_command",
        "Time the replacement of crashed leaders: Figure 16 of the paper, beside its numbers.",
    ),
    "hunt": Entry("hunt", "hunt_command", "Hunt for violations in SUBJECT."),
    "init": Entry(
        "init", "init", "Write an adapter with a toy Raft into DIRECTORY, to be replaced by yours."
    ),
    "lab": Entry(
        "lab",
        "lab_command",
        "Hunt the parts of a lab's Raft in turn, or those of a whole course.",
    ),
    "logger": Entry(
        "init",
        "logger_command",
        "Print the logger for a lab's Raft in Go, to be put beside raft.go.",
    ),
    "mutants": Entry(
        "mutants", "mutants", "List the mutants of the reference, or score how fast each is caught."
    ),
    "play": Entry(
        "play", "play", "Step through a run in a browser: choose what happens next, go back, save."
    ),
    "replay": Entry("replay", "replay", "Run a saved SCHEDULE again and print its trace."),
    "scenarios": Entry(
        "scenarios", "scenarios_command", "List the scenarios, or print the one called NAME."
    ),
    "schema": Entry("schema", "schema_command", "Print the JSON Schema of a format."),
    "show": Entry(
        "show",
        "show",
        "Draw a saved schedule or a trace: as a page, a picture, or for other tools.",
    ),
    "subjects": Entry("subjects", "subjects", "List the subjects and their settings."),
    "trace": Entry(
        "trace",
        "trace_command",
        "Run a cluster of BRIDGE, which runs by itself, and judge its trace as it comes.",
    ),
}
"""Every command by its name; the modules are those of this folder."""


class LazyGroup(click.Group):
    """A group that imports a command when it is called, and lists all without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now; None where there is none."""
        return load_command(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from their summaries."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].summary) for name in sorted(COMMANDS)])


def load_command(name: str) -> click.Command:
    """Import a command by its name; KeyError where there is none of this name."""
    entry = COMMANDS[name]
    command = getattr(import_module(f"oracle.commands.{entry.module}"), entry.function)
    assert isinstance(command, click.Command)
    return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="raft-oracle")
def cli() -> None:
    """Find bugs in Raft implementations: adversarial schedules, checked after every step."""


def main() -> None:
    """Run a command; wrong usage is one line and exit code 64."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    open_what_is_closed()
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except (click.exceptions.Abort, SignalledError):
        say("interrupted")
        sys.exit(Exit.INCONCLUSIVE)
    except click.exceptions.NoArgsIsHelpError:
        say(f"expected a command: {', '.join(sorted(COMMANDS))}; see --help")
        sys.exit(Exit.WRONG_USAGE)
    except click.ClickException as error:
        say(error.format_message())
        sys.exit(Exit.WRONG_USAGE)
    except NotReproducedError as error:
        say(f"the subject is not deterministic: {error}")
        sys.exit(Exit.INCONCLUSIVE)
    except UsageError as error:
        say(str(error))
        sys.exit(Exit.WRONG_USAGE)
    except OSError as error:
        drop_output(error)
        sys.exit(Exit.INCONCLUSIVE)


def say(text: str) -> None:
    """One line on standard error, without what a terminal would obey, and not endless."""
    line = " ".join(text.split())
    line = line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}..."
    echo(f"raft-oracle: {line}", err=True)


if __name__ == "__main__":
    main()
