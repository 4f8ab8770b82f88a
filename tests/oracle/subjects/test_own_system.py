"""Models of a user's own: what is loaded from a file, and what a wrong one is answered."""

from pathlib import Path
from typing import Any

import pytest

from model.explorer.running.exploration import explore
from model.explorer.running.specification import ExecutionOptions, ExplorationSpec
from model.reference.variant import Protocol
from oracle.subjects.own_system import OwnSystem, load_model
from oracle.terminal.usage import UsageError

TOY = """
from raft_oracle import Broken, Change, Component, Invariant, Offer, Outcome, ReferenceFactory

class Counter:
    components = (Component("counter"),)
    renamings = ((0,),)
    invariants = (
        Invariant("Small", lambda place, value: value, lambda seen: "3 is much" * (seen[0] > 2)),
    )

    def initial(self):
        return (0,)

    def offers(self, place, value):
        return (Offer("counts", 0, "on"),)

    def react(self, place, value, event):
        return (Outcome(value + 1),)

    def change(self, place, value, label):
        return value

    def aspect(self, place, value):
        return None

    def encode(self, place, value, renaming):
        return str(value).encode()

"""


def model_of(folder: Path, text: str, attribute: str = "") -> Protocol | OwnSystem:
    """What a file with this text has to explore."""
    path = folder / f"model_{abs(hash((text, attribute)))}.py"
    path.write_text(TOY + text)
    return load_model(path, attribute, path.name)


def test_system_is_explored(tmp_path: Path) -> None:
    """With what it says of states."""
    model = model_of(tmp_path, "SYSTEM = Counter()")
    assert isinstance(model, OwnSystem)
    found = explore(ExplorationSpec(model=model), ExecutionOptions(), print, lambda: False).search
    assert found.broken is not None
    assert (found.broken.property, found.broken.detail, found.path) == (
        "Small",
        "3 is much",
        (0, 0, 0),
    )


def test_protocol_and_names_are_found(tmp_path: Path) -> None:
    """FACTORY comes first, and another name is asked for by its name."""
    both = "FACTORY = ReferenceFactory()\nMINE = Counter()"
    assert isinstance(model_of(tmp_path, both), Protocol)
    assert isinstance(model_of(tmp_path, both, "MINE"), OwnSystem)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "found no FACTORY or SYSTEM, expected a ReferenceFactory, or a System"),
        ("SYSTEM = 7", "found 7 without initial"),
        ("SYSTEM = Counter", "which is a class"),
        ("Counter.components = ()\nSYSTEM = Counter()", "expected a tuple of Component"),
        ("Counter.renamings = ((1, 0),)\nSYSTEM = Counter()", "expected the identity first"),
        ("Counter.initial = lambda self: (0, 1)\nSYSTEM = Counter()", "initial() has 2 values"),
        ("Counter.initial = lambda self: [0]\nSYSTEM = Counter()", "initial() raised TypeError"),
        ("Counter.initial = lambda self: 0\nSYSTEM = Counter()", "returned 0, expected a tuple"),
    ],
)
def test_what_is_no_system_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    """In a line that says what was found and what was expected."""
    with pytest.raises(UsageError) as caught:
        model_of(tmp_path, text)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (
            "offers = lambda self, place, value: (1,)",
            "returned 1 among others, expected each to be an Offer",
        ),
        ("offers = lambda self, place, value: None", "offers() returned None, expected a tuple"),
        ("react = lambda self, place, value, event: 1 / 0", "react() raised ZeroDivisionError"),
        (
            "react = lambda *all: (Outcome(0, (Change(7, 1),)),)",
            "expected a Change at a place from 0 to 0",
        ),
        ("encode = lambda *all: 'text'", "encode() returned 'text', expected a bytes"),
        (
            "invariants = (Invariant('Odd', lambda *all: 1, lambda seen: None),)",
            "Odd() returned None, expected a str",
        ),
    ],
)
def test_what_a_system_answers_is_looked_at(tmp_path: Path, function: str, expected: str) -> None:
    """A mistake in it is the user's, and is named by its function."""
    model: Any = model_of(tmp_path, f"Counter.{function}\nSYSTEM = Counter()")
    with pytest.raises(UsageError) as caught:
        explore(ExplorationSpec(model=model), ExecutionOptions(), print, lambda: False)
    assert expected in str(caught.value)
