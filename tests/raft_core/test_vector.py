"""Vector against a plain tuple, for every operation and around the edges of its chunks."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from raft_core.vector import CHUNK, Vector

LENGTHS = st.one_of(
    st.integers(0, 4),
    st.sampled_from([CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1]),
    st.integers(0, 3 * CHUNK + 1),
)


def vector(items: tuple[int, ...]) -> Vector[int]:
    """The vector that holds these items."""
    return Vector[int]().extended(items)


def numbers(length: int) -> tuple[int, ...]:
    """A tuple in which every item is another one."""
    return tuple(range(length))


@given(LENGTHS)
def test_holds_the_items_it_was_given(length: int) -> None:
    """A vector has the length, the items and the order of the tuple that it was made from."""
    made = vector(numbers(length))
    assert len(made) == length
    assert tuple(made) == numbers(length)
    assert tuple(made[position] for position in range(length)) == numbers(length)


@given(LENGTHS)
def test_has_no_item_behind_its_last(length: int) -> None:
    """The position after the last item is an error, in whatever chunk it would stand."""
    with pytest.raises(IndexError):
        vector(numbers(length))[length]


@given(LENGTHS, LENGTHS)
def test_extends_like_a_tuple(length: int, more: int) -> None:
    """Items that are added stand after those that were there."""
    added = tuple(range(1000, 1000 + more))
    before = vector(numbers(length))
    assert tuple(before.extended(added)) == numbers(length) + added
    assert tuple(before) == numbers(length)


@given(LENGTHS, LENGTHS)
def test_truncates_like_a_tuple(length: int, kept: int) -> None:
    """Truncating keeps the first items, and all of them where more are asked for."""
    assert tuple(vector(numbers(length)).truncated(kept)) == numbers(length)[:kept]


@given(LENGTHS, st.data())
def test_replaces_like_a_tuple(length: int, data: st.DataObject) -> None:
    """Replacing an item leaves all others where they were."""
    items = numbers(length + 1)
    position = data.draw(st.one_of(st.just(length), st.integers(0, length)))
    replaced = vector(items).replaced(position, -1)
    assert tuple(replaced) == (*items[:position], -1, *items[position + 1 :])
    assert replaced == vector(tuple(replaced))


@given(LENGTHS, st.integers(0, 3))
def test_replaces_nothing_behind_its_last(length: int, beyond: int) -> None:
    """A position without an item is an error, and is named with the length."""
    with pytest.raises(IndexError, match=f"found {length + beyond}, expected below {length}"):
        vector(numbers(length)).replaced(length + beyond, -1)


@given(LENGTHS, LENGTHS, LENGTHS)
@example(CHUNK + 8, CHUNK + 1, CHUNK - 1)
def test_slices_like_a_tuple(length: int, start: int, stop: int) -> None:
    """A slice is the tuple's slice, beyond the end and backwards too."""
    assert vector(numbers(length)).slice(start, stop) == numbers(length)[start:stop]


@given(LENGTHS, LENGTHS, LENGTHS)
def test_is_equal_however_it_was_made(length: int, first: int, surplus: int) -> None:
    """Equal items make equal values with equal hashes, whatever the history."""
    items = numbers(length)
    in_two_steps = vector(items[:first]).extended(items[first:])
    one_by_one = Vector[int]()
    for item in items:
        one_by_one = one_by_one.extended((item,))
    cut_back = vector(numbers(length + surplus)).truncated(length)
    for other in (in_two_steps, one_by_one, cut_back):
        assert other == vector(items)
        assert hash(other) == hash(vector(items))


@given(LENGTHS)
def test_differs_from_every_other_length(length: int) -> None:
    """A vector with one more item is another value."""
    assert vector(numbers(length)) != vector(numbers(length + 1))


@given(LENGTHS, LENGTHS)
def test_keeps_every_full_chunk_full(length: int, more: int) -> None:
    """Chunks hold exactly CHUNK items and the tail fewer, so that equality is canonical."""
    made = vector(numbers(length)).extended(numbers(more))
    assert all(len(chunk) == CHUNK for chunk in made.full)
    assert len(made.tail) < CHUNK


@given(LENGTHS, LENGTHS, LENGTHS)
def test_common_length_counts_the_shared_items(common: int, mine: int, yours: int) -> None:
    """Two vectors made apart share what their tuples share from the start on."""
    left = vector(numbers(common) + tuple(range(1000, 1000 + mine)))
    right = vector(numbers(common) + tuple(range(2000, 2000 + yours)))
    assert left.common_length(right) == common
    assert right.common_length(left) == common


@given(LENGTHS, LENGTHS, LENGTHS)
def test_common_length_of_two_versions(length: int, kept: int, more: int) -> None:
    """Two versions that share chunks by identity share just as many items."""
    original = vector(numbers(length))
    version = original.truncated(kept).extended(range(1000, 1000 + more))
    assert original.common_length(version) == min(length, kept)
    assert version.common_length(original) == min(length, kept)


@given(LENGTHS)
def test_common_length_with_itself_is_its_length(length: int) -> None:
    """A vector shares all of its items with itself and with its equal."""
    made = vector(numbers(length))
    assert made.common_length(made) == length
    assert made.common_length(vector(numbers(length))) == length


def test_shares_full_chunks_with_the_version_before() -> None:
    """Appending costs no more than the tail: full chunks are the same objects."""
    before = vector(numbers(3 * CHUNK + 5))
    after = before.extended((1,))
    assert after.full is before.full
    assert before.truncated(2 * CHUNK + 1).full == before.full[:2]


def test_truncating_nothing_gives_the_vector_itself() -> None:
    """Asking for as many items as there are, or more, copies nothing."""
    made = vector(numbers(CHUNK + 3))
    assert made.truncated(CHUNK + 3) is made
    assert made.truncated(CHUNK + 4) is made
