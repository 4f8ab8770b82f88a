"""A setup: all that a run depends on, apart from its schedule."""

from attrs import frozen

from model.subject import SubjectFactory, observes_with
from model.target import Conditions
from model.world.macro_actions import Cluster
from properties.checker import Checker, checker_ignoring
from properties.property import Property


@frozen(kw_only=True)
class Setup(Conditions):
    """A factory of subjects, and the conditions under which its clusters run.

    The factory makes subjects with the mutant planted already.
    """

    factory: SubjectFactory
    properties: tuple[Property, ...] = ()
    """Properties of one's own, which are checked before all others."""

    def checker(self) -> Checker:
        """The properties that are not ignored."""
        return checker_ignoring(
            self.ignore,
            self.servers,
            observes_with(self.factory, self.settings),
            self.properties,
        )

    def cluster(self, checker: Checker | None = None) -> Cluster:
        """A new cluster, not yet started; close its subject after use."""
        subject = self.factory.create(self.servers, self.settings)
        return Cluster(subject, self.servers, self.network, checker or self.checker())
