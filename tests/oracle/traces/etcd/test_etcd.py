"""Traces of etcd's raft 3.7.0, built with the tag with_tla: real ones are accepted.

Both are of nodes under a random scheduler that loses, repeats and reorders messages, crashes and
restarts nodes, compacts logs and changes the configuration, by one voter and by joint consensus.
"""

import json
from pathlib import Path
from random import Random

import pytest

from oracle.traces.lines import TraceError, lines_of
from oracle.traces.verdict import Kind, check_trace
from tests.oracle.traces.mutations import KINDS, mutations, study, table

DATA = Path(__file__).parents[3] / "data" / "traces"
TRACES = {path.name: tuple(lines_of(path)) for path in sorted(DATA.glob("etcd*.ndjson.gz"))}
RESTARTS = TRACES["etcd-raft-3.7.0-restarts.ndjson.gz"]
JOINT = TRACES["etcd-raft-3.7.0-joint.ndjson.gz"]


@pytest.mark.parametrize("name", TRACES)
def test_real_traces_are_accepted(name: str) -> None:
    """Thousands of events, with elections, restarts, snapshots and configurations."""
    lines = TRACES[name]
    verdict = check_trace(lines)
    assert verdict.kind is Kind.ACCEPTED
    assert verdict.events > 2_900
    for rule in ("LeaderHasMajority", "FollowerAppendsSent"):
        assert verdict.held[rule] > 0
    if lines is RESTARTS:
        assert verdict.held["TermIsKept"] > 0
        assert verdict.held["SnapshotIsKnown"] > 0


def test_name_of_a_server_that_is_lacking_stays_on_its_line() -> None:
    """It may hold any text, such as another verdict."""
    lines = next(iter(TRACES.values()))
    named = lines[-1].replace(b'"nid":"', b'"nid":"x\\nAccepted: ')
    missing = check_trace((*lines[:1], named)).missing
    assert missing.startswith("the start of server x Accepted: ")


