"""The reference as a subject.

It puts raft_core behind the port, with a disk, settings and the meaning of its messages.
"""

from model.reference.cluster import ReferenceCluster, ReferenceFactory

__all__ = ["ReferenceCluster", "ReferenceFactory"]
