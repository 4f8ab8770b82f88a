"""The help of every option can be read alone: a whole sentence, with the default."""

from collections.abc import Iterator
from typing import Any

import pytest

from oracle.commands.main import COMMANDS, load_command

FEWEST_WORDS = 6
"""A sentence that says what an option is and what it does by itself is no shorter."""


def options() -> Iterator[tuple[str, Any]]:
    """Every option of every command, with the name of its command."""
    for name in COMMANDS:
        for parameter in load_command(name).params:
            if parameter.param_type_name == "option":
                yield name, parameter


OPTIONS = [pytest.param(option, id=f"{name} {option.opts[0]}") for name, option in options()]


def is_sentence(text: str) -> bool:
    """Whether a text begins with a capital (or a file's name), ends with a period, and is one."""
    starts_well = text[:1].isupper() or text.startswith("raft.tla: ")
    return starts_well and text.endswith(".") and len(text.split()) >= FEWEST_WORDS


@pytest.mark.parametrize("option", OPTIONS)
def test_help_of_an_option_is_a_sentence_with_its_default(option: Any) -> None:
    """A newcomer learns from the help alone what an option is for and what holds without it."""
    text = option.help or ""
    assert is_sentence(text), text
    assert "default" in text or option.is_flag, text


@pytest.mark.parametrize("option", OPTIONS)
def test_default_in_the_help_is_the_one_that_is_used(option: Any) -> None:
    """A number or a word that an option has as its default stands in its help."""
    if isinstance(option.default, str | int | float) and not option.is_flag:
        shown = f"{option.default:g}" if isinstance(option.default, float) else str(option.default)
        assert shown in (option.help or "").replace(",", "")


@pytest.mark.parametrize(
    "text", ["", "Of runs.", "Else the subject's own.", "names the seed (default: 0)", "As `hunt`."]
)
def test_a_fragment_is_no_sentence(text: str) -> None:
    """What stood there before would fail the test above."""
    assert not is_sentence(text)


@pytest.mark.parametrize("name", COMMANDS)
def test_headings_name_options_that_there_are(name: str) -> None:
    """Each once, and where there are headings, every option but --help stands under one."""
    command = load_command(name)
    headings: dict[str, tuple[str, ...]] = getattr(command, "headings", {})
    named = [each for group in headings.values() for each in group]
    options_there = {each.name for each in command.params if each.param_type_name == "option"}
    assert len(named) == len(set(named))
    assert set(named) <= options_there
    assert not headings or options_there - set(named) <= {"is_explained"}
