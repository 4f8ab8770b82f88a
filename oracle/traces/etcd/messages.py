"""etcd's messages in the words of rules."""

from collections.abc import Mapping
from typing import Final

from oracle.traces.etcd.format import TracedMessage
from properties.rules.knowledge import KnownLog
from properties.rules.vocabulary import (
    APPEND_ENTRIES,
    APPEND_ENTRIES_RESPONSE,
    HEARTBEAT,
    HEARTBEAT_RESPONSE,
    INSTALL_SNAPSHOT,
    INSTALL_SNAPSHOT_RESPONSE,
    PRE_VOTE_RESPONSE,
    REQUEST_VOTE,
    REQUEST_VOTE_RESPONSE,
    TIMEOUT_NOW,
    Kind,
    Meaning,
)

KIND_OF_TYPE: Final[Mapping[str, Kind]] = {
    "MsgApp": APPEND_ENTRIES,
    "MsgAppResp": APPEND_ENTRIES_RESPONSE,
    "MsgHeartbeat": HEARTBEAT,
    "MsgHeartbeatResp": HEARTBEAT_RESPONSE,
    "MsgSnap": INSTALL_SNAPSHOT,
    "MsgVote": REQUEST_VOTE,
    "MsgVoteResp": REQUEST_VOTE_RESPONSE,
}
"""The types that a trace shows; PreVotes, TimeoutNow and others are not in it."""
SHOWN: Final = frozenset({*KIND_OF_TYPE.values(), INSTALL_SNAPSHOT_RESPONSE})
"""Kinds that cannot come unseen; a snapshot is answered like entries, and in no other way."""
HIDDEN: Final = (PRE_VOTE_RESPONSE, TIMEOUT_NOW)
"""Kinds that may raise a term, and that no trace shows."""


def meaning_of(message: TracedMessage, numbers: dict[str, int], log: KnownLog | None) -> Meaning:
    """What a message says; the terms of its entries are those in the sender's log."""
    kind = KIND_OF_TYPE[message.type]
    meaning = Meaning(
        kind,
        numbers[message.source],
        numbers[message.destination],
        message.term,
        message.index,
        message.log_term,
        key=message,
    )
    if kind == APPEND_ENTRIES:
        meaning.commit = message.commit
        meaning.count = message.entries
        if log is not None:
            meaning.terms = terms_in(log, message.index, message.entries)
    elif kind == HEARTBEAT:
        meaning.index = meaning.log_term = None
        meaning.commit = message.commit
    elif kind == INSTALL_SNAPSHOT:
        meaning.index = message.entries
        meaning.log_term = None if log is None else log.term_at(message.entries)
    elif kind in (APPEND_ENTRIES_RESPONSE, REQUEST_VOTE_RESPONSE):
        meaning.accepted = not message.reject
    return meaning


def terms_in(log: KnownLog, index: int, count: int) -> tuple[int, ...] | None:
    """The terms of the entries after `index`; None where not all are known."""
    if count == 0:
        return ()
    start = index - log.offset
    terms = tuple(log.terms[start : start + count]) if start >= 0 else ()
    return terms if len(terms) == count and 0 not in terms else None
