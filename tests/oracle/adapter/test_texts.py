"""Texts of an adapter that nobody reads to their end: told in brief, and still told apart."""

from typing import Final

import msgspec
import pytest

from model.subject import SubjectError
from oracle.adapter.message_meanings import AppendEntries
from oracle.adapter.subject import Adapter, AdapterSubject
from oracle.adapter.texts import (
    LONGEST_CONTENT,
    LONGEST_LABEL,
    bounded,
    bounded_handlers,
    standing_for,
)
from oracle.adapter.wire import ClientAnswer, LogEnd, Reply, SentMessage, ServerView
from raft_core import s2
from tests.oracle.adapter.test_faulty_child import PATIENCE, command

FILE: Final = "x" * (LONGEST_CONTENT + 1)


def reply_with(text: str) -> Reply:
    """A reply that has a text wherever one may be."""
    meaning = AppendEntries(term=1, entries=((1, text),))
    view = ServerView(
        role="leader", term=1, commit=0, applied=0, log=LogEnd(1, ((1, text),)), digest=text
    )
    return Reply(
        sent=(SentMessage("S2", msgspec.Raw(b'"m"'), text, meaning=meaning),),
        views={"S1": view},
        answers=(ClientAnswer(1, 1, text), ClientAnswer(1, 2, None)),
        error=text,
    )


def test_no_text_of_a_reply_is_endless() -> None:
    """Ten megabytes in each place come to some hundred kilobytes in all."""
    assert len(msgspec.json.encode(bounded(reply_with("x" * 10_000_000)))) < 3 * LONGEST_CONTENT


def test_no_place_of_a_handler_is_endless() -> None:
    """Nor has it lines: it stands in each step of a trace."""
    assert bounded_handlers({"vote": "raft.go:7\nvote"}) == {"vote": "raft.go:7 vote"}
    assert len(bounded_handlers({"vote": "x" * 10_000_000})["vote"]) <= LONGEST_LABEL


def test_texts_that_people_read_stay_as_they_are() -> None:
    """So do commands, as long as a schedule may have them: they come back in entries."""
    assert bounded(reply_with("v1")) == reply_with("v1")
    assert bounded(Reply()) == Reply()
    long = "v" * LONGEST_CONTENT
    view = bounded(reply_with(long)).views["S1"]
    assert view.log == LogEnd(1, ((1, long),))


@pytest.mark.parametrize("longest", [LONGEST_LABEL, LONGEST_CONTENT])
def test_texts_are_told_apart_as_before(longest: int) -> None:
    """Messages are named by their labels, and entries compared by their contents."""
    text = standing_for(FILE, longest)
    assert text == standing_for(FILE, longest)
    assert text != standing_for(f"{FILE}y", longest)
    assert len(text) <= longest
    assert "... (100,001 characters, " in text
    assert standing_for("\ud800" * (longest + 1), longest)


def test_long_label_is_shortened_as_it_comes_in() -> None:
    """The message itself goes back as it came."""
    adapter = Adapter(command("long-label"), PATIENCE)
    subject = AdapterSubject(adapter, 3, {})
    try:
        subject.reset()
        (packet,) = subject.client_request(s2, "v1")
        assert len(subject.describe(packet)) <= LONGEST_LABEL
    finally:
        subject.close()
        for process in adapter.idle:
            process.stop()


def test_long_error_is_a_short_failure() -> None:
    """It stands in every file of the finding."""
    adapter = Adapter(command("long-error"), PATIENCE)
    subject = AdapterSubject(adapter, 3, {})
    try:
        subject.reset()
        with pytest.raises(SubjectError, match=r"error: eee.*1,048,576 characters") as failed:
            subject.client_request(s2, "v1")
        assert len(str(failed.value)) < 2 * LONGEST_LABEL
    finally:
        subject.close()
        for process in adapter.idle:
            process.stop()
