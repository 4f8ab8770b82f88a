"""Log entries: what they carry, and how that reads."""

import pytest

from raft_core import Entry, Membership, NoOp, OpenSession, Payload, SessionCommand, s1, s2, s3


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ("set x 1", "set x 1"),
        (NoOp(), "no-op"),
        (OpenSession(2), "session for client 2"),
        (SessionCommand(4, 1, "set x 1"), "session 4 #1 set x 1"),
        (Membership((s1, s2)), "[S1 S2]"),
        (Membership((s1,), learners=(s3,)), "[S1 + learners S3]"),
        (Membership((s1, s2), new_voters=(s2, s3)), "[S1 S2 -> S2 S3]"),
    ],
)
def test_payload_reads_as_what_it_is(payload: Payload, text: str) -> None:
    """Traces show entries by this text."""
    assert str(Entry(1, payload).command) == text


def test_equal_payloads_make_equal_entries() -> None:
    """Entries are values, whatever they carry."""
    assert Entry(1, NoOp()) == Entry(1, NoOp())
    assert Entry(1, NoOp()) != Entry(1, "no-op")
    assert hash(Entry(2, OpenSession(1))) == hash(Entry(2, OpenSession(1)))
