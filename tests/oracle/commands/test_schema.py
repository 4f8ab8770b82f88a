"""The JSON Schema of the adapter protocol: stored as it is made, and true of what is said."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from oracle.adapter import wire
from oracle.commands.schema import printed
from tests.oracle.command import ROOT, raft_oracle

STORED = ROOT / "oracle/schemas/protocol-v1.json"


def test_stored_schema_is_what_the_classes_make() -> None:
    """Whoever changes the protocol prints the schema anew: `raft-oracle schema protocol`."""
    assert STORED.read_text() == printed("protocol")


def test_command_prints_the_schema(tmp_path: Path) -> None:
    """All of it, on standard output."""
    done = raft_oracle(tmp_path, "schema", "protocol")
    assert (done.code, done.out, done.err) == (0, STORED.read_text(), "")


def test_unknown_format_is_wrong_usage(tmp_path: Path) -> None:
    """The line says which formats there are."""
    done = raft_oracle(tmp_path, "schema", "poem")
    assert done.code == 64
    assert "'protocol'" in done.err


@pytest.mark.parametrize(
    ("name", "found"),
    [("Reply", {"sent": [], "views": {}}), ("HelloReply", {}), ("ServerView", {"role": "leader"})],
)
def test_schema_knows_what_is_required(name: str, found: dict[str, Any]) -> None:
    """What the schema requires is what the decoder requires, and neither takes more."""
    schema = json.loads(STORED.read_text())["$defs"][name]
    kind = getattr(wire, name)
    missing = set(schema["required"]) - set(found)
    if missing:
        with pytest.raises(msgspec.ValidationError, match="missing required field"):
            msgspec.convert(found, kind)
    else:
        msgspec.convert(found, kind)
    assert schema["additionalProperties"] is False
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert({**found, "poem": 1}, kind)
