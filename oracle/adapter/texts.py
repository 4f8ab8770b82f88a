"""The texts of an adapter, no longer than what stands for them in traces may be.

A library may put a file into an entry, or a whole log into a label. What is longer than anybody
reads is replaced by its beginning, its length and its digest, as soon as it comes in: equal texts
stay equal, and different ones different.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from model.schedule import LONGEST_TEXT
from oracle.adapter.message_meanings import AppendEntries, EntryPair, WireMeaning
from oracle.adapter.wire import ClientAnswer, LogEnd, Reply, SentMessage, ServerView
from oracle.terminal.wording import unbroken

LONGEST_LABEL: Final = 1_000
"""Characters of a label or a digest of a state machine; of an error, which is not compared."""
LONGEST_CONTENT: Final = LONGEST_TEXT
"""Characters of an entry or an answer: as many as a command may have, which comes back in them."""


def bounded(reply: Reply) -> Reply:
    """The same reply, with texts that are not endless."""
    return replace(
        reply,
        sent=tuple(map(bounded_message, reply.sent)),
        views={name: bounded_view(view) for name, view in reply.views.items()},
        answers=tuple(map(bounded_answer, reply.answers)),
        error=None if reply.error is None else standing_for(reply.error, LONGEST_LABEL),
    )


def bounded_message(sent: SentMessage) -> SentMessage:
    """A message whose label and entries are not endless."""
    label, meaning = standing_for(sent.label, LONGEST_LABEL), bounded_meaning(sent.meaning)
    return replace(sent, label=label, meaning=meaning)


def bounded_meaning(meaning: WireMeaning | None) -> WireMeaning | None:
    """What a message means, with entries that are not endless."""
    if not isinstance(meaning, AppendEntries) or meaning.entries is None:
        return meaning
    return replace(meaning, entries=bounded_entries(meaning.entries))


def bounded_view(view: ServerView) -> ServerView:
    """A view whose entries and digest are not endless."""
    digest = None if view.digest is None else standing_for(view.digest, LONGEST_LABEL)
    end = view.log and LogEnd(view.log.first, bounded_entries(view.log.entries))
    return replace(view, digest=digest, log=end)


def bounded_answer(answer: ClientAnswer) -> ClientAnswer:
    """An answer that is not endless."""
    output = answer.output
    return replace(answer, output=output and standing_for(output, LONGEST_CONTENT))


def bounded_handlers(handlers: Mapping[str, str]) -> dict[str, str]:
    """Where messages are handled, in places that are not endless: each step shows one."""
    return {
        unbroken(name): standing_for(unbroken(place), LONGEST_LABEL)
        for name, place in handlers.items()
    }


def bounded_entries(entries: tuple[EntryPair, ...]) -> tuple[EntryPair, ...]:
    """Entries whose contents are not endless."""
    return tuple([(term, standing_for(content, LONGEST_CONTENT)) for term, content in entries])


def standing_for(text: str, longest: int) -> str:
    """A text, or its beginning with its length and its digest."""
    if len(text) <= longest:
        return text
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
    return f"{text[: longest // 2]}... ({len(text):,} characters, {digest})"
