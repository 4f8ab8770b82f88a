"""Facts of state alone: what is impossible without any message, and what is not known."""

from typing import Any

import pytest

from oracle.traces.verdict import Kind
from tests.oracle.traces.events.test_events import at, judged, rule_of, told

Lines = list[dict[str, Any]]
ANN, BOB, CAT, DAN = "abcd"


def starts(*servers: str, voters: str = "abc") -> Lines:
    """Servers with empty disks that say what they begin with."""
    fields = {"term": 0, "voted_for": None, "last_index": 0, "commit": 0, "voters": list(voters)}
    return [{"event": "start", "server": each, **fields} for each in servers]


def line(server: str, event: str, **fields: Any) -> dict[str, Any]:
    """A line of a server with a name."""
    return at(server, event, **fields)  # type: ignore[arg-type]  # a name or a number


def votes(candidate: str, *voters: str, term: int = 1) -> Lines:
    """Servers vote for a candidate; the candidate for itself if it is among them."""
    return [line(each, "term", term=term, voted_for=candidate) for each in voters]


def appended(index: int, *servers: str, term: int = 1, digest: str = "x") -> Lines:
    """An entry at these servers."""
    return [line(each, "append", index=index, term=term, digest=digest) for each in servers]


LED = [*starts(ANN, BOB, CAT), *votes(ANN, ANN, BOB), line(ANN, "leader", term=1)]
HELD = [*LED, line(CAT, "term", term=1, voted_for=None), *appended(1, ANN, BOB)]
FOUR = {"voters": ["a", "b", "c", "d"], "index": 2}
ADDED = [
    *HELD,
    line(ANN, "commit", index=1),
    *appended(2, ANN, BOB, digest="+d"),
    line(ANN, "members", **FOUR),
    line(BOB, "members", **FOUR),
]
STANDS = line(DAN, "role", role="candidate")
THREE, ALL = list("abc"), list("abcd")
LEARNS = {"voters": ["a", "b", "c"], "learners": ["d"], "index": 2}
LEARNER = [
    *HELD,
    line(DAN, "term", term=1, voted_for=None),
    *appended(2, ANN, BOB),
    line(ANN, "members", **LEARNS),
    line(DAN, "members", **LEARNS),
]
AGAIN = {"term": 1, "voted_for": "a", "commit": 0}


@pytest.mark.parametrize("others", [votes(BOB, BOB, CAT), []], ids=["others voted", "nobody did"])
def test_a_leader_of_too_few_shows_by_the_votes(others: Lines) -> None:
    """Whom the voters chose is enough, where all of them say so."""
    lines = [*starts(ANN, BOB, CAT), *others, *votes(ANN, ANN), line(ANN, "leader", term=1)]
    verdict = judged(*lines)
    assert (rule_of(verdict), verdict.number) == ("LeaderHasMajority", len(lines))


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ([*LED, *appended(1, ANN), line(ANN, "commit", index=1)], "LeaderCommitsMajority"),
        ([*HELD, line(BOB, "commit", index=1)], "FollowerCommitsTold"),
        ([*starts(ANN, BOB, CAT), *votes(CAT, CAT), *votes(ANN, BOB)], "NewTermFreesVote"),
        ([*starts(ANN, BOB, CAT), *votes(CAT, CAT, ANN), *votes(ANN, BOB)], "NewTermFreesVote"),
        ([*HELD, *votes(CAT, CAT, BOB, term=2)], "VoteToUpToDate"),
        ([*HELD, line(ANN, "commit", index=1), line(ANN, "apply", index=1),
          *appended(2, ANN, BOB, digest="y"), *appended(3, ANN, BOB, digest="z"),
          line(ANN, "commit", index=3), line(ANN, "apply", index=3)], "AppliedInOrder"),
        ([*ADDED, line(BOB, "crash"),
          line(BOB, "start", last_index=2, voters=THREE, **AGAIN)], "ConfigurationIsKept"),
        ([*ADDED, line(BOB, "crash"),
          line(BOB, "start", last_index=2, voters=["b"], **AGAIN)], "ConfigurationIsKept"),
        ([*HELD, line(BOB, "members", voters=["b"])], "ConfigurationHasEntry"),
        ([*ADDED[:-1], line(BOB, "members", voters=["a"], index=2)], "ConfigurationHasEntry"),
        ([*LEARNER, *votes(DAN, DAN, term=2), STANDS], "LearnersFollow"),
        ([*LEARNER, *votes(DAN, DAN, BOB, CAT, term=2), line(DAN, "leader")], "LearnersFollow"),
        ([*LEARNER, *appended(3, ANN), *appended(1, DAN), line(ANN, "commit", index=3)],
         "LeaderCommitsMajority"),
    ],
)  # fmt: skip  # a case is a line or three
def test_what_no_server_can_have_done_is_rejected(lines: Lines, rule: str) -> None:
    """Its last line; what stands before it is permitted."""
    verdict = judged(*lines)
    assert (rule_of(verdict), verdict.number) == (rule, len(lines))


