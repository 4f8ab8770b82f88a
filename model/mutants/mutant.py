"""What a mutant is: one rule of the protocol broken, and what is known of it."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from model.reference.variant import Protocol, with_replaced


@frozen(kw_only=True)
class Mutant:
    """A known mistake, made in a copy of the reference.

    `listed_property` and `listed_actions` are what an earlier prototype reported, where it had
    the mutant: the property that fails, and the micro actions of its shortest schedule. Where it
    had not, the property is one that fails, and `listed_actions` is 0.
    `replaces` names the function that the mutant puts another in place of.
    """

    number: int
    name: str
    rule: str
    replaces: str
    replacement: Callable[..., Any] = field(repr=False)
    listed_property: str
    servers: int
    listed_actions: int = 0
    seen_in: str = ""
    also: Mapping[str, Callable[..., Any]] = field(factory=dict, repr=False)
    """Further functions that the mistake takes, by the names of those that they replace."""
    settings: Mapping[str, str] = field(factory=dict)
    """Settings of the reference with which the mistake shows soon."""
    turns: bool = False
    """Whether it shows in runs of rival leaders only; see model.drivers.run_profile."""

    def feature(self) -> dict[str, str]:
        """What turns on the feature that has the mistake; all else, a hunt may draw.

        Sizes are drawn, and no-ops too, unless they are all that the mistake is about.
        """
        switches = {name: value for name, value in self.settings.items() if value == "on"}
        return {name: value for name, value in switches.items() if name != "no_op"} or switches

    def protocol(self) -> Protocol:
        """The reference's functions with these replaced."""
        return with_replaced({self.replaces: self.replacement, **self.also})
