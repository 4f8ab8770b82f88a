"""The moves of many states at once, with NumPy: the engine wherever no kernel was compiled.

Theory of operation: a chunk of states is a matrix of value numbers, one state in each row. All of
its candidates, the successors to be, are made side by side: first the offers of every value, then
the reactions to them, then the changes, the first of every candidate before the second of any.
Pairs that the tables lack are collected and worked out, and the states that needed them are done
again from the start. A candidate's fingerprint is computed from its parent's hashes and from what
changed.
"""

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from model.explorer.engines.engine import ChunkResult, Counts, Numbers, Rows, ThreadPool, split
from model.explorer.engines.fingerprints import FingerprintSet
from model.explorer.engines.tables import (
    CHANGE_IMPOSSIBLE,
    CHANGE_OUTSIDE,
    FIRST_BROKEN,
    NO_RESULT,
    NO_SUBJECT,
    Column,
    Tables,
)

NO_OUTCOME = -1
"""In place of the number of an outcome, where an offer has no subject."""


@frozen
class Candidates:
    """The successors of a chunk, in order: by state, then by move.

    `flags` is 0 for a state within the constraint, CHANGE_OUTSIDE, or the number of a violation.
    """

    parents: Numbers
    offers: Numbers
    outcomes: Numbers
    flags: Numbers
    rows: Rows
    fingerprints: NDArray[np.uint64]

    def chosen(self, which: Numbers) -> "Candidates":
        """Some of them, by position or by mask."""
        return Candidates(
            self.parents[which],
            self.offers[which],
            self.outcomes[which],
            self.flags[which],
            self.rows[which],
            self.fingerprints[which],
        )


def expand(tables: Tables, rows: Rows, pool: ThreadPool) -> Candidates:
    """All successors of the states of a chunk; pairs that are missing are worked out."""
    todo, parts = np.arange(len(rows)), []
    while len(todo):
        tried = list(
            pool.map(lambda which: Batch(tables, rows, which).made(), split(todo, pool.workers))
        )
        parts += [done for done, _, _ in tried]
        missing = [keys for _, keys, _ in tried]
        tables.fill(np.unique(np.concatenate(missing)).tolist())
        todo = np.concatenate([rest for _, _, rest in tried])
    if len(parts) == 1:
        return parts[0]
    names = ("parents", "offers", "outcomes", "flags", "rows", "fingerprints")
    together = Candidates(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in names)
    )
    return together.chosen(np.argsort(together.parents, kind="stable"))


