"""What RaftSystem to make, as plain values that can be stored, sent to a worker, and compared."""

from collections.abc import Mapping

from attrs import field, frozen

from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft import RaftSystem
from model.failures import SUBJECT_FAILED
from model.mutants import MUTANT_BY_NAME
from model.reference.cluster import ReferenceFactory
from model.reference.settings import read_settings
from model.reference.variant import REFERENCE, Protocol
from model.target import Reference, Target
from properties.checker import PROPERTIES, Checker
from properties.property import Property
from properties.view import CLIENTS


def reference_target(
    servers: int = 3,
    settings: Mapping[str, str] | None = None,
    ignore: frozenset[str] = frozenset(),
    mutant: str | None = None,
) -> Target:
    """The reference or a mutant as a target; in the explorer's network any message may be next."""
    return Target(
        subject=Reference(),
        servers=servers,
        network="any",
        settings=settings or {},
        ignore=ignore,
        mutant=mutant,
    )


@frozen(kw_only=True)
class RaftOrder:
    """A cluster of the reference, or of a mutant, within bounds."""

    target: Target = field(factory=reference_target)
    """The subject is the reference; the settings already have those that the mutant needs."""
    bounds: Bounds = field(factory=Bounds)
    reduce: bool = True
    """Whether stale replies are thrown away (model.explorer.systems.stale_replies)."""
    own: Protocol | None = field(default=None, eq=False, repr=False)
    """A user's own protocol, where the target's subject is the file that has it."""
    properties: tuple[Property, ...] = field(default=(), eq=False, repr=False)
    """A user's own properties."""
    property_files: tuple[str, ...] = ()
    """The files that have them."""

    @property
    def is_plain(self) -> bool:
        """Whether it is the reference as it is, but for its settings."""
        return self.target.mutant is None and self.own is None

    @property
    def servers(self) -> int:
        """Servers in the cluster."""
        return self.target.servers

    def make(self) -> RaftSystem:
        """The system; ValueError says which setting or mutant does not fit."""
        mutant, settings = self.target.mutant, self.target.settings
        protocol = MUTANT_BY_NAME[mutant].protocol() if mutant else self.own or REFERENCE
        if protocol.watches_disk:
            what = f"mutant {mutant}" if mutant else self.target.subject.text
            raise ValueError(
                f"{what}: shows only in crashes inside a step, "
                "which are not explored; expected another, or `hunt`"
            )
        choices = read_settings(settings, self.servers)
        for name in ("disk_faults", "meanings"):
            if settings.get(name) == "on":
                raise ValueError(f"setting {name}: found 'on', expected off: not explored")
        judges_failures = SUBJECT_FAILED not in self.target.ignore
        return RaftSystem(
            choices, self.bounds, self.checker(), protocol, self.reduce, judges_failures
        )

    def checker(self) -> Checker:
        """The properties that can be checked from views: Linearizable needs client histories."""
        observes = ReferenceFactory().observes_with(self.target.settings) - {CLIENTS}
        every = (*self.properties, *PROPERTIES)
        checked = (each for each in every if each.name not in self.target.ignore)
        return Checker(self.servers, observes, checked)
