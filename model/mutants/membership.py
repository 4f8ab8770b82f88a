"""Mistakes in changes of the configuration."""

from typing import Final

from model.mutants.mutant import Mutant
from raft_core import (
    ChangeMembership,
    Configuration,
    Index,
    Membership,
    PersistentState,
    Role,
    Sent,
    Server,
    State,
    restart,
)
from raft_core.evolve import evolve
from raft_core.membership import is_majority, majority_index
from raft_core.reconfiguration import (
    follow_committed_membership,
    has_committed_in_term,
    is_changing,
)
from raft_core.replication import append_to_own_log

SINGLE: Final = {"single_server_changes": "on", "no_op": "on"}
JOINT: Final = {"joint_consensus": "on", "no_op": "on"}


def may_change_before_own_commit(state: State) -> bool:
    """Changes the configuration before it knows what earlier leaders have committed."""
    return not is_changing(state)


def may_change_twice(state: State) -> bool:
    """Changes the configuration again before the last change is committed."""
    return has_committed_in_term(state)


def elected_by_old(state: State) -> bool:
    """Elects in joint consensus with a majority of the old configuration alone."""
    return is_majority(state.votes_granted, state.membership.voters)


def old_majority_index(state: State) -> Index:
    """Commits in joint consensus with a majority of the old configuration alone."""
    return majority_index(state.match_index, state.membership.voters)


def index_with_learners(state: State) -> Index:
    """Counts learners' acknowledgements."""
    return majority_index(state.match_index, state.membership.servers)


def elected_by_union(state: State) -> bool:
    """Elects in joint consensus with a majority of both configurations thrown together."""
    return is_majority(state.votes_granted, state.membership.all_voters)


def index_with_leader(state: State) -> Index:
    """Lets a leader count itself, though it is removed."""
    voters = state.membership.voters
    own = voters if state.server in voters else (*voters, state.server)
    return majority_index(state.match_index, own)


def leaves_joint_at_once(state: State) -> tuple[State, Sent]:
    """Appends C_new before C_old,new is committed."""
    membership = state.membership
    if state.role is not Role.LEADER or not membership.is_joint:
        return state, ()
    return append_to_own_log(state, Membership(membership.new_voters, membership.learners))


def everyone_stands(state: State) -> bool:
    """Stands for election, voter or not."""
    return True


def two_servers_in_one_change(state: State, request: ChangeMembership) -> Membership | None:
    """Takes two voters more or less for one change."""
    wanted = Membership(request.voters, request.learners)
    moving = set(state.membership.voters) ^ set(wanted.voters)
    return wanted if wanted.voters and wanted != state.membership and len(moving) <= 2 else None


def leaver_never_stands(state: State) -> bool:
    """Does not stand once it is on its way out, though it may still be needed."""
    return state.server in state.membership.all_voters


def non_voter_counts_itself(state: State) -> bool:
    """Counts its own vote, though it is no voter."""
    return 2 * len(state.votes_granted) > len(state.membership.voters)


def leads_on_outside(state: State) -> tuple[State, Sent]:
    """Leads on where it is no member any more."""
    if state.server not in state.membership.voters and not state.membership.is_joint:
        return state, ()
    return follow_committed_membership(state)


def successor_never_leaves_joint(state: State) -> tuple[State, Sent]:
    """Leaves C_old,new only if it was the leader that entered it."""
    entered_in = state.log.term_at(state.log.membership_index)
    if state.membership.is_joint and entered_in != state.current_term:
        return state, ()
    return follow_committed_membership(state)


def leaves_learners_behind(state: State) -> tuple[State, Sent]:
    """Leaves C_old,new for C_new without those that learn in it."""
    after, sent = follow_committed_membership(state)
    if not state.membership.is_joint or after.log is state.log:
        return after, sent
    return append_to_own_log(state, Membership(state.membership.new_voters))


def restart_under_first_configuration(
    server: Server, configuration: Configuration, stored: PersistentState
) -> State:
    """Starts with the configuration of its snapshot, and looks for none in its log."""
    log = stored.log
    known = tuple([pair for pair in log.memberships if pair[0] <= log.snapshot_index])
    return restart(server, configuration, evolve(stored, log=evolve(log, memberships=known)))


