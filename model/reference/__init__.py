"""The reference as a subject.

Raft_core behind the port, with its disk, its settings and what its messages mean.
"""

from model.reference.cluster import ReferenceFactory

__all__ = ["ReferenceFactory"]
