"""Messages that say less where they arrive than where they were sent."""

from properties.rules.judge import with_key
from properties.rules.places import COMPARED
from tests.properties.transitions import cluster, message


def test_a_message_is_found_that_says_less_where_it_arrives() -> None:
    """By its place, and not by a look at all that are under way."""
    among = cluster()
    for each in range(COMPARED + 1):
        among.note_sent(with_key(message("append_entries", term=1, index=each, commit=each)))
    assert among.was_sent(with_key(message("append_entries", term=1, index=7)))
    assert among.was_sent(with_key(message("append_entries", term=1, index=999))) is False
    assert among.was_sent(with_key(message("append_entries", term=1, index=7, commit=9))) is False
    assert among.was_sent(with_key(message("append_entries", term=1)))
    assert among.was_sent(with_key(message("append_entries", term=9))) is False
    among.note_sent(with_key(message("append_entries", term=2, index=50, commit=1)))
    assert among.was_sent(with_key(message("append_entries", term=2, index=50)))
    assert among.was_sent(with_key(message("request_vote_response", term=1))) is False


def test_what_says_next_to_nothing_is_not_looked_for_among_many() -> None:
    """It may have been sent, and it may not."""
    among = cluster()
    for each in range(COMPARED + 1):
        among.note_sent(with_key(message("append_entries", term=1, index=each, commit=each)))
    assert among.was_sent(with_key(message("append_entries", term=1, commit=999))) is None
    assert among.was_sent(with_key(message("append_entries", commit=999))) is None
