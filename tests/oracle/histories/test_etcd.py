"""Operations of etcd's robustness tests: what can be expressed of them, and what is refused."""

import json
from typing import Any

import pytest

from oracle.histories.reading import read_history
from properties.linearizability import Verdict, check


def line(request: dict[str, Any], answer: dict[str, Any], call: int = 1) -> bytes:
    """An operation as etcd's tests store it."""
    fields = {"ClientID": 4, "Input": request, "Call": call, "Output": answer, "Return": call + 1}
    return json.dumps(fields).encode() + b"\n"


def changing(*steps: dict[str, Any], **others: Any) -> dict[str, Any]:
    """A transaction of these steps."""
    return {"Type": "txn", "Txn": {"OperationsOnSuccess": steps, **others}}


PUT: dict[str, Any] = {"Type": "put-operation", "Put": {"Key": "k", "Value": {"Value": "1"}}}
HASHED: dict[str, Any] = {"Type": "put-operation", "Put": {"Key": "k", "Value": {"Hash": 7}}}
DELETE: dict[str, Any] = {"Type": "delete-operation", "Delete": {"Key": "k"}}
READ: dict[str, Any] = {"Type": "range", "Range": {"Start": "k"}}


def found(value: dict[str, Any]) -> dict[str, Any]:
    """What a read of a key gives."""
    return {"Range": {"KVs": [{"Key": "k", "Value": value, "ModRevision": 3}], "Count": 1}}


@pytest.mark.parametrize(
    ("request_", "answer", "expected"),
    [
        (changing(PUT), {"Revision": 2}, ("set k 1", 2, "")),
        (changing(HASHED), {"Error": "timeout"}, ("set k #7", None, None)),
        (changing(DELETE), {"Persisted": True}, ("set k nil", None, None)),
        (changing({**DELETE, "Delete": {"Key": ""}}), {}, ("set % nil", 2, "")),
        (READ, found({"Value": "1"}), ("get k", 2, "1")),
        (READ, {"Range": {"KVs": [], "Count": 0}}, ("get k", 2, "nil")),
        (READ, {"Error": "timeout"}, None),
        ({"Type": "range", "Range": {"Start": "a", "End": "b"}}, {}, None),
        ({"Type": "range", "Range": {"Start": "k", "Revision": 5}}, {}, None),
        ({"Type": "defragment"}, {}, None),
    ],
)
def test_operations_of_one_key_are_read(
    request_: dict[str, Any], answer: dict[str, Any], expected: tuple[object, ...] | None
) -> None:
    """What touches no key, and reads that are not of one key as it is, show nothing."""
    operations = read_history([line(request_, answer)]).operations
    told = [(each.command, each.responded, each.output) for each in operations]
    assert told == ([] if expected is None else [expected])


def test_stale_read_is_no_linearizable_history() -> None:
    """After a put, nobody reads the value before."""
    lines = [line(changing(PUT), {"Revision": 2}), line(READ, {"Range": {}}, call=5)]
    history = read_history(lines)
    assert check(history.operations, history.specification).verdict is Verdict.NOT_LINEARIZABLE


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (changing(PUT, DELETE), "line 1: found a transaction of 2 steps or with conditions"),
        (changing(PUT, Conditions=[{"Key": "k"}]), "expected a get, put or delete of one key"),
        (changing({"Type": "move-operation"}), "line 1: found 'move-operation', expected a get"),
        ({"Type": "leaseRevoke"}, "line 1: found 'leaseRevoke', expected a get, put or delete"),
        ({}, "expected an operation of etcd"),
    ],
)
def test_change_that_cannot_be_expressed_is_refused(
    request_: dict[str, Any], expected: str
) -> None:
    """Without it, later reads would look as if they were wrong."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the text is looked at
        read_history([line(request_, {})])
    assert expected in str(caught.value)
