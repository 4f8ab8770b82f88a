"""The checker: feeds facts to the properties about them, and remembers what was reached."""

from collections.abc import Callable, Container, Iterable
from typing import Any, Final

from attrs import frozen

from properties.committed_on_quorum import COMMITTED_ON_QUORUM
from properties.election_safety import ELECTION_SAFETY
from properties.entries_within_term import ENTRIES_WITHIN_TERM
from properties.facts import Fact
from properties.leader_append_only import LEADER_APPEND_ONLY
from properties.leader_completeness import LEADER_COMPLETENESS
from properties.led_term_is_kept import LED_TERM_IS_KEPT
from properties.linearizable import LINEARIZABLE
from properties.log_matching import LOG_MATCHING
from properties.machines_agree import MACHINES_AGREE
from properties.membership_agrees import MEMBERSHIP_AGREES
from properties.monotonic import (
    APPLIED_MONOTONIC,
    COMMIT_MONOTONIC,
    INDEX_ORDER,
    MATCH_MONOTONIC,
    NEXT_ABOVE_MATCH,
    TERM_MONOTONIC,
    VOTE_ONCE,
)
from properties.only_voters_lead import ONLY_VOTERS_LEAD
from properties.own_term_commits import OWN_TERM_COMMITS
from properties.property import Breach, History, Property, Violation
from properties.sometimes import SOMETIMES
from properties.state_machine_safety import STATE_MACHINE_SAFETY

PROPERTIES: Final = (
    ENTRIES_WITHIN_TERM,
    ELECTION_SAFETY,
    LEADER_APPEND_ONLY,
    LOG_MATCHING,
    LEADER_COMPLETENESS,
    STATE_MACHINE_SAFETY,
    MACHINES_AGREE,
    MEMBERSHIP_AGREES,
    ONLY_VOTERS_LEAD,
    LINEARIZABLE,
    TERM_MONOTONIC,
    VOTE_ONCE,
    LED_TERM_IS_KEPT,
    COMMIT_MONOTONIC,
    APPLIED_MONOTONIC,
    INDEX_ORDER,
    OWN_TERM_COMMITS,
    COMMITTED_ON_QUORUM,
    MATCH_MONOTONIC,
    NEXT_ABOVE_MATCH,
)
"""In the order in which a step that breaks several is blamed.

Figure 3 comes first, but for what makes no sense of it: of an entry above a server's term it would
say that the server leads without an entry which it holds.
"""

BY_NAME: Final = {each.name: each for each in PROPERTIES}


@frozen
class NotChecked:
    """A property that a subject's views cannot show, and what is missing."""

    property: str
    missing: tuple[str, ...]


class Checker:
    """The histories of all properties in one run, and what was reached in all runs so far."""

    def __init__(
        self,
        servers: int,
        observes: frozenset[str],
        properties: Iterable[Property] = PROPERTIES,
    ) -> None:
        properties = tuple(properties)
        self.observes = observes
        self.ignored: frozenset[str] = frozenset()
        """Names of properties and of rules that are not held against the subject."""
        self.properties = tuple(each for each in properties if each.needs <= observes)
        self.not_checked = tuple(
            NotChecked(each.name, tuple(sorted(each.needs - observes)))
            for each in properties
            if not each.needs <= observes
        )
        self.reached: set[str] = set()
        self.reachable = tuple(each for each in SOMETIMES if each.needs <= observes)
        self.known: Container[str] = frozenset()
        """Names of properties that are not held against the step that is judged now."""
        self._initial = [each.initial(servers) for each in self.properties]
        self._all_folds = _by_fact(
            (fact, (slot, each.check))
            for slot, each in enumerate(self.properties)
            for fact in each.facts
        )
        self._awaited = {each.name: each for each in self.reachable}
        self.reset()

    def reset(self) -> None:
        """Begin a new run: histories start again, what was reached stays."""
        self.histories: list[History] = list(self._initial)
        self._folds = self._all_folds

    def check(self, facts: list[Fact]) -> Violation | None:
        """Fold facts into the histories, in order; the first breach ends the run.

        Past one that is known the run goes on, without the property that is broken already.
        """
        if self._awaited:
            self._note_reached(facts)
        histories = self.histories
        for fact in facts:
            for slot, fold in self._folds.get(type(fact), ()):
                result = fold(histories[slot], fact)
                if type(result) is not Breach:
                    histories[slot] = result
                elif self.properties[slot].name in self.known:
                    self._silence(slot)
                else:
                    return violation(self.properties[slot], result)
        return None

    def _silence(self, slot: int) -> None:
        """Judge a property no more in this run."""
        self._folds = {
            fact: tuple(fold for fold in folds if fold[0] != slot)
            for fact, folds in self._folds.items()
        }

    def unreached(self) -> tuple[str, ...]:
        """What could be seen of this subject, and was not yet."""
        return tuple(each.name for each in self.reachable if each.name not in self.reached)

    def _note_reached(self, facts: list[Fact]) -> None:
        for fact in facts:
            for each in list(self._awaited.values()):
                if isinstance(fact, each.facts) and each.holds(fact):
                    self.reached.add(each.name)
                    del self._awaited[each.name]


def checker_ignoring(
    ignored: frozenset[str],
    servers: int,
    observes: frozenset[str],
    own: Iterable[Property] = (),
) -> Checker:
    """A checker of all properties, and of a user's own, but for those of these names."""
    wanted = (each for each in (*own, *PROPERTIES) if each.name not in ignored)
    checker = Checker(servers, observes, wanted)
    checker.ignored = ignored
    return checker


def violation(broken: Property, breach: Breach) -> Violation:
    """A breach, with the property that it breaks."""
    return Violation(broken.name, broken.statement, broken.source, breach.detail, breach.servers)


Fold = tuple[int, Callable[[Any, Any], Any]]


def _by_fact(pairs: Iterable[tuple[type[Fact], Fold]]) -> dict[type[Fact], tuple[Fold, ...]]:
    table: dict[type[Fact], tuple[Fold, ...]] = {}
    for fact, fold in pairs:
        table[fact] = (*table.get(fact, ()), fold)
    return table
