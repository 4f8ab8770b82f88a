"""The log's index arithmetic against a dict from index to entry, with and without a snapshot."""

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from raft_core import Entry, Index, Log, Membership, Term, s1, s2, s3
from raft_core.vector import CHUNK
from tests.raft_core.build import compacted, entries_after, entry, log_of


@frozen
class Pair:
    """A log and the plain dict that it is compared with."""

    log: Log
    model: dict[Index, Entry]
    snapshot_index: Index
    snapshot_term: Term


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Logs of terms that never fall, with a discarded prefix of any length."""
    length = draw(st.one_of(st.integers(0, 8), st.integers(CHUNK - 2, 2 * CHUNK + 2)))
    rises = draw(st.lists(st.integers(0, 2), min_size=length, max_size=length))
    terms = [1 + sum(rises[: position + 1]) for position in range(length)]
    discarded = draw(st.integers(0, length))
    log = compacted(log_of(*terms), discarded)
    kept = dict(enumerate(entries_after(0, terms), 1))
    for index in range(1, discarded + 1):
        del kept[index]
    return Pair(log, kept, discarded, terms[discarded - 1] if discarded else 0)


INDEXES = st.integers(-1, 3 * CHUNK)


@given(pairs())
def test_ends_with_its_last_entry_or_the_snapshot(pair: Pair) -> None:
    """The first index, last index and last term are those of the entries, or of the snapshot."""
    last = max(pair.model, default=pair.snapshot_index)
    assert pair.log.first_index == pair.snapshot_index + 1
    assert pair.log.last_index == last
    expected = pair.model[last].term if pair.model else pair.snapshot_term
    assert pair.log.last_term == expected


@given(pairs(), INDEXES)
def test_term_at_knows_entries_and_the_one_before(pair: Pair, index: Index) -> None:
    """A kept entry has its term, the entry before the first has the snapshot's, others none."""
    expected = pair.model[index].term if index in pair.model else None
    if index == pair.snapshot_index:
        expected = pair.snapshot_term
    assert pair.log.term_at(index) == expected


@given(pairs())
def test_entry_at_finds_every_kept_entry(pair: Pair) -> None:
    """Every kept entry is found under the index that it was appended at."""
    assert {index: pair.log.entry_at(index) for index in pair.model} == pair.model


@given(pairs(), st.integers(0, 3 * CHUNK), st.integers(0, 2 * CHUNK))
def test_entries_from_is_a_run_of_the_kept_entries(pair: Pair, index: Index, count: int) -> None:
    """From an index that is kept come at most so many entries, in order."""
    start = max(index, pair.log.first_index)
    wanted = [pair.model[at] for at in range(start, start + count) if at in pair.model]
    assert pair.log.entries_from(start, count) == tuple(wanted)


@given(pairs(), st.integers(0, 3 * CHUNK))
def test_entries_from_a_discarded_index_are_none(pair: Pair, index: Index) -> None:
    """From an index that the snapshot covers nothing comes: later entries would pass for it."""
    if index < pair.log.first_index:
        assert pair.log.entries_from(index, CHUNK) == ()


@given(pairs(), st.lists(st.integers(200, 210), max_size=CHUNK + 1))
def test_appends_behind_the_last_index(pair: Pair, terms: list[Term]) -> None:
    """New entries get the next indexes, and the snapshot stays what it was."""
    added = entries_after(pair.log.last_index, terms)
    model = pair.model | dict(enumerate(added, pair.log.last_index + 1))
    appended = pair.log.appended(added)
    assert {index: appended.entry_at(index) for index in model} == model
    assert appended.last_index == pair.log.last_index + len(terms)
    assert appended.snapshot_index == pair.snapshot_index
    assert appended.snapshot_term == pair.snapshot_term


@given(pairs(), INDEXES)
def test_truncates_from_an_index_on(pair: Pair, index: Index) -> None:
    """The entry at the index and all that follow are gone, and nothing else."""
    model = {at: kept for at, kept in pair.model.items() if at < index}
    truncated = pair.log.truncated_from(index)
    assert tuple(truncated.entries) == tuple(model.values())
    assert truncated.snapshot_index == pair.snapshot_index
    assert truncated.snapshot_term == pair.snapshot_term


