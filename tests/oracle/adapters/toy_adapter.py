"""The smallest adapter: it wraps the reference cluster, as one would wrap an implementation.

raft-oracle hunt toy_adapter.py
"""

from collections.abc import Mapping

from raft_oracle import REFERENCE_OBSERVES, Configuration, ReferenceCluster, Setting, Subject


class ToyFactory:
    """Makes clusters of toys; `FACTORY` below is what raft-oracle looks for."""

    name = "toy"
    summary = "the reference once more, as an example of an adapter"
    network = "any"
    observes = REFERENCE_OBSERVES
    settings = (Setting("max_entries", "64", "the most entries in one AppendEntries"),)

    def version(self, settings: Mapping[str, str]) -> str:
        """The version of what is wrapped."""
        return "1.0"

    def create(self, servers: int, settings: Mapping[str, str]) -> Subject:
        """A new cluster; ValueError says which setting does not fit, and what would."""
        text = settings.get("max_entries", "64")
        if not text.isdecimal() or int(text) < 1:
            raise ValueError(f"setting max_entries: found {text!r}, expected a number from 1 on")
        return ReferenceCluster(Configuration(servers=servers, max_entries=int(text)))


FACTORY = ToyFactory()
