"""A setup: all that a run depends on besides its schedule."""

from collections.abc import Mapping

from attrs import field, frozen

from model.subject import NetworkKind, SubjectFactory, observes_with
from model.world.macro_actions import Cluster
from properties.checker import Checker, checker_ignoring


@frozen(kw_only=True)
class Setup:
    """Which subject, how many servers, which network, and what is not held against it.

    `mutant` names the mutant whose protocol the factory runs, for the record only.
    """

    factory: SubjectFactory
    servers: int
    network: NetworkKind
    settings: Mapping[str, str] = field(factory=dict)
    ignore: frozenset[str] = frozenset()
    mutant: str | None = None

    def checker(self) -> Checker:
        """The properties that are not ignored."""
        return checker_ignoring(
            self.ignore, self.servers, observes_with(self.factory, self.settings)
        )

    def cluster(self, checker: Checker | None = None) -> Cluster:
        """A new cluster, not yet started; close its subject after use."""
        subject = self.factory.create(self.servers, self.settings)
        return Cluster(subject, self.servers, self.network, checker or self.checker())
