"""Meanings that adapters write: the same words as rules and traces have, read as they say."""

import msgspec
import pytest

from oracle.adapter.message_meanings import AppendEntries, Message, WireMeaning, meaning_of
from oracle.traces.events.format import TraceMessage
from oracle.traces.events.messages import meaning_of as meaning_in_trace
from oracle.traces.events.messages import message_of
from properties.rules.vocabulary import APPEND_ENTRIES, FIELDS_OF, KINDS, Meaning
from raft_core import s1, s2

CLASSES: dict[str, type[Message]] = {
    str(each.__struct_config__.tag): each for each in WireMeaning.__args__
}
"""The class of every type of meaning."""


def filled(kind: type[Message]) -> WireMeaning:
    """A meaning in which every field says something that no other field says."""
    said: dict[str, object] = {}
    for number, name in enumerate(kind.__struct_fields__, start=2):
        is_said_or_not = name in ("vote_granted", "success", "by_transfer")
        said[name] = number % 2 == 0 if is_said_or_not else number
    if kind is AppendEntries:
        said["entries"] = [[3, "v1"], [4, ""]]
    tagged = {"type": kind.__struct_config__.tag, **said}
    meaning: WireMeaning = msgspec.convert(tagged, WireMeaning)
    return meaning


def told(meaning: Meaning) -> tuple[object, ...]:
    """All that a meaning says, and between whom."""
    return (meaning.kind, meaning.source, meaning.destination, *meaning.said())


def test_types_are_the_kinds_of_rules() -> None:
    """In the same order, and with the fields that rules know them by."""
    assert tuple(CLASSES) == KINDS
    for kind in KINDS:
        entries = {"entries"} if kind == APPEND_ENTRIES else set()
        names = {"term", *FIELDS_OF[kind].values(), *entries}
        assert set(CLASSES[kind].__struct_fields__) == names


@pytest.mark.parametrize("kind", KINDS)
def test_an_adapter_and_a_trace_say_the_same_in_the_same_words(kind: str) -> None:
    """One JSON object as an adapter's meaning, and as a message of a trace."""
    written = msgspec.json.encode(filled(CLASSES[kind]))
    by_adapter = meaning_of(msgspec.json.decode(written, type=WireMeaning), s1, s2)
    in_trace = meaning_in_trace(msgspec.json.decode(written, type=TraceMessage), s1, s2)
    assert told(by_adapter) == told(in_trace)


@pytest.mark.parametrize("kind", KINDS)
def test_a_trace_writes_what_the_adapter_said(kind: str) -> None:
    """Nothing is lost on the way from an adapter through a meaning into a trace."""
    message = filled(CLASSES[kind])
    line = msgspec.json.encode(message_of(meaning_of(message, s1, s2)))
    said = {name: value for name, value in msgspec.json.decode(line).items() if value is not None}
    assert said == msgspec.json.decode(msgspec.json.encode(message))


def test_what_an_adapter_leaves_out_is_not_known() -> None:
    """A meaning without fields says what kind of message it is, and no more."""
    meaning = meaning_of(AppendEntries(), s1, s2)
    assert set(meaning.said()) == {None}
