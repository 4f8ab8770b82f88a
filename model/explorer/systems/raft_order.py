"""What RaftSystem to make, as plain values that can be stored, sent to a worker, and compared."""

from collections.abc import Mapping

from attrs import field, frozen

from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft import RaftSystem
from model.failures import SUBJECT_FAILED
from model.mutants import MUTANT_BY_NAME
from model.reference.cluster import ReferenceFactory
from model.reference.settings import read_settings
from model.reference.variant import REFERENCE
from properties.checker import PROPERTIES, Checker
from properties.view import CLIENTS


@frozen(kw_only=True)
class RaftOrder:
    """A cluster of the reference, or of a mutant, within bounds."""

    servers: int = 3
    bounds: Bounds = field(factory=Bounds)
    settings: Mapping[str, str] = field(factory=dict)
    """The reference's settings, with those that the mutant needs already in them."""
    ignore: frozenset[str] = frozenset()
    """The names of properties that are not checked."""
    mutant: str | None = None
    """The mutant's name; None for the reference itself."""
    reduce: bool = True
    """Whether stale replies are thrown away (model.explorer.systems.stale_replies)."""

    def make(self) -> RaftSystem:
        """The system; ValueError says which setting or mutant does not fit."""
        protocol = MUTANT_BY_NAME[self.mutant].protocol() if self.mutant else REFERENCE
        if protocol.watches_disk:
            raise ValueError(
                f"mutant {self.mutant}: shows only in crashes inside a step, "
                "which are not explored; expected another, or `hunt`"
            )
        choices = read_settings(self.settings, self.servers)
        if self.settings.get("disk_faults") == "on":
            raise ValueError("setting disk_faults: found 'on', expected off: not explored")
        judges_failures = SUBJECT_FAILED not in self.ignore
        return RaftSystem(
            choices, self.bounds, self.checker(), protocol, self.reduce, judges_failures
        )

    def checker(self) -> Checker:
        """The properties that can be checked from views: Linearizable needs client histories."""
        observes = ReferenceFactory().observes_with(self.settings) - {CLIENTS}
        checked = (each for each in PROPERTIES if each.name not in self.ignore)
        return Checker(self.servers, observes, checked)
