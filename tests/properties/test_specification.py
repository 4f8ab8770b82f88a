"""The key-value machine: what each command answers, and what is no command."""

import pytest

from properties.specification import KEY_VALUE


@pytest.mark.parametrize(
    ("value", "command", "after", "output"),
    [
        ("", "get x", "", ""),
        ("1", "get x", "1", "1"),
        ("1", "set x 2", "2", ""),
        ("", "append x 2", "2", "2"),
        ("1", "append x 2", "12", "12"),
        ("1", "cas x 1 2", "2", "ok"),
        ("3", "cas x 1 2", "3", "fail"),
        ("", "cas x 1 2", "", "fail"),
    ],
)
def test_commands_do_what_they_say(value: str, command: str, after: str, output: str) -> None:
    """Every command of the machine, on a key that is there and on one that is not."""
    assert KEY_VALUE.apply(value, command) == (after, output)


@pytest.mark.parametrize("command", ["get k", "set k 1", "append k 1", "cas k 1 2"])
def test_a_command_is_for_its_key(command: str) -> None:
    """The second word is the key."""
    assert KEY_VALUE.key_of(command) == "k"


@pytest.mark.parametrize(
    "command",
    ["", "get", "get ", "get x 1", "set x", "set x ", "set  x", "SET x 1", "cas x 1", "put x 1"],
)
def test_what_is_no_command_is_refused(command: str) -> None:
    """One line says what was found, and what the commands are."""
    for ask in (KEY_VALUE.key_of, lambda text: KEY_VALUE.apply("", text)):
        with pytest.raises(ValueError, match="expected 'get KEY', 'set KEY VALUE'") as refused:
            ask(command)
        assert str(refused.value).startswith(f"command: found {command!r}, ")


@pytest.mark.parametrize(
    ("command", "output", "expected"),
    [
        ("get x", None, True),
        ("get x", "1", True),
        ("cas x 1 2", "fail", True),
        ("cas x 1 2", "ok", False),
        ("cas x 1 2", None, False),
        ("set x fail", "", False),
        ("append x fail", "fail", False),
    ],
)
def test_reads_are_told_from_writes(command: str, output: str | None, expected: bool) -> None:
    """What leaves every state as it is: a `get`, and a `cas` that failed."""
    assert KEY_VALUE.is_read(command, output) is expected
