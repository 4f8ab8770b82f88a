"""What the paper leaves open about Figure 16's experiment, decided once for all lines.

The program reads `Assumptions`; `statements` puts the same into words.
"""

from typing import Final

from attrs import field, frozen

from model.figure16.published import Line
from model.figure16.timed_cluster import Span, Timing, Writes
from raft_core import Event, RequestVote, State

LIMIT: Final = 600_000.0
"""A trial is given up after ten simulated minutes."""


def writes_of_logcabin(before: State, event: Event, after: State) -> int:
    """How often LogCabin, on which the paper measured, wrote to its disk in such a step.

    Once for a newer term (with the vote, where the server votes for itself), once more for a vote
    that it grants, and twice for entries: the entries, and the file that says where the log ends.
    """
    enters_term = after.current_term > before.current_term
    was_free = enters_term or before.voted_for is None
    grants = isinstance(event, RequestVote) and was_free and after.voted_for is not None
    return enters_term + grants + 2 * (after.log is not before.log)


@frozen(kw_only=True)
class Assumptions:
    """What the paper leaves open, decided: the same for every line."""

    latency: Span = field(default=Span(0.1, 0.3))
    write: Span = field(default=Span(1.8, 3.2))
    lateness: Span = field(default=Span(0.0, 0.2))
    writes: Writes = writes_of_logcabin
    no_op: bool = True
    whole_timeouts: bool = True
    uneven_logs: bool = True

    def timing(self, line: Line) -> Timing:
        """The timing of a line. The heartbeat interval is the paper's: half the least timeout."""
        return Timing(
            election_timeout=Span(line.low, line.high, self.whole_timeouts),
            heartbeat_interval=line.low / 2,
            latency=self.latency,
            write=self.write,
            lateness=self.lateness,
            writes=self.writes,
            no_op=self.no_op,
        )


ASSUMED: Final = Assumptions()


def statements(assumed: Assumptions = ASSUMED) -> tuple[str, ...]:
    """The assumptions in words, those first that the figures depend on most."""
    return (
        f"One durable write takes {span(assumed.write)}, and a message {span(assumed.latency)} one"
        " way, uniformly. The paper gives one number, a broadcast time of roughly 15 ms, which the"
        " thesis explains as round trip and disk write. An election without a split takes about"
        " 13 ms here: one write by the candidate, two by each voter, two by the new leader, and"
        " three messages one way. These spans, and the lateness below, are fitted to the thesis's"
        " curves, once for all lines.",
        "Writes are those of LogCabin, on which the paper measured (source of July 2013): one"
        " for a newer term, one more for a granted vote, two for an entry. A candidate writes"
        " before it asks for votes, a voter before it answers. While a server writes, whatever"
        " else reaches it waits.",
        "A new leader appends a no-op (section 8), as LogCabin did, before its first heartbeat.",
        "Timeouts are drawn uniformly and rounded to whole milliseconds, as in LogCabin. The timer"
        " restarts with a new random timeout when an election begins (before its write), when a"
        " vote is granted, and when the leader is heard of; not when a candidate is refused.",
        f"A timer is noticed {span(assumed.lateness)} late. Only 150-150 ms depends on this: in"
        " step, its candidates would split the votes for ever.",
        "Logs hold 5 entries at the leader and 1, 2, 3 and 4 at the others, shuffled for each"
        " trial: two of the four cannot win, as in the thesis.",
        "The old leader broadcasts heartbeats and then falls silent, so that the logs stay uneven."
        " The crash is at a uniform moment of the heartbeat interval that begins with this.",
        "A trial ends when all servers that are up have heard from the new leader, as in the"
        f" thesis. It is given up after {LIMIT / 1000:g} simulated seconds.",
    )


def span(times: Span) -> str:
    """A span in words."""
    return f"{times.low:g} to {times.high:g} ms"
