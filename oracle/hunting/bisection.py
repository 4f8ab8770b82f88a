"""Which release broke a library, or mended it: a search by halves over its versions.

Each version is tried as a whole hunt of it would, or by a schedule that has broken another one.
What was not found is not proved to be absent, so the verdict names what was seen, and where.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from attrs import field, frozen

from oracle.hunting.findings import counted
from properties.property import Violation

State: TypeAlias = Literal["broken", "not found", "not tried"]
"""What was seen of a version.

`broken`: what the search follows breaks there. `not found`: it does not within the budget. `not
tried`: it could not be had, or not be put to the test.
"""


@frozen(kw_only=True)
class Probe:
    """One version, and what was seen of it."""

    version: str
    state: State
    how: str
    """In words: by what it was found, how far it was looked for, or why it was not tried."""
    violation: Violation | None = None
    steps: int | None = None
    """Of the schedule that breaks it."""
    folder: Path | None = None
    is_interrupted: bool = False


Try: TypeAlias = Callable[[str], Probe]


@frozen(kw_only=True)
class Verdict:
    """What all probes say together."""

    versions: tuple[str, ...]
    """All of the range, the oldest first."""
    probes: Mapping[str, Probe] = field(factory=dict)

    @property
    def tried(self) -> tuple[Probe, ...]:
        """What says something, the oldest first."""
        return tuple(each for each in self.probed if each.state != "not tried")

    @property
    def probed(self) -> tuple[Probe, ...]:
        """What was asked for, the oldest first."""
        return tuple(self.probes[each] for each in self.versions if each in self.probes)

    @property
    def is_interrupted(self) -> bool:
        """Whether a signal ended the search."""
        return any(each.is_interrupted for each in self.probed)

    @property
    def violation(self) -> Violation | None:
        """What the search follows, as its first schedule broke it."""
        found = (each.violation for each in self.probes.values())
        return next((each for each in found if each is not None), None)

    @property
    def turn(self) -> tuple[Probe, Probe] | None:
        """The last version as the oldest is, and the first as the newest is; None where all are
        alike."""
        tried = self.tried
        if not tried or tried[0].state == tried[-1].state:
            return None
        later = next(place for place, each in enumerate(tried) if each.state == tried[-1].state)
        return tried[later - 1], tried[later]

    @property
    def between(self) -> tuple[str, ...]:
        """The versions between these two, of which nothing is known."""
        if self.turn is None:
            return ()
        before, after = (self.versions.index(each.version) for each in self.turn)
        return self.versions[before + 1 : after]

    def sentence(self) -> str:
        """The verdict in one sentence."""
        violation, tried = self.violation, self.tried
        if violation is None or not tried:
            names = " and ".join(each.version for each in tried) or "no version that could be tried"
            return f"No violation found in {names}{self._unseen()}."
        name = violation.property
        if self.turn is None:
            return (
                f"{name} breaks in all that was tried, {tried[0].version} too: the bug is as old "
                "as that, or older."
            )
        before, after = self.turn
        if after.state == "broken":
            return (
                f"{name} came with {after.version}{self._doubt('with')}: "
                f"{in_other(before)}, and {after.version} breaks."
            )
        return (
            f"{name} is mended in {after.version}{self._doubt('in')}: {before.version} breaks, and "
            f"{in_other(after)}."
        )

    def _doubt(self, preposition: str) -> str:
        """The releases that it may be in place of the one that is named."""
        if not self.between:
            return ""
        untried = ", ".join(self.between)
        verb = was_or_were(len(self.between))
        return f", if not {preposition} {untried}, which {verb} not tried"

    def _unseen(self) -> str:
        """That nobody has looked between two ends that are clean: a bug may have come and gone."""
        tried = self.tried
        if len(tried) < 2:
            return ""
        first, last = (self.versions.index(each.version) for each in (tried[0], tried[-1]))
        unseen = last - first - 1
        if not unseen or self.is_interrupted:
            return ""
        return f"; {counted(unseen, 'version')} between them {was_or_were(unseen)} not tried"


def was_or_were(number: int) -> str:
    """The verb for what was not done with so many."""
    return "was" if number == 1 else "were"


def in_other(probe: Probe) -> str:
    """What was seen of the version that does not break, which proves nothing."""
    return f"in {probe.version} it was {probe.how}"


def bisect(
    versions: tuple[str, ...], attempt: Try, tell: Callable[[Probe], None] = lambda probe: None
) -> Verdict:
    """Try the newest version, the oldest, and then those where one state becomes the other.

    What cannot be tried is passed over for the next one. A signal ends the search, and what was
    seen is kept.
    """
    probes: dict[str, Probe] = {}
    verdict = Verdict(versions=versions, probes=probes)

    def ask(places: Iterable[int]) -> int | None:
        """Try versions in this order until one says something; its place."""
        for place in places:
            if verdict.is_interrupted:
                return None
            probe = probes[versions[place]] = attempt(versions[place])
            tell(probe)
            if probe.state != "not tried":
                return place
        return None

    newest = ask(range(len(versions) - 1, -1, -1))
    oldest = ask(range(newest or 0))
    if newest is None or oldest is None:
        return verdict
    first, last = oldest, newest
    while verdict.turn is not None and not verdict.is_interrupted:
        middle = (first + last) // 2
        left = [each for each in range(first + 1, last) if versions[each] not in probes]
        found = ask(sorted(left, key=lambda place: (abs(place - middle), place)))
        if found is None:
            break
        is_as_oldest = probes[versions[found]].state == probes[versions[oldest]].state
        first, last = (found, last) if is_as_oldest else (first, found)
    return verdict
