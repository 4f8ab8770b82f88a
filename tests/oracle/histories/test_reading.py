"""Which form a history has shows at its beginning."""

import re

import pytest

from oracle.histories.reading import read_history
from properties.linearizability import Verdict, check
from tests.oracle.command import ROOT

OWN = b'{"client":1,"command":"get x","invoked":1,"responded":2,"output":""}\n'
EVENT = b"{:process 1 :type :invoke :f :write :value 3}"


@pytest.mark.parametrize(
    ("data", "command"),
    [
        (OWN, "get x"),
        (b"\xef\xbb\xbf" + OWN, "get x"),
        (EVENT, "set register 3"),
        (b"[" + EVENT + b"]", "set register 3"),
        (b"; from Jepsen\n\n(" + EVENT + b")", "set register 3"),
        (b"#jepsen.history.Op" + EVENT, "set register 3"),
        (b"INFO  jepsen.util - 1\t:invoke\t:write\t3\n", "set register 3"),
        (b'{:process 1 :type :invoke :f :put :key "k" :value "a b"}', "set k a%20b"),
    ],
)
def test_form_is_found(data: bytes, command: str) -> None:
    """With a mark of the byte order, comments and tags before it."""
    assert [each.command for each in read_history(data.splitlines(True)).operations] == [command]


def test_history_of_the_nemesis_alone_has_no_operation() -> None:
    """Nobody asked for anything; a file without any event is no history at all."""
    alone = read_history([b"{:process :nemesis :type :info :f :kill}"])
    assert alone.operations == []
    with pytest.raises(ValueError, match="found no event"):
        read_history([b"[]"])


def test_example_of_the_documents_is_what_they_say() -> None:
    """Two lines of EDN, and the verdict on them."""
    page = (ROOT / "docs/histories.md").read_text()
    (example,) = re.findall(r"```clojure\n(.*?)```", page, re.DOTALL)
    assert example.count("\n") == 2
    found = read_history(example.encode().splitlines(True))
    verdict = check(found.operations, found.specification).verdict
    assert verdict is Verdict.NOT_LINEARIZABLE
    assert "`Not linearizable`" in page.partition(example)[2][:200]


def test_history_beyond_all_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is read."""
    monkeypatch.setattr("oracle.histories.reading.MOST_OPERATIONS", 2)
    with pytest.raises(ValueError, match="found more than 4 events"):
        read_history([b"{:process :nemesis :type :info :f :kill}"] * 9)
