"""`check-history`: whether what clients saw is linearizable."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import msgspec

from oracle.terminal.output import even_if_nobody_listens
from oracle.terminal.usage import UsageError
from properties.explanation import clipped, explain
from properties.history import Operation
from properties.linearizability import DEFAULT_ATTEMPTS, Judgement, Verdict, check
from properties.specification import KEY_VALUE

EXIT_CODES: Final = {
    Verdict.LINEARIZABLE: 0,
    Verdict.NOT_LINEARIZABLE: 1,
    Verdict.UNKNOWN: 2,
}
GZIP_MAGIC: Final = b"\x1f\x8b"
STANDARD_INPUT: Final = Path("-")
LONGEST_QUOTE: Final = 60
EXAMPLE: Final = '{"client":1,"command":"set x 1","invoked":3,"responded":7,"output":""}'


@click.command(name="check-history")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--attempts",
    type=int,
    default=DEFAULT_ATTEMPTS,
    help=f"Operations to try for each key, before it is left undecided ({DEFAULT_ATTEMPTS:,}).",
)
def check_history(file: Path, attempts: int) -> None:
    """Judge whether the operations in FILE (- for standard input) are linearizable.

    Each line is an operation in JSON, such as {"client": 1, "command": "set x 1", "invoked": 3,
    "responded": 7, "output": ""}; a file may be compressed by gzip. "invoked" and "responded" are
    places in one order of events; "responded" is null where no answer came, "output" where it is
    not known. Commands are get KEY, set KEY VALUE, append KEY VALUE (gives the new value) and
    cas KEY OLD NEW (gives ok or fail).
    """
    if attempts < 1:
        raise UsageError(f"attempts: found {attempts}, expected at least 1")
    name = "history on standard input" if file == STANDARD_INPUT else f"history {file}"
    try:
        history = list(read_operations(read_bytes(file)))
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None
    judgement = check(history, KEY_VALUE, attempts)
    with even_if_nobody_listens():
        click.echo(report(judgement), nl=False)
    sys.exit(EXIT_CODES[judgement.verdict])


def read_bytes(file: Path) -> bytes:
    """What a file holds, decompressed."""
    try:
        is_file = file != STANDARD_INPUT
        with open(file if is_file else 0, "rb", closefd=is_file) as stream:
            data = stream.read()
    except OSError as error:
        raise ValueError(error.strerror) from None
    if not data.startswith(GZIP_MAGIC):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"found gzip that is broken, expected all of it: {error}") from None


def read_operations(data: bytes) -> Iterator[Operation]:
    """The operations in JSON lines; ValueError names the line where there is something else."""
    decoder = msgspec.json.Decoder(Operation)
    number = 0
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            operation = decoder.decode(line)
            KEY_VALUE.key_of(operation.command)
        except msgspec.ValidationError as error:
            raise ValueError(f"line {number}: {error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            quoted = clipped(ascii(line.decode(errors="replace")), LONGEST_QUOTE)
            raise ValueError(f"line {number}: found {quoted}, expected {EXAMPLE}") from None
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        yield operation
    if number == 0:
        raise ValueError(f"found no operation, expected lines such as {EXAMPLE}")


def report(judgement: Judgement) -> str:
    """The verdict, what it is about, and what stands behind it."""
    counts = (
        f"{judgement.operations:,} operations, {judgement.unanswered:,} of them never answered; "
        f"keys: {judgement.keys:,}"
    )
    if judgement.counterexample is not None:
        return f"Not linearizable: {counts}.\n\n{explain(judgement.counterexample)}"
    if judgement.undecided:
        first = clipped(ascii(judgement.undecided[0]), LONGEST_QUOTE)
        return (
            f"Unknown: {counts}.\n"
            f"The attempts did not suffice for {len(judgement.undecided):,} of the keys; "
            f"the first is\n{first}. More --attempts may decide.\n"
        )
    return f"Linearizable: {counts}.\n"