@pytest.mark.parametrize("lines", TRACES.values())
def test_pieces_are_accepted_as_partial_and_unknown_otherwise(lines: tuple[bytes, ...]) -> None:
    """From the middle, without a node, and without one line in ten."""
    middle = lines[len(lines) // 2 :]
    verdict = check_trace(middle)
    assert (verdict.kind, verdict.number) == (Kind.UNKNOWN, 1)
    assert verdict.missing.startswith("the start of server")
    for piece in (
        middle,
        tuple(line for line in lines if b'"nid":"2"' not in line),
        tuple(line for place, line in enumerate(lines) if place % 10),
    ):
        assert check_trace(piece, partial=True).kind is Kind.ACCEPTED


def test_other_lines_of_a_log_are_passed_over() -> None:
    """A logger may write other things between the lines of the trace."""
    noise = (b'{"level":"info","msg":"hello"}\n', b'{"tag":"other","event":"x"}\n')
    mixed = [each for line in RESTARTS[:300] for each in (line, *noise)]
    assert check_trace(mixed, "etcd").events == 300


def test_a_vote_for_two_is_rejected() -> None:
    """One changed vote in one line."""
    place = next(place for place, line in enumerate(RESTARTS) if b"BecomeCandidate" in line)
    told = json.loads(RESTARTS[place])
    told["event"]["state"]["vote"] = "9"
    changed = (*RESTARTS[:place], json.dumps(told).encode(), *RESTARTS[place + 1 :])
    verdict = check_trace(changed)
    assert (verdict.kind, verdict.number) == (Kind.REJECTED, place + 1)


@pytest.mark.parametrize("lines", [RESTARTS, JOINT])
def test_most_mutations_are_noticed_and_the_others_are_explained(lines: tuple[bytes, ...]) -> None:
    """What changes a term or a vote is always noticed, mostly at once."""
    results = study(lines[:1_200], 50)
    changed = [each for each in results if each.mutation.kind in ("term lowered", "vote changed")]
    noticed = [each for each in changed if each.rule]
    assert len(noticed) >= 0.9 * len(changed)
    assert sum(each.distance <= 1 for each in noticed) >= 0.9 * len(noticed)
    assert all(each.reason for each in results if not each.rule)
    assert all(kind in table(results) for kind in KINDS)


def places_of(lines: tuple[bytes, ...], *names: str) -> list[int]:
    """Where lines of these names follow one another, at one node, from the first on."""
    events = [json.loads(line)["event"] for line in lines]
    return [
        place
        for place in range(40, len(lines) - len(names))
        if tuple(each["name"] for each in events[place : place + len(names)]) == names
        and len({each["nid"] for each in events[place : place + len(names)]}) == 1
    ]


@pytest.mark.parametrize(
    ("names", "order", "rule"),
    [
        (("ReceiveAppendEntriesResponse", "Commit"), (0,), "CommitIsLookedFor"),
        (("ReceiveAppendEntriesResponse", "Commit"), (1, 0), "CommitIsLookedFor"),
        (
            ("Replicate", "SendAppendEntriesResponse", "SendAppendEntriesRequest"),
            (0, 2, 1),
            "ProposalIsAcknowledged",
        ),
        (("Ready", "ReceiveRequestVoteResponse"), (1,), "ReadyHandsOut"),
        (("Ready", "ReceiveRequestVoteResponse"), (0,), "OwnInOrder"),
    ],
)
def test_what_etcd_does_in_one_way_only_is_expected(
    names: tuple[str, ...], order: tuple[int, ...], rule: str
) -> None:
    """Lines that are lacking, or stand the other way round, at the first place where they do."""
    found = set()
    for place in places_of(RESTARTS, *names)[:8]:
        several = [RESTARTS[place + each] for each in order]
        changed = (*RESTARTS[:place], *several, *RESTARTS[place + len(names) :])
        verdict = check_trace(changed)
        found.add("" if verdict.rule is None else verdict.rule.name)
    assert rule in found


@pytest.mark.parametrize("field", ["commit", "rejectHint", "index", "entries"])
def test_a_message_says_only_what_its_type_uses(field: str) -> None:
    """A heartbeat's answer has no index; and a round of heartbeats leaves nobody out."""
    place = next(place for place, line in enumerate(RESTARTS) if b'"MsgHeartbeatResp"' in line)
    told = json.loads(RESTARTS[place])
    told["event"]["msg"][field] += 1
    changed = (*RESTARTS[:place], json.dumps(told).encode(), *RESTARTS[place + 1 :])
    verdict = check_trace(changed)
    assert verdict.rule is not None
    assert (verdict.rule.name, verdict.number) == ("FieldsFitType", place + 1)
    beat = next(place for place, line in enumerate(RESTARTS) if b'"MsgHeartbeat"' in line)
    verdict = check_trace((*RESTARTS[:beat], *RESTARTS[beat + 1 :]))
    assert verdict.rule is not None
    assert (verdict.rule.name, verdict.number) == ("HeartbeatsGoToAll", beat + 1)


def changed_everywhere(
    lines: tuple[bytes, ...], message: dict[str, object], **fields: object
) -> tuple[bytes, ...]:
    """The lines with another content of a message, where it is sent and where it arrives."""
    found = []
    for line in lines:
        told = json.loads(line)
        if told["event"].get("msg") == message:
            told["event"]["msg"] |= fields
        found.append(json.dumps(told).encode())
    return tuple(found)


def test_a_refusal_told_as_a_vote_everywhere_is_rejected() -> None:
    """Where the log's end is not known, too: the voter's next line shows that it did not vote."""
    found = set()
    for line in RESTARTS[:2_000]:
        event = json.loads(line)["event"]
        if event["name"] == "SendRequestVoteResponse" and event["msg"]["reject"]:
            verdict = check_trace(changed_everywhere(RESTARTS, event["msg"], reject=False))
            assert verdict.rule is not None
            found.add(verdict.rule.name)
    assert {"VoteShows", "VoteIsGranted"} <= found


@pytest.mark.parametrize(
    ("name", "part", "changes", "rule"),
    [
        ("BecomeFollower", (), {"name": "BecomeCandidate"}, "EventTellsChange"),
        ("InitState", (), {"log": 1}, "LogIsExplained"),
        ("ApplyConfChange", ("prop", "cc"), {"newconf": ["1", "2"]}, "ConfigurationIsApplied"),
    ],
)
def test_lines_of_a_restart_fit_each_other(
    name: str, part: tuple[str, ...], changes: dict[str, object], rule: str
) -> None:
    """The log and the configuration that a disk holds, and what the node is then."""
    start = [place for place, line in enumerate(RESTARTS) if b'"InitState"' in line][-1]
    place = next(
        place for place in range(start, len(RESTARTS)) if f'"{name}"'.encode() in RESTARTS[place]
    )
    told = json.loads(RESTARTS[place])
    holder = told["event"]
    for each in part:
        holder = holder[each]
    holder |= changes
    verdict = check_trace((*RESTARTS[:place], json.dumps(told).encode(), *RESTARTS[place + 1 :]))
    assert verdict.rule is not None
    assert verdict.rule.name == rule
    assert verdict.number <= place + 2


def test_mutations_are_the_same_for_the_same_seed() -> None:
    """So that figures can be compared."""
    one, other = (mutations(RESTARTS, 20, seed=3) for _ in range(2))
    assert one == other
    assert Random(3).random() == Random(3).random()


@pytest.mark.parametrize(
    ("changes", "told_of_it"),
    [
        ({"name": "Dance"}, "line 1: a trace of an unknown kind, whose first event is Dance;"),
        ({"log": "three"}, "line 1: Expected `int`, got `str`"),
        ({"nid": "0"}, "line 1: nid: found '0', which stands for no node"),
    ],
)
def test_what_is_no_trace_is_refused(changes: dict[str, str], told_of_it: str) -> None:
    """With the line, and what is wrong with it."""
    told = json.loads(RESTARTS[0])
    told["event"].update(changes)
    with pytest.raises(TraceError, match=told_of_it):
        check_trace([json.dumps(told).encode()])


def test_a_commit_before_its_majority_is_heard_of_is_rejected() -> None:
    """Though the followers hold the entry: all acknowledgements show, so the leader cannot know."""
    ahead = 0
    for place, line in enumerate(RESTARTS[:2_000]):
        event = json.loads(line)["event"]
        commit = event["state"]["commit"]
        if event["name"] != "Commit" or commit == event["log"] or event["state"]["term"] != 5:
            continue
        changed = list(RESTARTS)
        for later in range(place, len(RESTARTS)):
            told = json.loads(RESTARTS[later])
            if told["event"]["nid"] == event["nid"]:
                if told["event"]["state"]["commit"] != commit:
                    break
                told["event"]["state"]["commit"] += 1
                changed[later] = json.dumps(told).encode()
        verdict = check_trace(tuple(changed))
        assert (verdict.kind, verdict.number) == (Kind.REJECTED, place + 1)
        ahead += 1
        if ahead == 12:
            return
