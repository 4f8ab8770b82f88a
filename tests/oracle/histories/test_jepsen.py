"""Jepsen's histories: events become operations, and are judged as Knossos judges them."""

import time

import pytest

from oracle.histories.reading import read_history
from properties.linearizability import Verdict, check


def told(text: str, initial: str | None = None) -> list[tuple[object, ...]]:
    """The operations of a history, in short."""
    history = read_history([each.encode() for each in text.splitlines(True)], initial)
    return [
        (each.client, each.command, each.invoked, each.responded, each.output)
        for each in history.operations
    ]


def verdict(text: str, initial: str | None = None) -> Verdict:
    """The verdict on a history."""
    history = read_history([each.encode() for each in text.splitlines(True)], initial)
    return check(history.operations, history.specification).verdict


WRITE = "{:process 0, :type :invoke, :f :write, :value 1}\n{:process 0, :type :ok, :f :write}\n"
READ = "{:process 1 :type :invoke :f :read}\n{:process 1 :type :ok :f :read :value %s}\n"


def test_what_took_effect_what_may_have_and_what_did_not() -> None:
    """An :ok is an answer, an :info is none, a :fail did not happen, and the nemesis is nobody."""
    text = """[{:process 0 :type :invoke :f :write :value 1}
    {:process :nemesis :type :info :f :start}
    {:process 1 :type :invoke :f :cas :value [1 2]}
    {:process 2 :type :invoke :f :cas :value [3 4]}
    {:process 3 :type :invoke :f :read :value nil}
    {:process 0 :type :ok :f :write :value 1}
    {:process 1 :type :info :f :cas :value [1 2] :error :timeout}
    {:process 2 :type :fail :f :cas :value [3 4]}
    {:process 3 :type :info :f :read}
    {:process "four" :type :invoke :f :write :value "a b"}]"""
    assert told(text) == [
        (0, "set register 1", 0, 5, ""),
        (1, "cas register 1 2", 2, None, None),
        ("four", 'set register "a%20b"', 9, None, None),
    ]


def test_keys_of_independent_registers() -> None:
    """A value [k v] is about the register k; each is judged by itself."""
    text = (
        "{:process 0 :type :invoke :f :write :value [7 1]}{:process 0 :type :ok :f :write}"
        "{:process 1 :type :invoke :f :read :value [8 nil]}"
        "{:process 1 :type :ok :f :read :value [8 nil]}"
        "{:process 2 :type :invoke :f :cas :value [7 [1 2]]}{:process 2 :type :ok :f :cas}"
    )
    assert [command for _, command, *_ in told(text)] == ["set 7 1", "get 8", "cas 7 1 2"]
    assert verdict(text) is Verdict.LINEARIZABLE


@pytest.mark.parametrize(
    ("read", "initial", "expected"),
    [
        ("1", None, Verdict.LINEARIZABLE),
        ("nil", None, Verdict.NOT_LINEARIZABLE),
        ("nil", "0", Verdict.LINEARIZABLE),
        ("0", "0", Verdict.NOT_LINEARIZABLE),
    ],
)
def test_nil_is_what_a_register_holds_at_first(
    read: str, initial: str | None, expected: Verdict
) -> None:
    """Where it begins with something else, a read of nil shows nothing."""
    assert verdict(WRITE + READ % read, initial) is expected
    assert verdict(READ % (initial or "nil")) is (
        Verdict.NOT_LINEARIZABLE if initial else Verdict.LINEARIZABLE
    )


def test_mutex_is_held_by_one() -> None:
    """Two that acquire it one after the other are one too many."""
    acquire = "{:process %d :type :invoke :f :acquire}{:process %d :type :ok :f :acquire}"
    release = "{:process 1 :type :invoke :f :release}{:process 1 :type :ok :f :release}"
    twice = acquire % (1, 1) + acquire % (2, 2)
    assert verdict(twice) is Verdict.NOT_LINEARIZABLE
    assert verdict(acquire % (1, 1) + release + acquire % (2, 2)) is Verdict.LINEARIZABLE


