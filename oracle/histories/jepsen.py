"""Histories of Jepsen: events of processes put together to operations of the key-value machine.

A map for each event: `:type` is `:invoke`, `:ok` (it took effect), `:fail` (it did not) or `:info`
(nobody knows); `:process` names who asked. Read, write and cas are about a register; a value
`[k v]` is about the register of the key k, as in `jepsen.independent`, and get, put and append are
about the value of a `:key`, which is text. Acquire and release are about a mutex. What the nemesis
does is passed over.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NoReturn

from attrs import define

from oracle.histories.edn import Edn, Keyword, Placed, atom, read_edn
from oracle.histories.operations import LONGEST_QUOTE
from oracle.histories.transactions import (
    REGISTERS,
    TRANSACTION,
    reads_of,
    transaction_in_words,
)
from properties.explanation import clipped
from properties.history import Operation

REGISTER: Final = "register"
MUTEX: Final = "mutex"
NO_VALUE: Final = "nil"
"""What a register holds that was never written."""
TYPES: Final = ("invoke", "ok", "fail", "info")
OF_TEXT: Final = {"get": "get", "put": "set", "append": "append"}
"""Functions of a store of texts, in which an absent key is empty."""
FUNCTIONS: Final = ("read", "write", "cas", TRANSACTION, "acquire", "release", *OF_TEXT)
HELD: Final = "held"
LOG_LINE: Final = re.compile(
    rb"INFO\s+jepsen\.util\s+-\s+(\S+)\s+:(invoke|ok|fail|info)\s+:(\S+)\s+(.*)"
)
"""A line of Jepsen's log: process, type, function and value."""


@define
class UnderWay:
    """An operation that was invoked: where it stands, its key, its function and its command."""

    number: int
    invoked: int
    client: int | str
    function: str
    key: str
    command: str


def read_log(lines: Iterable[bytes]) -> Iterator[Placed]:
    """The events of a log of Jepsen, whose other lines are passed over."""
    for number, line in enumerate(lines, start=1):
        found = LOG_LINE.fullmatch(line.rstrip(b"\r\n"))
        if found is None:
            continue
        process, kind, function, value = (each.decode(errors="replace") for each in found.groups())
        values = [each for _, each in read_edn([f"[{value}]".encode()], number)] or [None]
        yield (
            number,
            {
                "process": atom(process) if process.isdecimal() else Keyword(process),
                "type": Keyword(kind),
                "f": Keyword(function),
                "value": values[0],
            },
        )


def joined(events: Iterable[Placed], has_value: bool = False) -> "Joiner":
    """All events, put together to operations; ValueError names a line.

    A register that begins with a value (`has_value`) never holds none: nothing is known of a read
    that gives none.
    """
    joiner = Joiner(has_value)
    for place, (line, event) in enumerate(events):
        try:
            joiner.take(place, event)
        except ValueError as error:
            raise ValueError(f"line {line}: {error}") from None
    return joiner


class Joiner:
    """Puts calls and answers together: a process has one operation under way at a time."""

    def __init__(self, has_value: bool) -> None:
        self._has_value = has_value
        self._found: dict[int, Operation] = {}
        self._under_way: dict[int | str, UnderWay] = {}
        self.calls = 0
        self.is_of_text = False
        """Whether it is about a store of texts."""
        self.is_of_transactions = False
        """Whether it is about several registers at a time."""
        self.events = 0

    def all(self) -> list[Operation]:
        """All operations but those that failed, in the order of their calls."""
        for each in self._under_way.values():
            self._end(each, None, None)
        return [self._found[number] for number in sorted(self._found)]

    def take(self, place: int, event: Edn) -> None:
        """One more event."""
        self.events += 1
        if not isinstance(event, dict) or "type" not in event or "process" not in event:
            refuse(event, "a map with :type, :process, :f and :value")
        process, kind, function = event["process"], event["type"], event.get("f")
        if isinstance(process, Keyword):
            return  # the nemesis
        if not isinstance(process, int | str) or isinstance(process, bool):
            refuse(process, "a number or a name as :process")
        if kind not in TYPES:
            refuse(kind, ":invoke, :ok, :fail or :info as :type")
        if function not in FUNCTIONS:
            refuse(function, f":{', :'.join(FUNCTIONS[:-1])} or :{FUNCTIONS[-1]} as :f")
        if kind == "invoke":
            self._invoke(place, process, str(function), event)
        else:
            self._complete(place, process, str(function), event)

    def _invoke(self, place: int, process: int | str, function: str, event: Edn) -> None:
        if process in self._under_way:
            raise ValueError(f"found a call of process {process}, which has one under way")
        key, command = command_of(function, event)
        self.is_of_text |= function in OF_TEXT
        if (function == TRANSACTION) is not self.is_of_transactions and self.calls:
            raise ValueError(f"found :{function} in a history with transactions and others")
        self.is_of_transactions = function == TRANSACTION
        asked = UnderWay(self.calls, place, process, function, key, command)
        self._under_way[process] = asked
        self.calls += 1

    def _complete(self, place: int, process: int | str, function: str, event: Edn) -> None:
        asked, kind = self._under_way.pop(process, None), event["type"]
        if asked is None or asked.function != function:
            what = "none" if asked is None else f":{asked.function}"
            raise ValueError(
                f"found :{kind} of :{function} of process {process}, expected an operation that it "
                f"has under way, which is {what}"
            )
        if kind == "info":
            self._end(asked, None, None)
        elif kind == "ok":
            self._end(asked, place, self._output(asked, event))

    def _output(self, asked: UnderWay, event: Edn) -> str | None:
        """What an operation gave; None where that is not known."""
        match asked.function:
            case "get":
                return text_in(event)
            case "append":
                return None
            case "txn":
                check_steps(asked.command, event)
                reads = reads_of(event.get("value"), text_of)
                return None if self._has_value and NO_VALUE in reads else " ".join(reads)
            case "read":
                key, read = split(event.get("value"))
                if key != asked.key:
                    raise ValueError(f"found a read of {key}, expected one of {asked.key}")
                return None if read is None and self._has_value else text_of(read)
        return "ok" if asked.command.startswith("cas ") else ""

    def _end(self, asked: UnderWay, responded: int | None, output: str | None) -> None:
        is_unseen_read = responded is None and asked.command.startswith("get ")
        if not is_unseen_read:
            self._found[asked.number] = Operation(
                asked.client, asked.command, asked.invoked, responded, output
            )


