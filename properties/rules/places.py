"""Messages under way, in places where one is found that says less where it arrives.

Loggers may write more of a message where it is sent than where it is received. To compare a receipt
with all that is under way would take the longer the more there is.
"""

from collections.abc import Hashable
from itertools import product
from typing import Final

from attrs import define, field

from properties.rules.vocabulary import FIELDS_OF, Meaning

COMPARED: Final = 100
"""Messages in one place that are looked through, the latest first."""


@define(eq=False)
class Places:
    """Messages by kind, link and term, and by their index as well."""

    held: dict[Hashable, list[Meaning]] = field(factory=dict)

    def add(self, message: Meaning) -> None:
        """A message is under way."""
        for place in (wide(message, message.term), narrow(message, message.term, message.index)):
            self.held.setdefault(place, []).append(message)

    def has(self, message: Meaning) -> bool | None:
        """Whether there is one that may say the same; None where that is not clear."""
        terms = {message.term, None}
        if message.index is None and "index" in FIELDS_OF[message.kind]:
            places = [wide(message, term) for term in terms]
        else:
            places = [narrow(message, *each) for each in product(terms, {message.index, None})]
        is_clear = message.term is not None
        for there in (self.held.get(place, []) for place in places):
            if any(message.may_be(each) for each in there[: -COMPARED - 1 : -1]):
                return True
            is_clear = is_clear and len(there) <= COMPARED
        return False if is_clear else None


def wide(message: Meaning, term: int | None) -> Hashable:
    """The place of all messages of one kind on one link in one term."""
    return (message.kind, message.source, message.destination, term)


def narrow(message: Meaning, term: int | None, index: int | None) -> Hashable:
    """The place of those that are about one index, too."""
    return (message.kind, message.source, message.destination, term, index)