@given(pairs(), INDEXES, st.integers(0, 12))
def test_holds_what_it_keeps_or_has_discarded(pair: Pair, index: Index, term: Term) -> None:
    """A position is held if its entry has that term, or lies in the snapshot."""
    kept = index in pair.model and pair.model[index].term == term
    assert pair.log.holds(index, term) == (kept or index <= pair.snapshot_index)


@given(pairs())
def test_holds_each_of_its_own_entries(pair: Pair) -> None:
    """Every kept entry is held under its own term and no other."""
    for index, kept in pair.model.items():
        assert pair.log.holds(index, kept.term)
        assert not pair.log.holds(index, kept.term + 1)


@given(pairs())
def test_first_index_of_a_term_starts_its_run(pair: Pair) -> None:
    """The first kept entry of the same term is found from any entry of its run."""
    for index, kept in pair.model.items():
        run = [at for at, other in pair.model.items() if other.term == kept.term]
        assert pair.log.first_index_of_term_at(index) == min(run)


@given(pairs(), INDEXES, st.data())
def test_last_index_of_a_term_below_a_bound(pair: Pair, before: Index, data: st.DataObject) -> None:
    """The last kept entry of a term below the bound is found, or it is said that there is none."""
    present = sorted({kept.term for kept in pair.model.values()}) or [1]
    near = st.sampled_from(present).flatmap(lambda term: st.integers(term - 1, term + 1))
    term = data.draw(near)
    run = [at for at, kept in pair.model.items() if kept.term == term and at < before]
    assert pair.log.last_index_of_term(term, before) == max(run, default=None)


@given(pairs(), st.integers(0, 3 * CHUNK), st.integers(0, 8))
def test_common_last_index_stops_at_the_first_contradiction(
    pair: Pair, shared: Index, more: int
) -> None:
    """Two logs agree up to the first index at which both keep different entries."""
    shared = max(shared, pair.snapshot_index)
    shorter = pair.log.truncated_from(shared + 1)
    other = shorter.appended(entries_after(shorter.last_index, [500] * more))
    assert pair.log.common_last_index(other) == shorter.last_index
    assert other.common_last_index(pair.log) == shorter.last_index


@given(pairs(), st.data())
def test_common_last_index_across_different_snapshots(pair: Pair, data: st.DataObject) -> None:
    """What either log has discarded counts as agreed, and the rest is compared."""
    discarded = data.draw(st.integers(pair.snapshot_index, pair.log.last_index))
    shared = data.draw(st.integers(discarded, pair.log.last_index))
    later = compacted(pair.log, discarded).truncated_from(shared + 1)
    other = later.appended(entries_after(shared, [500]))
    assert pair.log.common_last_index(other) == shared
    assert other.common_last_index(pair.log) == shared


def test_empty_log_stands_at_index_and_term_zero() -> None:
    """Before the first entry stand index 0 and term 0."""
    log = Log()
    assert (log.first_index, log.last_index, log.last_term) == (1, 0, 0)
    assert log.term_at(0) == 0
    assert log.term_at(1) is None
    assert log.term_at(-1) is None


def test_common_last_index_compares_values() -> None:
    """Logs that were made apart agree wherever their entries are equal."""
    assert log_of(1, 2).common_last_index(log_of(1, 2, 2)) == 2
    assert log_of(*[1] * CHUNK, 2).common_last_index(log_of(*[1] * CHUNK, 2)) == CHUNK + 1


def test_log_of_entries_starts_at_index_one() -> None:
    """A log made from entries has no snapshot before them."""
    assert Log.of([entry(1, 3)]).entry_at(1) == entry(1, 3)
    assert Log.of([entry(1, 3)]) == Log().appended([entry(1, 3)])


@pytest.mark.parametrize("length", [CHUNK - 1, CHUNK, CHUNK + 1])
def test_last_term_is_found_on_either_side_of_a_chunk(length: int) -> None:
    """The last entry's term is found whether or not it ends a full chunk."""
    assert log_of(*[1] * (length - 1), 7).last_term == 7


def test_discarding_forgets_the_terms_before_the_snapshot() -> None:
    """Index 0 is unknown once it lies before a snapshot: only the snapshot's own term is kept."""
    log = compacted(log_of(1, 1, 2, 3), 3)
    assert log.term_at(0) is None
    assert log.term_at(2) is None
    assert log.term_at(3) == 2
    assert log.term_at(4) == 3


