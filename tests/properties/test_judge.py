"""The judge: what passes becomes known, and what does not is a breach, where that is certain."""

import pytest

from properties.rules.judge import Judge
from properties.rules.vocabulary import NOBODY, Configured, RuleBrokenError, Stored
from raft_core import Role, s1, s2, s3, s4
from tests.properties.transitions import cluster, message, server


def test_votes_of_the_term_make_a_leader() -> None:
    """Votes are counted as they arrive, and those of other terms are not."""
    judge = Judge(cluster())
    known = server((), judge.cluster)
    judge.stand(known, 1, s1, Role.CANDIDATE)
    for term, source in ((0, s2), (1, s3)):
        judge.receive(known, message("request_vote_response", source, term=term, accepted=True))
    assert known.granted == {s1, s3}
    judge.stand(known, 1, s1, Role.LEADER)
    assert judge.cluster.leaders == {1: s1}


def test_a_breach_names_rule_and_what_was_legal() -> None:
    """What was observed, and what was legal there."""
    judge = Judge(cluster())
    known = server((), judge.cluster, term=2)
    with pytest.raises(RuleBrokenError, match="TermRises") as caught:
        judge.stand(known, 1, -1, Role.FOLLOWER)
    assert (caught.value.broken.found, caught.value.broken.legal) == (
        "term 2 -> 1",
        "a term of at least 2",
    )


def test_a_partial_trace_breaks_only_what_is_certain() -> None:
    """A commit without a reason may have one that is lacking; a term that falls may not."""
    judge = Judge(cluster(partial=True))
    known = server((1, 1), judge.cluster, term=1, role=Role.FOLLOWER, commit=0)
    judge.commit(known, 2)
    assert known.commit == 2
    assert sum(judge.lacking.values()) > 0
    with pytest.raises(RuleBrokenError):
        judge.commit(known, 1)


def test_an_acknowledgement_that_arrived_has_to_survive() -> None:
    """What others know of a server's log and vote is remembered for its restart."""
    judge = Judge(cluster(exact_restart=False))
    server((1,), judge.cluster, s2, term=1)
    known = server((1,), judge.cluster, term=1, vote=s1, role=Role.LEADER)
    judge.receive(known, message("append_entries_response", term=1, accepted=True, index=1))
    assert known.match == {s2: 1}
    with pytest.raises(RuleBrokenError, match="LogIsKept"):
        judge.start(judge.cluster.servers[s2], Stored(term=1, last_index=0, commit=0))


def test_a_follower_may_commit_up_to_the_last_new_entry() -> None:
    """min(leaderCommit, index of last new entry), of entries that match."""
    judge = Judge(cluster())
    known = server((1, 1, 1), judge.cluster, term=1)
    told = message("append_entries", term=1, index=1, log_term=1, terms=(1,), commit=3)
    judge.receive(known, told)
    assert known.may_commit == 2
    judge.receive(known, message("append_entries", term=1, index=3, log_term=9, commit=3))
    assert known.may_commit == 2


def test_a_message_that_shows_no_commit_index_may_have_told_one() -> None:
    """Of an implementation whose field was not recognised, as much is permitted as logs agree."""
    judge = Judge(cluster())
    known = server((1, 1, 1), judge.cluster, term=1)
    judge.receive(known, message("append_entries", term=1, index=1, log_term=1, terms=(1,)))
    assert known.may_commit == 2


def test_a_snapshot_keeps_what_follows_it() -> None:
    """The log goes on after a snapshot of a part of it, and begins anew after another."""
    judge = Judge(cluster())
    known = server((1, 1, 2), judge.cluster, term=2, commit=2)
    judge.snapshot(known, 2, 1)
    assert (known.log.offset, known.log.last_index) == (2, 3)
    judge.receive(known, message("install_snapshot", term=2, index=9, log_term=2))
    judge.snapshot(known, 9, 2)
    assert (known.log.offset, known.log.last_index, known.log.last_term) == (9, 9, 2)


@pytest.mark.parametrize(("commit_term", "may"), [(1, True), (2, False), (None, False)])
def test_a_voter_may_tell_what_is_committed(commit_term: int | None, may: bool) -> None:
    """A server may commit an entry that it has and that a message about votes calls committed."""
    judge = Judge(cluster())
    known = server((1,), judge.cluster, term=2, role=Role.CANDIDATE, commit=0)
    refusal = message("request_vote_response", term=2, commit=1, commit_term=commit_term)
    judge.receive(known, refusal)
    if may:
        judge.commit(known, 1)
        return
    with pytest.raises(RuleBrokenError, match="FollowerCommitsTold"):
        judge.commit(known, 1)


