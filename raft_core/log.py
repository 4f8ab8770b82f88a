"""The log, and all arithmetic on log indexes.

Indexes start at 1; before the first entry stand index 0 and term 0 (Figure 2, State).
`snapshot_index` and `snapshot_term` name the entry just before the first one that is kept:
0 and 0 until a prefix is discarded (section 7). No other file adds or subtracts an offset.
Configurations stand in the log (section 6), so the log also knows which one is its latest: one
that is truncated away is rolled back with its entry.
"""

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from attrs import frozen

from raft_core.entry import Entry
from raft_core.membership import Membership
from raft_core.types import Index, Term
from raft_core.vector import Vector

Rows: TypeAlias = tuple[tuple[str, ...], ...]
"""A state machine's content, a row an item: what a snapshot holds and its chunks carry."""

EMPTY: Final[Vector[Entry]] = Vector()


@frozen
class Log:
    """The entries of one server's log, with indexes from `snapshot_index + 1` to `last_index`."""

    entries: Vector[Entry] = EMPTY
    snapshot_index: Index = 0
    snapshot_term: Term | None = 0
    """None if a foreign server does not show the term before its first entry."""
    memberships: tuple[tuple[Index, Membership], ...] = ()
    """The configurations in the log with their indexes, after the snapshot's own, if any.

    A cluster that does not begin with all its servers begins with one at index 0.
    """
    snapshot_rows: Rows = ()
    """The state machine's content as of `snapshot_index`."""

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Log":
        """The log that holds just these entries, from index 1."""
        return cls().appended(tuple(entries))

    @property
    def membership(self) -> Membership | None:
        """The latest configuration in the log; None where it never was another than all servers."""
        return self.memberships[-1][1] if self.memberships else None

    @property
    def membership_index(self) -> Index:
        """Where the latest configuration stands; 0 for the cluster's first."""
        return self.memberships[-1][0] if self.memberships else 0

    def membership_at(self, index: Index) -> Membership | None:
        """The latest configuration up to `index`."""
        known = tuple([membership for place, membership in self.memberships if place <= index])
        return known[-1] if known else None

    @property
    def first_index(self) -> Index:
        """The index of the first entry kept."""
        return self.snapshot_index + 1

    @property
    def last_index(self) -> Index:
        """The index of the last entry, or the snapshot's where no entry is kept."""
        entries = self.entries
        return self.snapshot_index + len(entries)

    @property
    def last_term(self) -> Term:
        """The term of the last entry, or the snapshot's (0 where that is unknown)."""
        entries = self.entries
        if entries.tail:
            return entries.tail[-1].term
        return (self.snapshot_term or 0) if not entries.full else entries.full[-1][-1].term

    def term_at(self, index: Index) -> Term | None:
        """The term of the entry at `index`; None where there is no such entry, or not any more."""
        position = index - self.snapshot_index - 1
        if position == -1:
            return self.snapshot_term
        if position < 0 or position >= len(self.entries):
            return None
        return self.entries[position].term

    def entry_at(self, index: Index) -> Entry:
        """The entry at `index`, which must be from `first_index` to `last_index`."""
        return self.entries[index - self.snapshot_index - 1]

    def entries_from(self, index: Index, count: int) -> tuple[Entry, ...]:
        """At most `count` entries from `index` on; none where the entry at `index` is discarded."""
        start = index - self.snapshot_index - 1
        return self.entries.slice(start, start + count) if start >= 0 else ()

    def appended(self, entries: Sequence[Entry]) -> "Log":
        """The log with `entries` after its last one."""
        memberships = self.memberships
        for position, entry in enumerate(entries, start=1):
            if isinstance(entry.command, Membership):
                memberships = (*memberships, (self.last_index + position, entry.command))
        return Log(
            self.entries.extended(entries),
            self.snapshot_index,
            self.snapshot_term,
            memberships,
            self.snapshot_rows,
        )

    def truncated_from(self, index: Index) -> "Log":
        """The log without the entry at `index` and all that follow it."""
        kept = max(index - self.snapshot_index - 1, 0)
        memberships = self.memberships
        if memberships and memberships[-1][0] >= index:
            memberships = tuple(pair for pair in memberships if pair[0] < index)
        return Log(
            self.entries.truncated(kept),
            self.snapshot_index,
            self.snapshot_term,
            memberships,
            self.snapshot_rows,
        )

    def compacted(self, index: Index, rows: Rows) -> "Log":
        """The log without the entries up to `index`, which `rows` stand for. Section 7.

        `index` is from `first_index` to `last_index`.
        """
        known = self.membership_at(index)
        return self._after_snapshot(index, self.term_at(index), known, rows)

    def with_snapshot(
        self, index: Index, term: Term, membership: Membership | None, rows: Rows
    ) -> "Log":
        """The log after a snapshot that a leader sent is in place.

        Entries after a matching one are kept; without a match all entries go. Figure 13,
        receiver 6 and 7.
        """
        kept = self if self.term_at(index) == term else Log()
        return kept._after_snapshot(index, term, membership, rows)

    def _after_snapshot(
        self, index: Index, term: Term | None, membership: Membership | None, rows: Rows
    ) -> "Log":
        own = () if membership is None else ((index, membership),)
        return Log(
            EMPTY.extended(self.entries.slice(index - self.snapshot_index, len(self.entries))),
            index,
            term,
            own + tuple(pair for pair in self.memberships if pair[0] > index),
            rows,
        )

    def holds(self, index: Index, term: Term) -> bool:
        """Whether the entry (index, term) is in the log or covered by its snapshot."""
        return index <= self.snapshot_index or self.term_at(index) == term

    def first_index_of_term_at(self, index: Index) -> Index:
        """The first index kept whose entry has the term of the entry at `index`."""
        term = self.term_at(index)
        return index if term is None else self._first_index_from_term(term)

    def last_index_of_term(self, term: Term, before: Index) -> Index | None:
        """The last index below `before` whose entry has `term`, or None."""
        index = min(self._first_index_from_term(term + 1), before) - 1
        return index if index >= self.first_index and self.term_at(index) == term else None

    def _first_index_from_term(self, term: Term) -> Index:
        """The first index whose entry has `term` or a higher one; terms never fall along a log."""
        low, high = self.first_index, self.last_index + 1
        while low < high:
            middle = (low + high) // 2
            if self.entry_at(middle).term < term:
                low = middle + 1
            else:
                high = middle
        return low

    def common_last_index(self, other: "Log") -> Index:
        """The last index up to which neither log contradicts the other.

        Entries that a snapshot of one of them covers count as agreed.
        """
        if self.snapshot_index == other.snapshot_index:
            return self.snapshot_index + self.entries.common_length(other.entries)
        index = max(self.snapshot_index, other.snapshot_index)
        last = min(self.last_index, other.last_index)
        index = min(index, last)
        while index < last and self.entry_at(index + 1) == other.entry_at(index + 1):
            index += 1
        return index