def test_unknown_snapshot_term_matches_nothing() -> None:
    """Where the term before a log is hidden, last_term is 0 and no term is claimed."""
    log = Log(snapshot_index=5, snapshot_term=None)
    assert log.last_term == 0
    assert log.term_at(5) is None
    assert log.last_index == 5


MEMBERSHIPS = st.sampled_from([Membership((s1,)), Membership((s1, s2)), Membership((s1, s2, s3))])
PAYLOADS = st.lists(st.none() | MEMBERSHIPS, max_size=8)


def configured(payloads: list[Membership | None], first: Membership | None = None) -> Log:
    """A log with configurations at these indexes from 1 on, and perhaps one before them."""
    log = Log(memberships=() if first is None else ((0, first),))
    commands = enumerate(payloads, 1)
    return log.appended([Entry(1, each or f"{index}@1") for index, each in commands])


def expected_at(
    payloads: list[Membership | None], first: Membership | None, index: Index
) -> Membership | None:
    """The latest configuration up to an index, by going through all."""
    known = [first, *payloads[:index]]
    return next((each for each in reversed(known) if each is not None), None)


@given(PAYLOADS, st.none() | MEMBERSHIPS, st.integers(0, 8))
def test_configuration_at_an_index_is_the_latest_up_to_it(
    payloads: list[Membership | None], first: Membership | None, index: Index
) -> None:
    """Appended in one go or one by one, a log knows which configuration was in force where."""
    log = configured(payloads, first)
    assert log.membership_at(index) == expected_at(payloads, first, index)
    assert log.membership == expected_at(payloads, first, len(payloads))
    last = max((at for at, each in enumerate(payloads, 1) if each), default=0)
    assert log.membership_index == last
    if first is None:
        one_by_one = Log()
        for entry_ in log.entries:
            one_by_one = one_by_one.appended((entry_,))
        assert one_by_one == log


@given(PAYLOADS, st.none() | MEMBERSHIPS, st.integers(1, 9))
def test_truncation_rolls_configurations_back(
    payloads: list[Membership | None], first: Membership | None, index: Index
) -> None:
    """Section 6: the log without its end is the one that never had it."""
    truncated = configured(payloads, first).truncated_from(index)
    assert truncated == configured(payloads[: index - 1], first)


@given(PAYLOADS, st.none() | MEMBERSHIPS, st.data())
def test_compaction_keeps_configurations_from_its_index_on(
    payloads: list[Membership | None], first: Membership | None, data: st.DataObject
) -> None:
    """The snapshot's own is the latest up to it, and what follows stays where it was."""
    log = configured(payloads, first)
    index = data.draw(st.integers(0, log.last_index))
    compact = log.compacted(index, (("value", "x", "1"),))
    for at in range(index, log.last_index + 1):
        assert compact.membership_at(at) == log.membership_at(at)
        assert compact.term_at(at) == log.term_at(at)
    assert compact.entries_from(index + 1, 9) == log.entries_from(index + 1, 9)
    assert (compact.snapshot_index, compact.last_index) == (index, log.last_index)
    assert compact.snapshot_rows == (("value", "x", "1"),)
    again = data.draw(st.integers(index, log.last_index))
    assert compact.compacted(again, ()) == log.compacted(again, ())


@given(PAYLOADS, PAYLOADS, st.data())
def test_installed_snapshot_brings_its_configuration(
    theirs: list[Membership | None], ours: list[Membership | None], data: st.DataObject
) -> None:
    """Whatever the log knew up to the snapshot's end, the leader's word stands there."""
    leader = configured(theirs)
    index = data.draw(st.integers(0, leader.last_index))
    sent = leader.compacted(index, (("value", "x", "1"),))
    term, membership, rows = 1 if index else 0, sent.membership_at(index), sent.snapshot_rows
    assert leader.with_snapshot(index, term, membership, rows) == sent
    other = Log.of([Entry(2, each.command) for each in configured(ours).entries])
    if index > 0:
        installed = other.with_snapshot(index, term, membership, rows)
        assert installed == sent.truncated_from(index + 1)


def test_snapshot_without_configuration_leaves_none_up_to_it() -> None:
    """Where the leader's log never knew another than all servers, neither does the follower's."""
    log = configured([Membership((s1,)), None]).with_snapshot(1, 1, None, ())
    assert (log.membership, log.memberships) == (None, ())
