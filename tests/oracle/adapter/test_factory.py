"""What is found out about an adapter before it is hunted: whether its messages have meanings."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from model.drivers.walker import walk
from model.setup import Setup
from oracle.adapter.factory import AdapterFactory
from oracle.adapter.subject import Adapter
from oracle.commands.init import write_scaffold
from properties.view import MEANINGS

WORD = ', "message meanings"'
SAYS = "return {name: getattr(message, name) for name in names}"


@contextmanager
def toy(directory: Path, *changes: tuple[str, str]) -> Iterator[AdapterFactory]:
    """The Python scaffold, which does not list message meanings, with changes to its adapter."""
    write_scaffold("python", directory)
    source = directory / "adapter.py"
    text = source.read_text(encoding="utf-8")
    for old, new in ((WORD, ""), *changes):
        assert text.count(old) == 1
        text = text.replace(old, new)
    source.write_text(text, encoding="utf-8")
    program = f"import runpy, sys; sys.path.insert(0, {str(directory)!r}); " + (
        f"runpy.run_path({str(source)!r}, run_name='__main__')"
    )
    adapter = Adapter((sys.executable, "-c", program), 10.0)
    try:
        yield AdapterFactory(adapter)
    finally:
        for child in adapter.idle:
            child.stop()


def says_only(kind: str) -> tuple[str, str]:
    """A change after which messages of one kind alone have a meaning."""
    return SAYS, f"{SAYS} if message.type == {kind!r} else None"


def test_meanings_switch_the_rules_on_by_themselves(tmp_path: Path) -> None:
    """Though the reply to hello does not list them."""
    with toy(tmp_path) as factory:
        assert MEANINGS not in factory.observes
        assert factory.observes_with({}) == factory.observes | {MEANINGS}
        cluster = Setup(factory=factory, servers=3, network="any").cluster()
        assert cluster.rules is not None
        assert walk(cluster, 0, 0)[0] is None
        cluster.subject.close()


@pytest.mark.parametrize("kind", ["request_vote", "append_entries", "append_entries_response"])
def test_some_messages_with_a_meaning_are_enough(kind: str, tmp_path: Path) -> None:
    """An election and a client's command are tried; the others' silence raises no alarm."""
    with toy(tmp_path, says_only(kind)) as factory:
        assert MEANINGS in factory.observes_with({})
        cluster = Setup(factory=factory, servers=3, network="any").cluster()
        assert [walk(cluster, 0, number)[0] for number in range(6)] == [None] * 6
        cluster.subject.close()


def test_without_meanings_no_rule_is_asked(tmp_path: Path) -> None:
    """They are not checked, and the report says so."""
    with toy(tmp_path, (SAYS, "return None")) as factory:
        assert factory.observes_with({}) == factory.observes


def test_an_adapter_that_fails_at_once_is_not_asked_further(tmp_path: Path) -> None:
    """Its failure is for a hunt to find: finding out what it observes goes on without."""
    with toy(tmp_path, ("self.running[server].election_timeout()", "raise SystemExit")) as factory:
        assert factory.observes_with({}) == factory.observes


def test_a_vote_that_is_not_observed_raises_no_alarm(tmp_path: Path) -> None:
    """An adapter that leaves its votes out, and says what its messages mean."""
    with toy(
        tmp_path, ('"voted_for", ', ""), ('            "vote": raft.voted_for,\n', "")
    ) as factory:
        setup = Setup(factory=factory, servers=3, network="any")
        cluster = setup.cluster()
        assert [walk(cluster, 0, number)[0] for number in range(12)] == [None] * 12
        cluster.subject.close()
