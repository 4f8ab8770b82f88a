"""The clients of a run: what each has asked for, what it may ask next, and how a leader goes stale.

Both drivers use this, with one rule each for when a client goes on. In the walker's rule a client
is idle once its last operation is answered, and now and then it does not wait. In the rule
machine's rule it goes on until two of its operations are unanswered, since a run there has few
actions.
"""

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias, TypeVar

from model.actions import Action, Elect, HeartbeatTimeout, Invoke, Sync
from model.drivers.run_profile import DrawBelow
from model.world.macro_actions import Cluster
from raft_core import Server

Planned: TypeAlias = "Action | Callable[[], Planned]"
"""An action of a turn, or how to draw it when it is its time."""


def drawn(planned: Planned) -> Action:
    """The action that was planned, now that it is its time."""
    while callable(planned):
        planned = planned()
    return planned


CLIENTS: Final = 3
KEYS: Final = ("x", "y")
"""Few clients and fewer keys, so that operations meet."""
OPEN: Final = "open"
"""The operation with which a client begins its session, where the cluster has sessions."""
READ: Final = "get x"

Step = TypeVar("Step")


class Clients:
    """What each client of a run has asked for, by number."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.operations: dict[int, list[str]] = {}

    @property
    def may_retry(self) -> bool:
        """Whether an operation that is asked for twice is executed once."""
        return "Retry" in self.cluster.offers

    def invoke(self, server: Server, client: int, number: int) -> Invoke:
        """A client's operation of this number, at a server."""
        return Invoke(server, client, number, self.operations[client][number])

    def is_idle(self, client: int) -> bool:
        """Whether a client's last operation is answered."""
        return (client, len(self.operations[client]) - 1) in self.cluster.answered

    def waits_for_two(self, client: int) -> bool:
        """Whether two of a client's operations are unanswered."""
        numbers = range(len(self.operations[client]))
        return sum((client, number) not in self.cluster.answered for number in numbers) > 1

    # The walker's rule

    def draw(self, draw_below: DrawBelow, server: Server) -> Action:
        """A client's next operation, or one that it has asked for already, once more."""
        client = 1 + draw_below(CLIENTS)
        asked = self.operations.setdefault(client, [])
        if self.may_retry:
            if not asked:
                asked.append(OPEN)
            elif self.is_idle(client) or not draw_below(6):
                asked.append(command_of(draw_below, client, len(asked)))
            late = min(draw_below(4) // 3, len(asked) - 1)
            return self.invoke(server, client, len(asked) - 1 - late)
        if asked and not self.is_idle(client) and draw_below(4):
            return HeartbeatTimeout(server)  # this client waits
        asked.append(command_of(draw_below, client, len(asked)))
        return self.invoke(server, client, len(asked) - 1)

    def draw_read(self, draw_below: DrawBelow, server: Server) -> Action:
        """A read at a server that may not know that it leads no more, by a client that is idle."""
        for client, asked in self.operations.items():
            if self.is_idle(client):
                asked.append(f"get {KEYS[draw_below(len(KEYS))]}")
                return self.invoke(server, client, len(asked) - 1)
        return self.draw(draw_below, server)

    # The rule machine's rule

    def ask(self, server: Server, client: int, command: str, again: int = 0) -> Invoke | None:
        """A client's next operation, or one of its last ones; None where it has to wait.

        `again` is 1 for the last one, 2 for the one before that. The value that a write leaves is
        the command's, followed by the operation's number.
        """
        asked = self.operations.setdefault(client, [])
        if not asked and self.may_retry:
            asked.append(OPEN)
        elif self.waits_for_two(client) and not self.may_retry:
            return None
        elif not (asked and self.may_retry and (again or self.waits_for_two(client))):
            asked.append(command if is_read(command) else f"{command}{len(asked)}")
        return self.invoke(server, client, max(len(asked) - max(again, 1), 0))


def is_read(command: str) -> bool:
    """Whether an operation only reads."""
    return command.startswith("get ")


def command_of(draw_below: DrawBelow, client: int, number: int) -> str:
    """A read, or a write of a value that no other operation writes."""
    key = KEYS[draw_below(len(KEYS))]
    kind = draw_below(5)
    if kind < 2:
        return f"get {key}"
    value = f"{'abcdefghi'[client - 1]}{number}"
    return f"append {key} {value}" if kind == 2 else f"set {key} {value}"


def superseded(
    old: Server, new: Server, writes: Iterable[Step], friends: tuple[Server, ...] = ()
) -> list[Action | Step]:
    """A leader is superseded without hearing of it, and clients write at its successor.

    Its friends do not hear of it either.
    """
    left = tuple(sorted((old, *friends)))
    return [Elect(new, left), *writes, Sync(new, left)]
