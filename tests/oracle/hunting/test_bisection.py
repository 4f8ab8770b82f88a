"""Which release broke a library, or mended it, by what is seen of a few of them."""

import pytest

from oracle.hunting.bisection import Probe, State, bisect
from properties.property import Violation

STATES: dict[str, State] = {"b": "broken", ".": "not found", "x": "not tried"}


def probe(version: str, letter: str) -> Probe:
    """What is seen of a version: b breaks, a dot does not, x cannot be tried, ! is interrupted."""
    if letter == "!":
        return Probe(version=version, state="not tried", how="", is_interrupted=True)
    violation = Violation("VoteOnce", "twice", "", "") if letter == "b" else None
    return Probe(version=version, state=STATES[letter], how="not found", violation=violation)


CAME = "VoteOnce came with {}: in {} it was not found, and {} breaks."
MENDED = "VoteOnce is mended in {}: {} breaks, and in {} it was not found."
TABLE = (
    ("...bbbb", CAME.format("v3", "v2", "v3"), 5),
    (".b", CAME.format("v1", "v0", "v1"), 2),
    ("bbbbb..", MENDED.format("v5", "v4", "v5"), 5),
    ("bbbbbbb", "VoteOnce breaks in all that was tried, v0 too: the bug is as old as that, or", 2),
    ("...b...", "No violation found in v0 and v6; 5 versions between them were not tried.", 2),
    (".b.", "No violation found in v0 and v2; 1 version between them was not tried.", 2),
    ("..", "No violation found in v0 and v1.", 2),
    ("bb..xx", MENDED.format("v2", "v1", "v2"), 6),
    ("bx.", MENDED.format("v2, if not in v1, which was not tried", "v0", "v2"), 3),
    ("x..bbbx", CAME.format("v3", "v2", "v3"), 6),
    (
        ".xxxxxb",
        CAME.format("v6, if not with v1, v2, v3, v4, v5, which were not tried", "v0", "v6"),
        7,
    ),
    ("..xbbbb", CAME.format("v3, if not with v2, which was not tried", "v1", "v3"), 5),
    ("xxx", "No violation found in no version that could be tried.", 3),
    ("xbx", "VoteOnce breaks in all that was tried, v1 too: the bug is as old as that, or", 3),
)


@pytest.mark.parametrize(("seen", "sentence", "asked"), TABLE)
def test_the_release_is_named_and_what_is_not_certain(seen: str, sentence: str, asked: int) -> None:
    """With as few versions as halving takes, and those passed over that cannot be tried."""
    versions = tuple(f"v{place}" for place in range(len(seen)))
    told: list[Probe] = []
    verdict = bisect(versions, lambda each: probe(each, seen[int(each[1:])]), told.append)
    assert verdict.sentence().startswith(sentence)
    assert len(told) == asked == len(verdict.probed)


def test_a_search_that_is_interrupted_says_how_far_it_came() -> None:
    """Nothing is asked after that, and what lies between is not known."""
    letters = {"v0": ".", "v9": "b", "v4": "!"}
    versions = tuple(f"v{place}" for place in range(10))
    verdict = bisect(versions, lambda each: probe(each, letters[each]))
    assert verdict.is_interrupted
    assert verdict.between == versions[1:9]
    assert "came with v9, if not with v1" in verdict.sentence()
