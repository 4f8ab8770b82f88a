"""A library with releases, for hunts of many versions: some commit an older term's entries."""

from collections.abc import Mapping
from typing import Final

from model.mutants import MUTANT_BY_NAME
from raft_oracle import REFERENCE_OBSERVES, Configuration, ReferenceCluster, Setting, Subject

RELEASES: Final = ("1.0.0", "1.1.0", "1.2.0", "1.3.0-rc.1", "1.3.0", "1.4.0", "1.5.0", "1.6.0")
BROKEN: Final = ("1.2.0", "1.3.0", "1.4.0")


class ReleasedFactory:
    """Makes clusters of one release; `FACTORY` below is what raft-oracle looks for."""

    name = "released"
    summary = "the reference, with a mistake in some releases"
    network = "any"
    observes = REFERENCE_OBSERVES
    settings = (Setting("version", "1.6.0", "the release"),)

    def version(self, settings: Mapping[str, str]) -> str:
        """The release that is made."""
        return settings.get("version", RELEASES[-1])

    def create(self, servers: int, settings: Mapping[str, str]) -> Subject:
        """A new cluster of a release."""
        configuration = Configuration(servers=servers)
        if self.version(settings) in BROKEN:
            return ReferenceCluster(configuration, MUTANT_BY_NAME["commits-older-term"].protocol())
        return ReferenceCluster(configuration)


FACTORY = ReleasedFactory()