MUTANTS: Final = (
    Mutant(
        number=27,
        name="change-before-own-commit",
        rule="single-server change before an entry of the leader's term is committed",
        replaces="raft_core.reconfiguration.may_change_membership",
        replacement=may_change_before_own_commit,
        listed_property="LeaderCompleteness",
        servers=4,
        listed_actions=25,
        seen_in="Ongaro's correction of 2015",
        settings={"single_server_changes": "on"},
    ),
    Mutant(
        number=28,
        name="second-change-uncommitted",
        rule="a second change while one is uncommitted",
        replaces="raft_core.reconfiguration.may_change_membership",
        replacement=may_change_twice,
        listed_property="LeaderCompleteness",
        servers=5,
        listed_actions=11,
        settings=SINGLE,
    ),
    Mutant(
        number=29,
        name="joint-counts-old-only",
        rule="joint consensus counts only the first configuration",
        replaces="raft_core.election.is_elected",
        replacement=elected_by_old,
        listed_property="LeaderCompleteness",
        servers=5,
        seen_in="OpenRaft 6c0ccaf3",
        settings=JOINT,
    ),
    Mutant(
        number=66,
        name="joint-commits-old-only",
        rule="commits in joint consensus by the first configuration",
        replaces="raft_core.commit.quorum_match_index",
        replacement=old_majority_index,
        listed_property="CommittedOnQuorum",
        servers=5,
        seen_in="OpenRaft 6c0ccaf3",
        settings=JOINT,
    ),
    Mutant(
        number=41,
        name="learners-counted",
        rule="counts learners' acknowledgements",
        replaces="raft_core.commit.quorum_match_index",
        replacement=index_with_learners,
        listed_property="CommittedOnQuorum",
        servers=4,
        seen_in="camunda/camunda #62835",
        settings=SINGLE,
    ),
    Mutant(
        number=42,
        name="joint-elects-by-union",
        rule="elects in joint consensus by a majority of the union",
        replaces="raft_core.election.is_elected",
        replacement=elected_by_union,
        listed_property="ElectionSafety",
        servers=5,
        seen_in="microsoft/CCF #3948",
        settings=JOINT,
    ),
    Mutant(
        number=43,
        name="removed-leader-counts-itself",
        rule="lets a removed leader count its own log",
        replaces="raft_core.commit.quorum_match_index",
        replacement=index_with_leader,
        listed_property="CommittedOnQuorum",
        servers=3,
        seen_in="RedisLabs/raft #13, apache/kafka #16079",
        settings=SINGLE,
    ),
    Mutant(
        number=44,
        name="joint-left-uncommitted",
        rule="appends C_new before C_old,new is committed",
        replaces="raft_core.reconfiguration.follow_committed_membership",
        replacement=leaves_joint_at_once,
        listed_property="LeaderCompleteness",
        servers=5,
        seen_in="camunda/camunda #60086",
        settings=JOINT,
    ),
    Mutant(
        number=98,
        name="learner-stands",
        rule="a learner stands for election",
        replaces="raft_core.reconfiguration.may_stand",
        replacement=everyone_stands,
        listed_property="OnlyVotersLead",
        servers=4,
        seen_in="rabbitmq/ra #525, hashicorp/raft #483",
        settings=SINGLE,
    ),
    Mutant(
        number=92,
        name="two-servers-in-one-change",
        rule="takes two servers for one in a single-server change",
        replaces="raft_core.reconfiguration.next_membership",
        replacement=two_servers_in_one_change,
        listed_property="LeaderCompleteness",
        servers=3,
        settings=SINGLE,
    ),
    Mutant(
        number=93,
        name="leaver-never-stands",
        rule="a server on its way out does not stand",
        replaces="raft_core.reconfiguration.may_stand",
        replacement=leaver_never_stands,
        listed_property="ChangeProgress",
        servers=3,
        seen_in="canonical/raft, as docs/findings says",
        settings=SINGLE,
    ),
    Mutant(
        number=94,
        name="non-voter-counts-itself",
        rule="who is not a voter counts its own vote",
        replaces="raft_core.election.is_elected",
        replacement=non_voter_counts_itself,
        listed_property="LeaderCompleteness",
        servers=3,
        settings=SINGLE,
    ),
    Mutant(
        number=95,
        name="leads-on-outside",
        rule="a leader outside C_new leads on and counts itself",
        replaces="raft_core.reconfiguration.follow_committed_membership",
        replacement=leads_on_outside,
        also={"raft_core.commit.quorum_match_index": index_with_leader},
        listed_property="CommittedOnQuorum",
        servers=4,
        settings=JOINT,
    ),
    Mutant(
        number=96,
        name="joint-never-left",
        rule="a successor never leaves C_old,new",
        replaces="raft_core.reconfiguration.follow_committed_membership",
        replacement=successor_never_leaves_joint,
        listed_property="ChangeCompletes",
        servers=3,
        seen_in="etcd #12136",
        settings=JOINT,
    ),
    Mutant(
        number=106,
        name="joint-forgets-learners",
        rule="leaves C_old,new for C_new without those that learn",
        replaces="raft_core.reconfiguration.follow_committed_membership",
        replacement=leaves_learners_behind,
        listed_property="ChangeIsOneStep",
        servers=3,
        settings={**JOINT, "meanings": "on"},
    ),
    Mutant(
        number=112,
        name="configuration-forgotten",
        rule="starts with the configuration of its snapshot, whatever its log says",
        replaces="raft_core.server.restart",
        replacement=restart_under_first_configuration,
        listed_property="ConfigurationIsLatest",
        servers=3,
        settings={"single_server_changes": "on", "meanings": "on"},
    ),
)
