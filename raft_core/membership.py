"""Which servers belong to the cluster, and what a majority of it is: section 6; thesis, chapter 4.

The paper calls this the cluster's configuration. It stands in the log like a command, and a
server uses the latest one in its log, committed or not.
"""

from collections.abc import Sequence

from attrs import frozen

from raft_core.types import Index, Server


@frozen
class Membership:
    """A configuration: who votes and who only learns, each ascending.

    `new_voters` is not empty while C_old,new is in force: then `voters` is C_old and
    `new_voters` is C_new, and agreement needs a majority of each (section 6).
    """

    voters: tuple[Server, ...]
    learners: tuple[Server, ...] = ()
    new_voters: tuple[Server, ...] = ()

    @property
    def is_joint(self) -> bool:
        """Whether this is C_old,new."""
        return bool(self.new_voters)

    @property
    def all_voters(self) -> tuple[Server, ...]:
        """Everyone whose vote counts somewhere, ascending."""
        if not self.new_voters:
            return self.voters
        return tuple(sorted({*self.voters, *self.new_voters}))

    @property
    def servers(self) -> tuple[Server, ...]:
        """Everyone to whom a leader replicates, ascending."""
        if not (self.new_voters or self.learners):
            return self.voters
        return tuple(sorted({*self.voters, *self.new_voters, *self.learners}))

    def is_quorum(self, servers: Sequence[Server]) -> bool:
        """Whether these servers can decide: a majority, in joint consensus one of each side."""
        if not is_majority(servers, self.voters):
            return False
        return not self.new_voters or is_majority(servers, self.new_voters)

    def quorum_index(self, indexes: Sequence[Index]) -> Index:
        """The highest index that a quorum has reached; `indexes` are by server."""
        index = majority_index(indexes, self.voters)
        return min(index, majority_index(indexes, self.new_voters)) if self.new_voters else index

    def __str__(self) -> str:
        voters = " ".join(map(str, self.voters))
        joint = f" -> {' '.join(map(str, self.new_voters))}" if self.new_voters else ""
        learners = f" + learners {' '.join(map(str, self.learners))}" if self.learners else ""
        return f"[{voters}{joint}{learners}]"


def is_majority(servers: Sequence[Server], voters: tuple[Server, ...]) -> bool:
    """Whether more than half of `voters` are among these, each of whom is named once."""
    count = 0
    for server in servers:
        if server in voters:
            count += 1
    return 2 * count > len(voters)


def majority_index(indexes: Sequence[Index], voters: tuple[Server, ...]) -> Index:
    """The highest index that more than half of `voters` have reached."""
    return sorted([indexes[voter] for voter in voters])[(len(voters) - 1) // 2]
