"""docs/protocol.md is true: its example is what is said, and its tables name what there is."""

import re
import sys
from pathlib import Path

import pytest

from model.actions import OPTIONAL, Action, ClientRequest, Crash, Deliver, ElectionTimeout, Restart
from model.runs.run import violation_of
from model.world.macro_actions import Cluster
from oracle.adapter import message_meanings as meaning
from oracle.adapter import wire
from oracle.adapter.claims import SHOWN_BY, UNSUPPORTED
from oracle.adapter.subject import ALWAYS_OBSERVED, Adapter, AdapterSubject, observed
from oracle.commands.init import LANGUAGES, SCAFFOLDS, WITH_TASKS
from oracle.commands.schema import protocol_schema
from properties.checker import checker_ignoring
from properties.view import KNOWN_OBSERVATIONS
from raft_core import Entry, Role, s1, s2
from tests.oracle.command import ROOT

WORDS = sorted((KNOWN_OBSERVATIONS - ALWAYS_OBSERVED) | OPTIONAL)
"""Every word of `observes` beyond what all adapters show, and every word of `offers`."""
PAGE = (ROOT / "docs/protocol.md").read_text()
SCHEDULE: tuple[Action, ...] = (
    ElectionTimeout(s1),
    Deliver(s1, s2),
    Deliver(s2, s1),
    ClientRequest(s1, "v1"),
    Deliver(s1, s2),
    Deliver(s2, s1),
    Crash(s2),
    Restart(s2),
)
READER = """
import sys
replies = open(sys.argv[1])
for line in sys.stdin:
    print(replies.readline(), end="", flush=True)
"""


def lines_of(mark: str) -> list[str]:
    """The lines of the example that begin so."""
    return re.findall(rf"^{mark} (.*)$", PAGE, flags=re.MULTILINE)


def test_example_is_what_is_said(tmp_path: Path) -> None:
    """An adapter that gives these replies gets these commands, and shows what the text says."""
    replies = tmp_path / "replies"
    replies.write_text("".join(f"{line}\n" for line in lines_of("<")))
    adapter = Adapter((sys.executable, "-c", READER, str(replies)), 10.0)
    subject = AdapterSubject(adapter, 3, {})
    subject.transcript = []
    cluster = Cluster(subject, 3, "any", checker_ignoring(frozenset(), 3, observed(adapter.hello)))
    assert violation_of(cluster, SCHEDULE) is None
    greeting = wire.encode_command(wire.Hello())
    asked = [each.decode() for each in (greeting, *(command for command, _ in subject.transcript))]
    assert asked == lines_of(">")
    leader, follower = subject.view(s1), subject.view(s2)
    assert (leader.role, leader.commit_index) == (Role.LEADER, 1)
    assert tuple(follower.log.entries) == (Entry(1, "v1"),)
    subject.close()
    for process in adapter.idle:
        process.stop()


def test_page_names_every_command_and_field() -> None:
    """Whatever the protocol has is on the page, in code."""
    for kind in (*wire.AnyCommand.__args__, *meaning.WireMeaning.__args__):
        assert f"`{kind.__struct_config__.tag}`" in PAGE
        for name in kind.__struct_encode_fields__:
            assert f"`{name}`" in PAGE
    for each in (wire.HelloReply, wire.Reply, wire.SentMessage, wire.ServerView):
        for name in each.__struct_encode_fields__:
            assert f"`{name}`" in PAGE


@pytest.mark.parametrize("word", WORDS)
def test_page_and_scaffolds_know_every_word_of_hello(word: str) -> None:
    """What an adapter may observe or offer stands on the page, and in every scaffold's README."""
    code = f'`"{word}"`'
    assert code in PAGE
    for language in (*LANGUAGES, *WITH_TASKS.values()):
        assert code in (SCAFFOLDS / language / "README.md").read_text(encoding="utf-8")


def test_schema_knows_every_word_of_hello() -> None:
    """And no other, so that an editor may offer them."""
    fields = protocol_schema()["$defs"]["HelloReply"]["properties"]
    assert set(fields["observes"]["items"]["enum"]) == KNOWN_OBSERVATIONS
    assert set(fields["offers"]["items"]["enum"]) == OPTIONAL


def test_check_adapter_tries_every_word_of_hello() -> None:
    """There is a claim for each: `Retry` is an `Invoke` that comes twice."""
    assert set(SHOWN_BY) == KNOWN_OBSERVATIONS - ALWAYS_OBSERVED
    assert set(UNSUPPORTED) == OPTIONAL - {"Retry"}