def split(value: Edn) -> tuple[str, Edn]:
    """A key and its value: `[k v]` where keys are independent, or else the one register's."""
    if isinstance(value, tuple) and len(value) == 2:
        return text_of(value[0]), value[1]
    return REGISTER, value


def command_of(function: str, event: Edn) -> tuple[str, str]:
    """The key, and the command of the key-value machine."""
    value = event.get("value")
    if function == TRANSACTION:
        return REGISTERS, transaction_in_words(value, text_of)
    if function in OF_TEXT:
        key, content = word(str(event.get("key"))), text_in(event)
        if function != "get" and not content:
            refuse(value, f"a :{function} of a text that is not empty")
        words = (OF_TEXT[function], key) if function == "get" else (OF_TEXT[function], key, content)
        return key, " ".join(words)
    if function in ("acquire", "release"):
        before, after = (NO_VALUE, HELD) if function == "acquire" else (HELD, NO_VALUE)
        return MUTEX, f"cas {MUTEX} {before} {after}"
    if function == "cas":
        is_pair = isinstance(value, tuple) and len(value) == 2
        has_key = is_pair and isinstance(value[1], tuple)
        key, pair = (text_of(value[0]), value[1]) if has_key else (REGISTER, value)
        if not isinstance(pair, tuple) or len(pair) != 2:
            refuse(value, "[old new] or [key [old new]] as :value of a :cas")
        return key, f"cas {key} {text_of(pair[0])} {text_of(pair[1])}"
    key, content = split(value)
    return key, f"get {key}" if function == "read" else f"set {key} {text_of(content)}"


def check_steps(asked: str, event: Edn) -> None:
    """An answer has the steps of its transaction, but for what its reads gave; or ValueError."""
    answered = transaction_in_words(event.get("value"), text_of)
    if answered != asked:
        found, expected = clipped(answered, LONGEST_QUOTE), clipped(asked, LONGEST_QUOTE)
        raise ValueError(f"found an answer to {found!r}, expected one to {expected!r}")


def text_in(event: Edn) -> str:
    """The text that an event of a store of texts gives or takes: only nil is none."""
    value = event.get("value")
    return "" if value is None else escaped(str(value))


def text_of(value: Any) -> str:
    """A value in a word: two values are the same word if they are the same."""
    match value:
        case None:
            return NO_VALUE
        case bool():
            return "true" if value else "false"
        case Keyword():
            return f":{value}"
        case str():
            return escaped(f'"{value}"')
        case tuple():
            return f"[{','.join(map(text_of, value))}]"
    return escaped(str(value))


def escaped(text: str) -> str:
    """Text without spaces, which part the words of a command."""
    return "".join(f"%{ord(each):02x}" if each in "% \t\r\n" else each for each in text)


def word(text: str) -> str:
    """Text as one word of a command; of an empty one, what no other text is."""
    return escaped(text) or "%"


def refuse(found: object, expected: str) -> NoReturn:
    """ValueError with what was found and what was expected."""
    shown = f":{found}" if isinstance(found, Keyword) else ascii(found)
    raise ValueError(f"found {clipped(shown, LONGEST_QUOTE)}, expected {expected}")
