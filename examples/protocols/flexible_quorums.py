"""Raft with flexible quorums: an election and a commit need not ask as many servers (Howard, 2016).

Of four servers, three elect a leader and two commit an entry: whoever is elected has heard from
one of those two. Elections must meet each other as well, since in Raft, other than in Paxos, a term
does not belong to one candidate. `MISTAKEN` forgets that: two elect, and three commit.

    raft-oracle hunt examples/protocols/flexible_quorums.py --servers 4 --ignore CommittedOnQuorum
    raft-oracle hunt examples/protocols/flexible_quorums.py:MISTAKEN --servers 4
"""

from raft_core import State
from raft_oracle import ReferenceFactory, with_replaced


def with_quorums(election: int, commit: int) -> ReferenceFactory:
    """The reference with so many servers for an election and for a commit."""

    def is_elected(state: State) -> bool:
        """Whether enough servers have granted their vote."""
        return len(state.votes_granted) >= election

    def quorum_match_index(state: State) -> int:
        """The highest index that enough servers hold."""
        return sorted(state.match_index, reverse=True)[commit - 1]

    return ReferenceFactory(
        with_replaced(
            {
                "raft_core.election.is_elected": is_elected,
                "raft_core.commit.quorum_match_index": quorum_match_index,
            }
        )
    )


FACTORY = with_quorums(election=3, commit=2)
MISTAKEN = with_quorums(election=2, commit=3)
