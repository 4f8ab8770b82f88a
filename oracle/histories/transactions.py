"""Transactions over registers, Jepsen's `:txn`: several reads and writes at one instant.

They cannot be judged register by register, so all registers are one part of the machine.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from properties.specification import Specification

REGISTERS: Final = "registers"
TRANSACTION: Final = "txn"
READS: Final = ("r", "read")
WRITES: Final = ("w", "write")
EXPECTED: Final = "[[:read k nil] [:write k v] ...] as :value of a :txn"

Registers: TypeAlias = tuple[tuple[str, str], ...]
"""The registers that were written, with their values, in order of their names."""


def transaction_in_words(value: Any, text_of: Callable[[Any], str]) -> str:
    """A transaction as a command, in which a read has no value; ValueError if it is none."""
    return " ".join(
        [TRANSACTION, *(word for each in steps_of(value) for word in words(each, text_of))]
    )


def words(step: tuple[Any, Any, Any], text_of: Callable[[Any], str]) -> list[str]:
    """A step of a transaction in words."""
    function, key, value = step
    if function in READS:
        return ["read", text_of(key)]
    return ["write", text_of(key), text_of(value)]


def reads_of(value: Any, text_of: Callable[[Any], str]) -> list[str]:
    """What the reads of a transaction gave."""
    return [text_of(read) for function, _, read in steps_of(value) if function in READS]


def steps_of(value: Any) -> tuple[tuple[Any, Any, Any], ...]:
    """The steps of a transaction."""
    steps = value if isinstance(value, tuple) else (None,)
    for each in steps:
        fits = isinstance(each, tuple) and len(each) == 3 and each[0] in (*READS, *WRITES)
        if not fits:
            raise ValueError(f"found another step, expected {EXPECTED}")
    return steps


def machine(initial: str) -> Specification:
    """Registers that all hold `initial` at first."""

    def apply(registers: Registers, command: str) -> tuple[Registers, str]:
        held, read = dict(registers), []
        rest = iter(command.split(" ")[1:])
        for name in rest:
            key = next(rest)
            if name == "read":
                read.append(held.get(key, initial))
            else:
                held[key] = next(rest)
        return tuple(sorted(held.items())), " ".join(read)

    return Specification(
        initial=(),
        apply=apply,
        key_of=lambda command: REGISTERS,
        is_read=lambda command, output: (
            command.split(" ")[1::2].count("read") * 2 + 1 == len(command.split(" "))
        ),
    )
