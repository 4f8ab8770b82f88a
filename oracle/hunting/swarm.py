"""Swarm testing: what a hunt draws anew for each block of runs, unless it is given.

One cluster with every feature on misses what a few features show: they get into each other's way,
and the runs stay short of what is deep. So each block has its own number of servers, and its own
few features (Groce, Zhang, Eide, Chen, Regehr: Swarm Testing, ISSTA 2012). The first block is the
plain cluster, so that what is simple is found first, and reads simply.
"""

from collections.abc import Collection, Mapping
from random import Random
from typing import Final

from attrs import evolve, field, frozen

from model.reference.settings import DRAWN, TURNED_ON
from model.target import Bridge, Directory, Reference, Target, TargetRequest
from oracle.bridging.description import find_bridge

SIZES: Final = (3, 3, 3, 4, 5, 5, 7)
"""Numbers of servers, each as often as it is drawn: most mistakes need no more than three, which
are the fastest; some need an even number, and a few need so many that two are left behind."""
OFTEN: Final = (0, 1, 2, 4)
"""How often a setting departs from its default in a block, in eighths."""
RIVALS: Final = 3
"""One block in so many has runs of rival leaders only: some mistakes show in no others."""

LABS: Final = {"call_timeout": ("3000",)}
"""What is drawn for labs: in the course's labrpc too, a slow answer may come after seconds. By then
its leader has lost an election and won another one."""


@frozen
class Drawn:
    """What may be drawn for a setting, and which other settings it says nothing without."""

    values: tuple[str, ...]
    needs: Mapping[str, str]


@frozen
class Swarm:
    """What a hunt draws: sizes, and settings by name."""

    sizes: tuple[int, ...] = ()
    settings: Mapping[str, Drawn] = field(factory=dict)

    def draw(self, target: Target, seed: int, number: int) -> tuple[Target, bool]:
        """The target of block `number`, and whether it has no runs but those of rival leaders.

        The first block's is as it was asked for.
        """
        if number == 0 or not (self.sizes or self.settings):
            return target, False
        draw = Random(f"{seed}/{number}/conditions").random

        def below(limit: int) -> int:
            return int(draw() * limit)

        servers = self.sizes[below(len(self.sizes))] if self.sizes else target.servers
        often, chosen = OFTEN[below(len(OFTEN))], dict[str, str]()
        for name, drawn in self.settings.items():
            if below(8) < often:
                chosen |= drawn.needs
                chosen[name] = drawn.values[below(len(drawn.values))]
        settings = {**chosen, **target.settings}
        return evolve(target, servers=servers, settings=settings), below(RIVALS) == 0


def swarm_of(
    wanted: TargetRequest, target: Target, offered: Collection[str], is_variation: bool = False
) -> Swarm:
    """What a hunt draws for what is wanted, of the settings that the subject offers.

    What was given is not drawn. An older version of a library may not have what a newer one has.
    An adapter of the user's own may be made for one number of servers: its hunts draw none. A
    variation of the reference runs with as many as are asked for, like the reference.
    """
    subject = wanted.subject
    is_ours = is_variation or isinstance(subject, Reference | Bridge | Directory)
    sizes = SIZES if is_ours and wanted.servers is None else ()
    found: Mapping[str, Drawn] = {}
    if isinstance(subject, Reference):
        found = {name: Drawn(values, needs) for name, (values, needs) in DRAWN.items()}
    elif is_variation:
        found = numbers_of(target)
    elif isinstance(subject, Directory):
        found = {name: Drawn(values, {}) for name, values in LABS.items()}
    elif isinstance(subject, Bridge):
        draws = find_bridge(subject.text).draws
        found = {name: Drawn(tuple(values), {}) for name, values in draws.items()}
    drawn = set(offered) - set(target.settings)
    return Swarm(sizes, {name: each for name, each in found.items() if name in drawn})


def numbers_of(target: Target) -> dict[str, Drawn]:
    """What may be drawn for a variation of the reference: the numbers of the features that are on.

    Features are asked for: whoever changes a protocol may not have thought of all of them.
    """
    return {
        name: Drawn(values, {})
        for name, (values, needs) in DRAWN.items()
        if values is not TURNED_ON and needs.items() <= target.settings.items()
    }