def test_what_is_acknowledged_is_written() -> None:
    """A leader of term 2 that acknowledges others' entries has written all up to them."""
    judge = Judge(cluster())
    known = server((1,), judge.cluster, term=2, vote=s1, role=Role.CANDIDATE, granted={s1, s2})
    judge.stand(known, 2, s1, Role.LEADER)
    assert known.led_from == 2
    judge.append(known, 2, (2,), ("v1",))
    judge.receive(known, message("append_entries", term=3, index=1, log_term=1, terms=()))
    judge.stand(known, 3, NOBODY, Role.FOLLOWER)
    judge.send(known, message("append_entries_response", s1, s2, term=3, accepted=True, index=1))
    assert known.acknowledged == 1
    judge.crash(known)
    judge.start(known, Stored(3, NOBODY, 1, 0))
    assert (known.led_from, known.acknowledged) == (0, 0)


def test_what_a_majority_held_stays_decided() -> None:
    """A leader commits what the configuration before had acknowledged while it was in force."""
    judge = Judge(cluster())
    known = server((1, 1), judge.cluster, term=1, vote=s1, role=Role.LEADER, match={s2: 2})
    judge.members(known, Configured(frozenset({s1, s2, s3, s4}), index=3))
    judge.commit(known, 2)
    judge.append(known, 3, (1,))
    known.match[s2] = 3
    with pytest.raises(RuleBrokenError, match="LeaderCommitsMajority"):
        judge.commit(known, 3)


@pytest.mark.parametrize("is_restarted", [False, True])
def test_who_was_asked_to_stand_says_so_once(is_restarted: bool) -> None:
    """In the term after that of its leader; a crash forgets it, and an older leader asks nobody."""
    judge = Judge(cluster())
    known = server((), judge.cluster, term=2, vote=NOBODY)
    for term in (2, 1):
        asks = message("timeout_now", s2, s1, term=term)
        judge.send(server((), judge.cluster, s2, term=term, role=Role.LEADER), asks)
        judge.receive(known, asks)
    assert known.asked_term == 2
    if is_restarted:
        judge.crash(known)
        judge.start(known, Stored(2, NOBODY, 0, 0))
    judge.stand(known, 3, s1, Role.CANDIDATE)
    said = {"index": 0, "log_term": 0, "by_transfer": True}
    if is_restarted:
        with pytest.raises(RuleBrokenError, match="TransferWasAsked"):
            judge.send(known, message("request_vote", s1, s3, term=3, **said))
        return
    judge.send(known, message("request_vote", s1, s3, term=3, **said))
    judge.stand(known, 4, s1, Role.CANDIDATE)
    with pytest.raises(RuleBrokenError, match="the leader of term 2 asked last"):
        judge.send(known, message("request_vote", s1, s3, term=4, **said))


def test_a_commit_index_that_fell_may_rise_again() -> None:
    """A deposed leader lets it fall; a snapshot shows how far it was, and no further is too far."""
    judge = Judge(cluster(), frozenset({"CommitRises"}))
    known = server((1, 1), judge.cluster, term=1, vote=s1, role=Role.LEADER, match={s2: 1})
    judge.commit(known, 1)
    judge.receive(known, message("append_entries", term=2, index=1, log_term=1, terms=(), commit=0))
    judge.stand(known, 2, NOBODY, Role.FOLLOWER)
    judge.commit(known, 0)
    judge.commit(known, 1)
    with pytest.raises(RuleBrokenError, match="FollowerCommitsTold"):
        judge.commit(known, 2)


def test_a_late_message_may_commit_what_its_leader_sent_before() -> None:
    """The log is the leader's up to the last entry taken in this term, and no further."""
    judge = Judge(cluster())
    known = server((1, 1, 1), judge.cluster, term=2)
    told = {"term": 2, "log_term": 1, "commit": 3}
    judge.receive(known, message("append_entries", index=1, terms=(1,), **told))
    judge.receive(known, message("append_entries", index=1, terms=(), **told))
    judge.commit(known, 2)
    with pytest.raises(RuleBrokenError, match="FollowerCommitsTold"):
        judge.commit(known, 3)


def test_a_snapshot_may_end_before_what_is_forgotten() -> None:
    """Entries that are committed everywhere are forgotten; a snapshot of fewer changes nothing."""
    judge = Judge(cluster())
    known = server((1, 1, 1, 1), judge.cluster, term=1, commit=3)
    known.log.discard(3)
    judge.snapshot(known, 2, 1)
    assert (known.log.offset, known.log.last_index) == (3, 4)
