"""Messages: what they say, and whether two of them may be one."""

from attrs import fields

from properties.rules import vocabulary
from properties.rules.vocabulary import FIELDS_OF, KINDS, Meaning
from tests.properties.transitions import message


def test_last_new_index_counts_the_entries() -> None:
    """The last new entry stands as many places after the previous one as there are entries."""
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


def test_every_kind_has_a_name_and_its_fields() -> None:
    """The constants are the kinds, and what a kind may say are attributes of a Meaning."""
    named = [getattr(vocabulary, kind.upper()) for kind in KINDS]
    assert named == list(KINDS)
    assert set(FIELDS_OF) == set(KINDS)
    attributes = {each.name for each in fields(Meaning)}
    assert all(attributes.issuperset(said) for said in FIELDS_OF.values())
