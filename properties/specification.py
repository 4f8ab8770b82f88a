"""What a state machine does when asked one thing after another: the sequential specification."""

from collections.abc import Callable, Hashable
from typing import Any, Final

from attrs import field, frozen


@frozen
class Specification:
    """A machine of independent parts, each named by a key; this is what one part does.

    Linearizability is local (Herlihy and Wing 1990, theorem 1): a history is linearizable if
    and only if its operations on each key are. So the parts are judged one by one, which is
    what makes long histories feasible.
    """

    initial: Hashable
    apply: Callable[[Any, str], tuple[Any, str]] = field(repr=False)
    """(state, command) -> (next state, output); pure, and states are immutable and hashable."""
    key_of: Callable[[str], str] = field(repr=False)
    """The part that a command is for; ValueError where it is no command of this machine."""
    is_read: Callable[[str, str | None], bool] = field(default=lambda *_: False, repr=False)
    """Whether a command with this output (None: not known) leaves every state as it is.

    It saves the search much work; False is always right.
    """


WORDS: Final = {"get": 2, "set": 3, "append": 3, "cas": 4}
EXPECTED: Final = "'get KEY', 'set KEY VALUE', 'append KEY VALUE' or 'cas KEY OLD NEW'"


def words_of(command: str) -> list[str]:
    """The words of a command of the key-value machine, which single spaces separate."""
    words = command.split(" ")
    if len(words) != WORDS.get(words[0]) or "" in words:
        raise ValueError(f"command: found {command!r}, expected {EXPECTED}")
    return words


def key_of(command: str) -> str:
    """The key that a command reads or writes."""
    return words_of(command)[1]


def apply(value: str, command: str) -> tuple[str, str]:
    """What a command makes of its key's value, and what it answers; an absent key is empty."""
    match words_of(command):
        case ["get", _]:
            return value, value
        case ["set", _, new]:
            return new, ""
        case ["append", _, more]:
            return value + more, value + more
        case [_, _, old, new] if value == old:
            return new, "ok"
    return value, "fail"


def is_read(command: str, output: str | None) -> bool:
    """Whether a command only looks; a `cas` that fails does no more than that."""
    return command.startswith("get ") or (output == "fail" and command.startswith("cas "))


KEY_VALUE: Final = Specification(initial="", apply=apply, key_of=key_of, is_read=is_read)
"""The machine whose commands are `get`, `set`, `append` and `cas`."""
