"""Values as canonical bytes, under any renaming of the servers.

Two values have the same bytes exactly if they are equal; a renamed value has the bytes that
the value with other server names would have. Written over types and not over `repr`, so that
no detail of printing decides what counts as the same state.
"""

import hashlib
from collections.abc import Callable
from enum import Enum
from typing import Any, Final

from attrs import fields, has

from model.explorer.systems.system import Renaming
from raft_core import Server

BY_SERVER: Final = frozenset(
    {
        ("State", "next_index"),
        ("State", "match_index"),
        ("Extensions", "snapshot_offsets"),
        ("Extensions", "confirmed"),
        ("Ghosts", "logs"),
        ("Ghosts", "looked_at"),
        ("ServerVariables", "next_index"),
        ("ServerVariables", "match_index"),
    }
)
"""By class and name, the fields that are tuples indexed by server."""

Encoder = Callable[[Any, Renaming], bytes]


def encode(value: Any, renaming: Renaming) -> bytes:
    """A value with its servers renamed, as canonical bytes."""
    kind = type(value)
    encoder = ENCODERS.get(kind)
    if encoder is not None:
        return encoder(value, renaming)
    if isinstance(value, Enum):
        return b"e" + encode(value.value, renaming)
    if has(kind):
        return encode_attrs(value, renaming)
    raise TypeError(f"cannot encode {value!r}: found {kind.__name__}, expected an attrs class")


def encode_text(value: str, renaming: Renaming) -> bytes:
    """Text, with its length."""
    text = value.encode()
    return b"'%d:" % len(text) + text


def encode_tuple(items: tuple[Any, ...], renaming: Renaming) -> bytes:
    """A sequence; a tuple of servers alone is a set, kept in ascending order."""
    parts = [encode(each, renaming) for each in items]
    if parts and all(type(each) is Server for each in items):
        parts.sort()
    return joined(b"(", parts)


def encode_attrs(value: Any, renaming: Renaming) -> bytes:
    """An attrs object: its class, then its fields."""
    kind = type(value)
    parts = []
    for name, by_server in fields_of(kind):
        part = getattr(value, name)
        if by_server and part:
            part = by_new_server(part, renaming)
            parts.append(joined(b"[", [encode(each, renaming) for each in part]))
        else:
            parts.append(encode(part, renaming))
    return joined(kind.__name__.encode() + b"(", parts)


def by_new_server(items: tuple[Any, ...], renaming: Renaming) -> tuple[Any, ...]:
    """A tuple that is indexed by server, after the renaming."""
    moved = list(items)
    for server, item in enumerate(items):
        moved[renaming[server]] = item
    return tuple(moved)


def joined(head: bytes, parts: list[bytes]) -> bytes:
    """Parts after a head and their number; each part marks its own end."""
    return head + b"%d|" % len(parts) + b",".join(parts) + b")"


_FIELDS: dict[type, tuple[tuple[str, bool], ...]] = {}


def fields_of(kind: type) -> tuple[tuple[str, bool], ...]:
    """The fields of an attrs class that distinguish its values, and whether each is by server."""
    known = _FIELDS.get(kind)
    if known is None:
        known = _FIELDS[kind] = tuple(
            (each.name, (kind.__name__, each.name) in BY_SERVER)
            for each in fields(kind)
            if each.eq and each.name != "configuration"
        )
    return known


def digest(data: bytes) -> int:
    """A 64-bit hash of the bytes, the same on every machine."""
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


ENCODERS: Final[dict[type, Encoder]] = {
    Server: lambda value, renaming: b"s%d" % renaming[value],
    type(None): lambda value, renaming: b"n",
    bool: lambda value, renaming: b"t" if value else b"f",
    int: lambda value, renaming: b"i%d" % value,
    str: encode_text,
    tuple: encode_tuple,
    frozenset: lambda value, renaming: joined(
        b"{", sorted([encode(each, renaming) for each in value])
    ),
}
"""How values that are no attrs objects are written, by their type."""