@pytest.mark.parametrize(
    "lines",
    [
        [*LED[:-1], line(CAT, "term", term=1, voted_for=None), LED[-1]],
        [*HELD, line(ANN, "commit", index=1), line(BOB, "commit", index=1)],
        [*starts(ANN, BOB), *votes(ANN, ANN), line(ANN, "leader", term=1)],  # c says nothing
        [*LED[:1], line(BOB, "start"), *LED[3:], *HELD[-2:-1], line(ANN, "commit", index=1)],
        [
            *ADDED,
            line(BOB, "crash"),
            line(BOB, "start", last_index=2, voters=ALL, **AGAIN),
        ],
        [*ADDED, line(BOB, "crash"), line(BOB, "start", last_index=2, **AGAIN)],
        [*HELD, line(BOB, "members", voters=["b", "c"])],  # the leader may not have told
        [  # a leader says so, and not at which index
            *HELD,
            line(ANN, "members", voters=ALL),
            line(BOB, "crash"),
            line(BOB, "start", last_index=1, voters=ALL, **AGAIN),
        ],
        [*LEARNER, *appended(1, DAN)],
    ],
)
def test_what_may_be_is_accepted(lines: Lines) -> None:
    """What is shown agrees, or too little is shown."""
    assert judged(*lines).kind is Kind.ACCEPTED


def test_votes_in_no_common_order_refute_a_leader_too() -> None:
    """Not by when they come, but by whom they are for."""
    header = {"event": "trace", "order": "per-server"}
    late = [*LED[:5], LED[5]]
    assert judged(header, *late, *votes(ANN, CAT)).kind is Kind.ACCEPTED
    lone = [*starts(ANN, BOB, CAT), *votes(ANN, ANN), line(ANN, "leader", term=1), *votes(BOB, BOB)]
    assert judged(header, *lone).kind is Kind.ACCEPTED
    verdict = judged(header, *lone, *votes(BOB, CAT))
    assert (rule_of(verdict), verdict.number) == ("LeaderHadMajority", len(lone) + 2)


def test_entries_of_a_message_are_compared_by_content() -> None:
    """A message with a hole has entries of the right term at the wrong places."""
    lines = [*LED, *appended(1, ANN, digest="x"), *appended(2, ANN, digest="y")]
    append = {"type": "append_entries", "term": 1, "prev_log_index": 0, "prev_log_term": 0}
    hole = told(ANN, "send", BOB, **append, entries=[[1, "y"]])  # type: ignore[arg-type]  # names
    assert rule_of(judged(*lines, hole)) == "EntriesAreOwn"
    whole = told(ANN, "send", BOB, **append, entries=[[1, "x"], [1]])  # type: ignore[arg-type]  # names
    assert judged(*lines, whole).kind is Kind.ACCEPTED


def test_a_candidate_that_is_not_written_down_may_ask_for_votes() -> None:
    """A role that is left out is not known, also where every message is told."""
    for messages in ("all", "some"):
        header = {"event": "trace", "messages": messages}
        ask = told(1, "send", 2, type="request_vote", term=1, last_log_index=0, last_log_term=0)
        lines = [header, at(1, "term", term=1, voted_for=1), ask]
        assert judged(*lines).kind is Kind.ACCEPTED
        stood = [header, at(1, "term", term=1, voted_for=1), at(1, "role", role="candidate")]
        follows = [at(1, "role", role="follower"), ask]
        assert rule_of(judged(*stood, *follows)) == "OnlyCandidatesAsk"


def test_no_ops_need_not_be_applied() -> None:
    """The first entry of a term may be without effect, and so may what has its content."""
    lines = [*LED, *appended(1, ANN, BOB, digest="noop"), *appended(2, ANN, BOB, digest="y")]
    lines += [*appended(3, ANN, BOB, digest="noop"), *appended(4, ANN, BOB, digest="z")]
    lines += [
        line(ANN, "commit", index=4),
        line(ANN, "apply", index=2),
        line(ANN, "apply", index=4),
    ]
    assert judged(*lines).kind is Kind.ACCEPTED
