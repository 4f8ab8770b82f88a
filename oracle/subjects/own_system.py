"""A user's own model for the explorer: a `System` from a Python file, checked where it answers.

What the explorer takes from it is looked at once, as the explorer asks once for each pair of a
value and a label. What does not fit, or is raised, is one line that names the function.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from attrs import evolve, frozen

from model.explorer.systems.system import (
    Change,
    Component,
    Invariant,
    Label,
    Offer,
    Outcome,
    Renaming,
    State,
    System,
    Value,
)
from model.reference.cluster import ReferenceFactory
from model.reference.variant import Protocol
from oracle.subjects.guarded import exception_in_one_line
from oracle.subjects.user_file import load_module
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import one_line, repr_in_one_line

FUNCTIONS: Final = ("initial", "offers", "react", "change", "aspect", "encode")
USUAL: Final = ("FACTORY", "SYSTEM")
"""The names that are looked for where the user gives none."""

Result = TypeVar("Result")


@frozen(eq=False)
class OwnSystem:
    """A system from a user's file: `text` is how the user names it."""

    text: str
    system: System

    @property
    def components(self) -> tuple[Component, ...]:
        """As the user's, which were looked at when it was loaded."""
        return self.system.components

    @property
    def renamings(self) -> tuple[Renaming, ...]:
        """As the user's."""
        return self.system.renamings

    @property
    def servers(self) -> int:
        """How many there are of what is renamed."""
        return len(self.renamings[0])

    @property
    def invariants(self) -> tuple[Invariant, ...]:
        """As the user's, if there are any."""
        return tuple(self._guarded(each) for each in getattr(self.system, "invariants", ()))

    @property
    def action_properties(self) -> tuple[str, ...]:
        """As the user's, if there are any."""
        return tuple(getattr(self.system, "action_properties", ()))

    def initial(self) -> State:
        """As the user's."""
        return self._ask("initial", tuple)

    def offers(self, place: int, value: Value) -> tuple[Offer, ...]:
        """As the user's: offers about places that there are."""
        offers = self._each("offers", Offer, place, value)
        for each in offers:
            self._check_places("offers", each.changes)
        return offers

    def react(self, place: int, value: Value, event: Label) -> tuple[Outcome, ...]:
        """As the user's."""
        outcomes = self._each("react", Outcome, place, value, event)
        for each in outcomes:
            self._check_places("react", each.changes)
        return outcomes

    def change(self, place: int, value: Value, label: Label) -> Any:
        """As the user's."""
        return self._ask("change", object, place, value, label)

    def aspect(self, place: int, value: Value) -> Label:
        """As the user's."""
        return self._ask("aspect", object, place, value)

    def encode(self, place: int, value: Value, renaming: Renaming) -> bytes:
        """As the user's."""
        return self._ask("encode", bytes, place, value, renaming)

    def tell(self, offer: Offer, outcome: Outcome | None) -> str | None:
        """A move in the user's words; None where the file has none."""
        if not hasattr(self.system, "tell"):
            return None
        return one_line(self._ask("tell", str, offer, outcome))

    def _ask(self, name: str, kind: type[Result], *arguments: object) -> Result:
        return self._call(name, getattr(self.system, name), kind, *arguments)

    def _call(
        self, name: str, function: Callable[..., Any], kind: type[Result], *arguments: object
    ) -> Result:
        try:
            result = function(*arguments)
            hash(result)
        except Exception as error:
            raise UsageError(
                f"explore {self.text}: {name}() raised {exception_in_one_line(error)}"
            ) from error
        if not isinstance(result, kind):
            raise UsageError(
                f"explore {self.text}: {name}() returned {repr_in_one_line(result)}, "
                f"expected a {kind.__name__}"
            )
        return result

    def _each(self, name: str, kind: type[Result], *arguments: object) -> tuple[Result, ...]:
        results: tuple[Any, ...] = self._ask(name, tuple, *arguments)
        for each in results:
            if not isinstance(each, kind):
                raise UsageError(
                    f"explore {self.text}: {name}() returned {repr_in_one_line(each)} among "
                    f"others, expected each to be an {kind.__name__}"
                )
        return results

    def _check_places(self, name: str, changes: tuple[Change, ...]) -> None:
        last = len(self.components) - 1
        for each in changes:
            if not isinstance(each, Change) or not 0 <= each.place <= last:
                raise UsageError(
                    f"explore {self.text}: {name}() changes {repr_in_one_line(each)}, "
                    f"expected a Change at a place from 0 to {last}"
                )

    def _guarded(self, invariant: Invariant) -> Invariant:
        def broken(seen: tuple[Any, ...]) -> str:
            return one_line(self._call(invariant.name, invariant.broken, str, seen))

        def sees(place: int, value: Value) -> Any:
            return self._call(f"{invariant.name}.sees", invariant.sees, object, place, value)

        return evolve(invariant, sees=sees, broken=broken)


def load_model(path: Path, attribute: str, text: str) -> Protocol | OwnSystem:
    """What a Python file has to explore: a ReferenceFactory's protocol, or a System."""
    if not path.is_file():
        raise UsageError(f"explore: found no file {path}")
    module = load_module(path)
    wanted = (attribute,) if attribute else USUAL
    found = next((getattr(module, each) for each in wanted if hasattr(module, each)), None)
    if isinstance(found, ReferenceFactory):
        return found.protocol
    expected = "expected a ReferenceFactory, or a System as in model/explorer/systems/system.py"
    if found is None:
        raise UsageError(f"explore {path}: found no {' or '.join(wanted)}, {expected}")
    lacking = [each for each in (*FUNCTIONS, "components", "renamings") if not hasattr(found, each)]
    if lacking or isinstance(found, type):
        why = f" without {lacking[0]}" if lacking else ", which is a class"
        raise UsageError(f"explore {path}: found {repr_in_one_line(found)}{why}, {expected}")
    system = OwnSystem(text, found)
    check_shape(system)
    return system


def check_shape(system: OwnSystem) -> None:
    """UsageError where components, renamings and the initial state do not fit together."""
    components, renamings = system.components, system.renamings
    if not components or not all(isinstance(each, Component) for each in components):
        found = f"found components {repr_in_one_line(components)}"
        raise UsageError(f"explore {system.text}: {found}, expected a tuple of Component")
    if not renamings or tuple(renamings[0]) != tuple(range(len(renamings[0]))):
        found = f"found renamings {repr_in_one_line(renamings)}"
        raise UsageError(f"explore {system.text}: {found}, expected the identity first")
    if len(system.initial()) != len(components):
        found = f"initial() has {len(system.initial())} values"
        raise UsageError(f"explore {system.text}: {found}, expected one for each component")
