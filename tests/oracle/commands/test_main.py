"""Tests of the command line as a whole: which commands there are, and that they load late."""

import pytest

from oracle.commands.main import COMMANDS, load_command


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_list_says_of_a_command_what_it_says_itself(name: str) -> None:
    """A command is found under its name, and its summary is the first paragraph of its help."""
    command = load_command(name)
    assert command.name == name
    first = " ".join((command.help or "").split("\n\n", maxsplit=1)[0].split())
    assert first == COMMANDS[name].summary
