"""What a crash leaves on a server's disk: the other half of step's contract.

May import: raft_core.
"""

from raft_core import Event, PersistentState, State, persistent_state


def on_disk(before: State, event: Event, after: State) -> PersistentState:
    """The disk if the server crashes after this step: all of it, for messages have left.

    Figure 2, State: "updated on stable storage before responding to RPCs".
    """
    return persistent_state(after)
