"""The reference as a subject.

It puts raft_core behind the port (model/subject.py), with a disk (`disk`), settings, and the
meaning of its messages. `cluster` is the subject, and `variant` the reference with functions
replaced.
"""

from model.reference.cluster import ReferenceCluster, ReferenceFactory

__all__ = ["ReferenceCluster", "ReferenceFactory"]