@pytest.mark.parametrize(("read", "expected"), [(2, True), (0, False)])
def test_transactions_read_and_write_several_registers(read: int, expected: bool) -> None:
    """At one instant: what one writes, the next one reads."""
    text = (
        "{:process 0 :type :invoke :f :txn :value [[:w :x 1] [:w :y 2]]}"
        "{:process 0 :type :ok :f :txn :value [[:w :x 1] [:w :y 2]]}"
        "{:process 1 :type :invoke :f :txn :value [[:r :y nil] [:r :z nil]]}"
        f"{{:process 1 :type :ok :f :txn :value [[:r :y {read}] [:r :z 0]]}}"
    )
    assert (verdict(text, "0") is Verdict.LINEARIZABLE) is expected


def test_log_of_jepsen_is_read_line_by_line() -> None:
    """Among other lines."""
    text = (
        "INFO  jepsen.util - 3 :invoke :cas [1 2]\nINFO  jepsen.core - ready\n"
        "INFO  jepsen.util - 3 :ok :cas [1 2]\n"
    )
    assert told(text) == [(3, "cas register 1 2", 0, 1, "ok")]


@pytest.mark.parametrize(("got", "expected"), [("nil", True), ('""', True), ("0", False)])
def test_no_text_but_nil_is_nothing(got: str, expected: bool) -> None:
    """A 0 that nobody has put is a violation."""
    text = (
        f"{{:process 1 :type :invoke :f :get :key 7}}{{:process 1 :type :ok :f :get :value {got}}}"
    )
    assert (verdict(text) is Verdict.LINEARIZABLE) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{:process 1 :type :ok :f :read}",
            "expected an operation that it has under way, which is",
        ),
        ("[7]", "found 7, expected a map with :type, :process, :f and :value"),
        ("{:process 1.5 :type :ok :f :read}", "found 1.5, expected a number or a name as :process"),
        ("{:process 1 :type :done :f :read}", "found :done, expected :invoke, :ok, :fail or :info"),
        ("{:process 1 :type :invoke :f :drain}", "found :drain, expected :read, :write, :cas"),
        ("{:process 1 :type :invoke :f :cas :value 3}", "found 3, expected [old new] or [key"),
        ("{:process 1 :type :invoke :f :put :key a}", "found None, expected a :put of a text"),
        ("{:process 1 :type :invoke :f :txn :value [1]}", "expected [[:read k nil]"),
        (
            "{:process 1 :type :invoke :f :txn :value [[:r 1 nil]]}"
            "{:process 1 :type :ok :f :txn :value [[:r 2 nil]]}",
            "found an answer to 'txn read 2', expected one to 'txn read 1'",
        ),
        (WRITE.splitlines()[0] * 2, "found a call of process 0, which has one under way"),
        ("{:process :nemesis :type :info}{:f 1}", "found {'f': 1}, expected a map"),
    ],
)
def test_what_is_no_history_is_refused_with_its_line(text: str, expected: str) -> None:
    """What was found, and what was expected."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the text is looked at
        told(text)
    assert str(caught.value).startswith("line 1: ")
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"{'9' * 5000} :ok :read 1", "found :ok of :read of process 999"),
        ("1 :invoke :write [1", "found the end, expected ']'"),
        ("1 :invoke :write ]", "found ']', expected a value"),
    ],
)
def test_what_is_wrong_in_a_log_is_told_with_its_line(line: str, expected: str) -> None:
    """Also a number that is too long to be one, which is a name as in EDN, and half a value."""
    text = f"INFO  jepsen.core - ready\nINFO  jepsen.util - {line}\n"
    with pytest.raises(ValueError, match=r"^line 2: ") as caught:
        told(text)
    assert expected in str(caught.value)


def test_a_value_in_a_log_is_read_in_proportion_to_its_length() -> None:
    """It may be nearly all spaces, before it and after it."""
    line = "INFO jepsen.util - 0 :invoke :write {}\t1 \r\n"
    before = time.process_time()
    assert told(line.format(" " * 500_000)) == told(line.format(""))
    assert told(line.format("")) == [(0, "set register 1", 0, None, None)]
    assert told(line.format(f"1{' ' * 500_000}:timed-out")) == told(line.format(""))
    assert time.process_time() - before < 5