class Batch:
    """The candidates of some rows of a chunk, while they are made."""

    def __init__(self, tables: Tables, rows: Rows, which: Numbers) -> None:
        self.tables = tables
        self.rows = rows
        self.which = which
        self.missing: list[NDArray[np.int64]] = []
        self.is_missing = np.zeros(len(rows), dtype=bool)

    def made(self) -> tuple[Candidates, NDArray[np.int64], Numbers]:
        """The candidates of rows that are done, pairs that were missing, and the other rows."""
        tables = self.tables
        self.offer()
        self.react()
        self.change(tables.offer_changes_first, tables.offer_changes_last, self.offers)
        self.change(tables.outcome_changes_first, tables.outcome_changes_last, self.outcomes)
        missing = np.concatenate([np.zeros(0, dtype=np.int64), *self.missing])
        return self.candidates(), missing, np.flatnonzero(self.is_missing)

    def look_up(self, values: Numbers, labels: Numbers, parents: Numbers) -> Numbers:
        """Results of pairs; parents of pairs that are not known are marked."""
        keys = ((values.astype(np.int64) + 1) << 32) | labels
        results = self.tables.pairs.look_up(keys)
        unknown = results == NO_RESULT
        if unknown.any():
            self.missing.append(keys[unknown])
            self.is_missing[parents[unknown]] = True
        return results

    def offer(self) -> None:
        """One candidate for each offer of each value."""
        values = self.rows[self.which]
        firsts = self.tables.offer_first.array.take(values).ravel()
        counts = self.tables.offer_last.array.take(values).ravel() - firsts
        self.offers = spread(firsts, counts)
        self.parents = np.repeat(np.repeat(self.which, self.tables.width), counts)

    def react(self) -> None:
        """One candidate for each outcome; the subject has its next value."""
        tables = self.tables
        subjects = tables.offer_subject.array.take(self.offers)
        acts = np.flatnonzero(subjects != NO_SUBJECT)
        labels = tables.offer_event.array.take(self.offers[acts])
        values = self.rows[self.parents[acts], subjects[acts]]
        reactions = self.look_up(values, labels, self.parents[acts])
        known = reactions != NO_RESULT
        firsts = np.full(len(self.offers), NO_OUTCOME, dtype=np.int64)
        counts = np.ones(len(self.offers), dtype=np.int64)
        reactions = np.where(known, reactions, 0)
        if tables.reaction_first.length:
            firsts[acts] = tables.reaction_first.array.take(reactions)
            counts[acts] = tables.reaction_last.array.take(reactions) - firsts[acts]
        counts[acts[~known]] = 0
        self.outcomes = spread(firsts, counts)
        self.offers = np.repeat(self.offers, counts)
        self.parents = np.repeat(self.parents, counts)
        subjects = np.repeat(subjects, counts)
        self.new = self.rows.take(self.parents, axis=0)
        self.flags = np.zeros(len(self.parents), dtype=np.int32)
        acts = np.flatnonzero(self.outcomes != NO_OUTCOME)
        if len(acts):
            outcomes = self.outcomes[acts]
            self.new[acts, subjects[acts]] = tables.outcome_value.array.take(outcomes)
            self.flags[acts] = tables.outcome_flag.array.take(outcomes)

    def change(self, firsts: Column, lasts: Column, numbers: Numbers) -> None:
        """The changes of offers or of outcomes, the first of each, then the second of each."""
        concerned = np.flatnonzero(numbers != NO_OUTCOME)
        position = firsts.array.take(numbers[concerned])
        last = lasts.array.take(numbers[concerned])
        while True:
            more = np.flatnonzero(
                (position < last) & (self.flags.take(concerned) != CHANGE_IMPOSSIBLE)
            )
            if not len(more):
                return
            if len(more) < len(concerned):
                concerned, position, last = (
                    each.take(more) for each in (concerned, position, last)
                )
            self.change_once(concerned, position)
            position = position + 1

    def change_once(self, concerned: Numbers, position: Numbers) -> None:
        """One change of each candidate."""
        tables = self.tables
        places, labels = (
            tables.change_place.array.take(position),
            tables.change_label.array.take(position),
        )
        parents = self.parents[concerned]
        aspects = np.flatnonzero(labels < 0)
        if len(aspects):
            sources = self.rows[parents[aspects], -1 - labels[aspects]]
            labels[aspects] = tables.aspects.array.take(sources)
        results = self.look_up(self.new[concerned, places], labels, parents)
        fine = results >= 0
        self.new[concerned[fine], places[fine]] = results[fine]
        bad = np.flatnonzero(~fine)
        if len(bad):
            self.note_refusals(concerned[bad], results[bad])

    def note_refusals(self, concerned: Numbers, results: Numbers) -> None:
        """What a change was instead of a value; the first violation stays, but for the impossible.

        A pair that is not known looks impossible; its row is done again.
        """
        impossible = (results == CHANGE_IMPOSSIBLE) | (results == NO_RESULT)
        self.flags[concerned[impossible]] = CHANGE_IMPOSSIBLE
        rest, results = concerned[~impossible], results[~impossible]
        before = self.flags[rest]
        worse = (before == 0) | ((before == CHANGE_OUTSIDE) & (results < CHANGE_OUTSIDE))
        self.flags[rest[worse]] = results[worse]

    def candidates(self) -> Candidates:
        """What can be made, of rows of which all is known."""
        kept = np.flatnonzero((self.flags != CHANGE_IMPOSSIBLE) & ~self.is_missing[self.parents])
        parents, new = self.parents[kept], self.new.take(kept, axis=0)
        return Candidates(
            parents,
            self.offers[kept],
            self.outcomes[kept],
            self.flags[kept],
            new,
            least_of(self._sums(parents, new)),
        )

    def _sums(self, parents: Numbers, new: Rows) -> NDArray[np.uint64]:
        """The hashes of each candidate under every renaming: its parent's, and what changed."""
        hashes = self.tables.hashes.array
        sums = np.zeros((len(self.rows), hashes.shape[1]), dtype=np.uint64)
        sums[self.which] = sums_of(self.tables, self.rows[self.which])
        sums = sums.take(parents, axis=0)
        olds, news = self.rows.take(parents, axis=0).T.copy(), new.T.copy()
        for before, after in zip(olds, news, strict=True):
            changed = np.flatnonzero(before != after)
            if len(changed):
                sums[changed] += hashes.take(after[changed], axis=0) - hashes.take(
                    before[changed], axis=0
                )
        return sums


