"""Transactions over registers: one machine for all of them."""

import pytest

from oracle.histories.jepsen import text_of
from oracle.histories.transactions import machine, reads_of, transaction_in_words

VALUE = (("r", "x", 1), ("w", "y", 2), ("read", "y", 2))


def test_transaction_becomes_a_command_and_its_reads_an_output() -> None:
    """A command says nothing of what reads will give."""
    assert transaction_in_words(VALUE, text_of) == 'txn read "x" write "y" 2 read "y"'
    assert reads_of(VALUE, text_of) == ["1", "2"]


def test_steps_are_made_in_order() -> None:
    """A read sees what was written before it, and at first what all registers hold."""
    registers = machine("0")
    after, output = registers.apply((), "txn read x write x 1 read x write y 2")
    assert (after, output) == ((("x", "1"), ("y", "2")), "0 1")
    assert registers.apply(after, "txn read y read z") == (after, "2 0")
    assert registers.is_read("txn read write read read", None)
    assert not registers.is_read("txn read x write x 1", None)


@pytest.mark.parametrize("value", [None, (1,), (("drop", "x", 1),), (("r", "x"),)])
def test_another_step_is_refused(value: object) -> None:
    """With what was expected."""
    with pytest.raises(ValueError, match=r"expected .*:write k v"):
        transaction_in_words(value, text_of)
