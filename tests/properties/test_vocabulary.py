"""Messages: what they say, and whether two of them may be one."""

from tests.properties.transitions import message


def test_last_new_index_counts_the_entries() -> None:
    """The last new entry stands as many places behind the previous one as there are entries."""
    assert message("append_entries", index=3, terms=(2, 2)).last_new_index == 5
    assert message("append_entries", index=3, terms=()).last_new_index == 3
    assert message("append_entries", terms=(2, 2)).last_new_index is None


def test_messages_may_be_one_where_nothing_known_differs() -> None:
    """What one of them does not tell contradicts nothing."""
    full = message("append_entries", term=2, index=3, log_term=1, terms=(2,))
    assert full.may_be(message("append_entries", term=2))
    assert not full.may_be(message("append_entries", term=3))
    assert not full.may_be(message("append_entries", source=2, term=2))
    assert not full.may_be(message("heartbeat", term=2))