def spread(firsts: Numbers, counts: Numbers) -> Numbers:
    """`first, first + 1, ...` for each pair of a first number and a count."""
    starts = np.cumsum(counts) - counts
    numbers: Numbers = np.arange(int(counts.sum())) + np.repeat(firsts - starts, counts)
    return numbers


def fingerprints_of(tables: Tables, rows: Rows) -> NDArray[np.uint64]:
    """64 bits that stand for each row, the same for all its renamings; never 0."""
    return least_of(sums_of(tables, rows))


def sums_of(tables: Tables, rows: Rows) -> NDArray[np.uint64]:
    """The sums of the hashes of each row's values, a column a renaming."""
    hashes = tables.hashes.array
    sums = hashes.take(rows[:, 0], axis=0)
    for place in range(1, tables.width):
        sums += hashes.take(rows[:, place], axis=0)
    return sums


def least_of(sums: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The least sum of each row, which no renaming changes."""
    least: NDArray[np.uint64] = sums.min(axis=1)
    return np.maximum(least, np.uint64(1))


class NumpyEngine:
    """Chunks of states, one after the other; see model.explorer.engines.engine."""

    name = "numpy"
    chunk = 1 << 13

    def __init__(self, tables: Tables, workers: int = 1) -> None:
        self.tables = tables
        self.fingerprints = FingerprintSet()
        self.pool = ThreadPool(workers)
        self.counts = Counts()

    def advance(self, rows: Rows, first_parent: int) -> ChunkResult:
        """The new successors of a chunk of states, which are numbered from `first_parent` on."""
        made = expand(self.tables, rows, self.pool)
        self.counts.add(
            self.tables,
            np.bincount(self.tables.offer_kind.array.take(made.offers)),
            np.bincount(made.outcomes[made.outcomes != NO_OUTCOME]),
        )
        within = np.flatnonzero(made.flags == 0)
        unseen = within[~self.fingerprints.holds(made.fingerprints[within])]
        _, firsts = np.unique(made.fingerprints[unseen], return_index=True)
        firsts.sort()
        new = unseen[firsts]
        self.fingerprints.add(made.fingerprints[new])
        broken = np.flatnonzero(made.flags <= FIRST_BROKEN)[:1]
        numbers = np.concatenate([new, broken])
        numbers -= np.searchsorted(made.parents, made.parents[numbers])
        return ChunkResult(
            rows=made.rows[new],
            fingerprints=made.fingerprints[new],
            parents=(made.parents[new] + first_parent).astype(np.uint32),
            numbers=numbers[: len(new)].astype(np.uint16),
            violation=tuple(
                (first_parent + int(made.parents[each]), int(numbers[-1]), int(made.flags[each]))
                for each in broken
            ),
        )

    def close(self) -> None:
        """End the workers."""
        self.pool.close()
