"""Messages in the words of the facts format, and the same messages in the words of rules."""

from typing import Any

from oracle.traces.events.format import Content, TraceEntry, TraceMessage
from properties.rules.vocabulary import (
    ABOUT_VOTES,
    ACKNOWLEDGEMENTS,
    APPEND_ENTRIES,
    FIELDS_OF,
    INSTALL_SNAPSHOT,
    REQUEST_VOTE_RESPONSE,
    Meaning,
)


def text_of(content: Content) -> str | None:
    """A content as text; None where the trace does not have it."""
    return None if content is None else str(content)


def meaning_of(message: TraceMessage, source: int, destination: int) -> Meaning:
    """What a message of a trace says, in the words of rules.

    Written out field by field, since it is called for every message of a trace. It is known again
    by the message as it stands there, unless contents are no texts: 1 and "1" name one content.
    """
    kind = message.type
    meaning = Meaning(kind, source, destination, message.term)
    if kind == APPEND_ENTRIES:
        meaning.index, meaning.log_term = message.prev_log_index, message.prev_log_term
        if message.entries is not None:
            meaning.count = len(message.entries)
            meaning.terms = tuple([entry.term for entry in message.entries])
            meaning.contents = tuple([text_of(entry.content) for entry in message.entries])
    elif kind == INSTALL_SNAPSHOT:
        meaning.index, meaning.log_term = message.last_included_index, message.last_included_term
    elif kind in ACKNOWLEDGEMENTS:
        meaning.index, meaning.accepted = message.match_index, message.success
    elif kind == REQUEST_VOTE_RESPONSE:
        meaning.accepted = message.vote_granted
    else:
        meaning.index, meaning.log_term = message.last_log_index, message.last_log_term
        meaning.accepted, meaning.by_transfer = message.vote_granted, message.by_transfer
    if meaning.kind in ABOUT_VOTES:
        meaning.commit, meaning.commit_term = message.commit_index, message.commit_term
    else:
        meaning.commit = message.leader_commit
    contents = meaning.contents
    if contents and contents != tuple([entry.content for entry in message.entries or ()]):
        meaning.key = (kind, source, destination, *meaning.said())
    else:
        meaning.key = (source, destination, message)
    return meaning


def message_of(meaning: Meaning) -> TraceMessage:
    """A message as a trace writes it: the inverse of `meaning_of`."""
    fields: dict[str, Any] = {
        field: getattr(meaning, attribute) for attribute, field in FIELDS_OF[meaning.kind].items()
    }
    if meaning.terms is not None:
        contents = meaning.contents or (None,) * len(meaning.terms)
        pairs = zip(meaning.terms, contents, strict=True)
        fields["entries"] = tuple([TraceEntry(term, content) for term, content in pairs])
    return TraceMessage(meaning.kind, meaning.term, **fields)
