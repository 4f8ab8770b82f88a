"""Tests of commands whose --help has headings."""

import click
from click.testing import CliRunner

from oracle.commands.grouped import THE_REST, GroupedCommand
from oracle.commands.main import COMMANDS, load_command


@click.command(cls=GroupedCommand, headings={"Size": ("width",), "Colour": ("red", "blue")})
@click.argument("thing")
@click.option("--blue", is_flag=True, help="Paint it blue.")
@click.option("--late", is_flag=True, help="Paint it later.")
@click.option("--red", is_flag=True, help="Paint it red.")
@click.option("--width", type=int, help="Width of it.")
def paint(**options: object) -> None:
    """Paint something."""


def test_options_stand_under_their_headings_and_the_rest_last() -> None:
    """In the order that is given, and within one in the command's; an argument is no option."""
    lines = CliRunner().invoke(paint, ["--help"]).output.splitlines()
    words = [line.split()[0] for line in lines if line.startswith("  -") or line.endswith(":")]
    expected = ["Size:", "--width", "Colour:", "--blue", "--red", "Options:", "--late", "--help"]
    assert words == expected
    assert not any(line.startswith("  THING") for line in lines)


def test_every_heading_of_a_command_names_options_that_it_has() -> None:
    """A renamed option does not drop out of its heading unseen, and a new one is given one."""
    grouped = [load_command(name) for name in COMMANDS]
    checked = 0
    for command in grouped:
        if not isinstance(command, GroupedCommand) or not command.headings:
            continue
        names = {each.name for each in command.params if isinstance(each, click.Option)}
        named = [each for heading in command.headings.values() for each in heading]
        assert len(named) == len(set(named))
        assert set(named) <= names
        unnamed = [each for each in command.params if command.heading_of(each) == THE_REST]
        assert len(unnamed) <= 2, unnamed  # the argument, and what prints something else
        checked += 1
    assert checked >= 2
