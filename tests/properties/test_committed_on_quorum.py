"""Committed on quorum: copies are counted on all disks, those of crashed servers too."""

from attrs import evolve

from properties.committed_on_quorum import COMMITTED_ON_QUORUM
from properties.facts import Fact, SnapshotInstalled
from raft_core import Membership, s1, s2, s3, s4, s5
from tests.properties.judge import appends, breach_of, commits, gets_log, holds, truncates
from tests.raft_core.build import compacted, log_of

COMMITTED: tuple[Fact, ...] = (gets_log(s1, 1, 1), gets_log(s2, 1, 1), commits(s1, 1, 2, (1, 1)))
"""Entries 1 and 2 are committed and on two of three servers."""


def test_entry_on_a_majority_is_committed() -> None:
    """Two copies of three, and three of five, are enough."""
    assert holds(COMMITTED_ON_QUORUM, *COMMITTED)
    on_three = (gets_log(s1, 1), gets_log(s4, 1), gets_log(s5, 1), commits(s5, 1, 1, (1,)))
    assert holds(COMMITTED_ON_QUORUM, *on_three, servers=5)


def test_commit_on_a_minority_breaks_it() -> None:
    """One copy of three commits nothing."""
    breach = breach_of(COMMITTED_ON_QUORUM, gets_log(s1, 1), commits(s1, 1, 1, (1,)))
    assert breach is not None
    assert breach.servers == (s1,)
    assert breach.detail == "S1 committed entry 1@1; it is committed, and on 1 of 3 servers."


def test_half_of_an_even_cluster_is_no_quorum() -> None:
    """Two copies of four are not more than half."""
    assert not holds(COMMITTED_ON_QUORUM, *COMMITTED, servers=4)


def test_other_entry_at_the_index_is_no_copy() -> None:
    """An entry of another term does not count."""
    facts = (gets_log(s1, 2), gets_log(s2, 1), gets_log(s3, 1), commits(s1, 2, 1, (2,)))
    assert not holds(COMMITTED_ON_QUORUM, *facts)


def test_deletion_that_leaves_a_quorum_is_legal() -> None:
    """A third copy may go."""
    assert holds(COMMITTED_ON_QUORUM, *COMMITTED, gets_log(s3, 1, 1), truncates(s3, 2, 1, 1))


def test_deletion_of_a_needed_copy_breaks_it() -> None:
    """The last copy of a quorum goes, and the entry is named."""
    breach = breach_of(COMMITTED_ON_QUORUM, *COMMITTED, truncates(s2, 2, 1, 1))
    assert breach is not None
    assert breach.detail == "S2 deleted entry 2@1; it is committed, and on 1 of 3 servers."


def test_loss_in_a_restart_breaks_it_too() -> None:
    """What a disk lost is gone like what was deleted, and called by its name."""
    breach = breach_of(COMMITTED_ON_QUORUM, *COMMITTED, truncates(s1, 1, 1, 1, lost=True))
    assert breach is not None
    assert breach.detail == "S1 lost entry 1@1; it is committed, and on 1 of 3 servers."


def test_deletion_of_open_entries_is_legal() -> None:
    """Entries after the committed ones may go, from however many servers."""
    open_entries = (gets_log(s1, 1, 1), gets_log(s2, 1, 1), commits(s1, 1, 1, (1, 1)))
    assert holds(COMMITTED_ON_QUORUM, *open_entries, truncates(s1, 2, 1, 1), truncates(s2, 2, 1, 1))


def test_disk_of_a_crashed_server_counts() -> None:
    """A server from which nothing more is heard still holds its copy: nothing says it lost it."""
    others = (gets_log(s3, 1, 1), truncates(s1, 2, 1, 1))
    assert holds(COMMITTED_ON_QUORUM, *COMMITTED, *others)


def test_snapshot_that_covers_the_entry_is_a_copy() -> None:
    """A server whose snapshot reaches beyond the entry holds it."""
    installed = SnapshotInstalled(s3, 3, compacted(log_of(1, 1, 1), 3))
    assert holds(COMMITTED_ON_QUORUM, *COMMITTED, installed, truncates(s2, 2, 1, 1))


def test_snapshot_that_ends_before_the_entry_is_no_copy() -> None:
    """A snapshot counts only for what it covers."""
    installed = SnapshotInstalled(s3, 1, compacted(log_of(1, 1), 1).truncated_from(2))
    assert not holds(COMMITTED_ON_QUORUM, *COMMITTED, installed, truncates(s2, 2, 1, 1))


def test_copy_that_comes_back_counts_again() -> None:
    """A deletion is judged by the copies of its own moment."""
    moved = (gets_log(s3, 1, 1), truncates(s2, 2, 1, 1), appends(s2, 2, (1,), 1, log_of(1, 1)))
    assert holds(COMMITTED_ON_QUORUM, *COMMITTED, *moved, truncates(s3, 2, 1, 1))
    assert not holds(COMMITTED_ON_QUORUM, *COMMITTED, *moved[:2], truncates(s3, 2, 1, 1))


def test_restarted_server_commits_again() -> None:
    """The same commit once more is not counted anew; it would hold anyway."""
    again = commits(s1, 3, 2, (1, 1), leader=False)
    assert holds(COMMITTED_ON_QUORUM, *COMMITTED, again)


def test_configuration_that_the_commit_put_in_force_need_not_have_counted() -> None:
    """A quorum of the configuration before is enough, where that was left in the same step."""
    log = evolve(log_of(1, 1), memberships=((2, Membership((s1, s2))),))
    copies = (gets_log(s1, 1, 1), gets_log(s3, 1, 1))
    assert not holds(COMMITTED_ON_QUORUM, *copies, commits(s1, 1, 2, log))
    moved = evolve(commits(s1, 1, 2, log), left=(None,))
    assert holds(COMMITTED_ON_QUORUM, *copies, moved)
    assert holds(COMMITTED_ON_QUORUM, *copies, moved, gets_log(s2, 1), truncates(s2, 1, 1))
    assert not holds(COMMITTED_ON_QUORUM, *copies, moved, truncates(s3, 2, 1, 1))
