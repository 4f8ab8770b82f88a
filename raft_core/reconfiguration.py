"""Changes of the configuration: section 6; thesis, chapter 4.

Joint consensus goes from any configuration to any other by way of C_old,new. A change of a
single voter, or of learners alone, needs no such step, since any two majorities overlap. Both
wait until the change before is committed, and until the leader has committed an entry of its
own term: without that, two leaders could each make a change that the other does not know
(Ongaro's correction of 2015 to the thesis's section 4.1).
"""

from raft_core.election import step_down
from raft_core.membership import Membership
from raft_core.messages import ChangeMembership, Sent
from raft_core.replication import append_to_own_log
from raft_core.state import State
from raft_core.transfer import is_transferring
from raft_core.types import Role

Outcome = tuple[State, Sent]


def change_membership(state: State, request: ChangeMembership) -> Outcome:
    """A leader appends the next configuration, which is in force at once. Section 6.

    Not while it hands over: it takes no requests then (thesis, section 3.10, step 1).
    """
    refuses = is_transferring(state) or not may_change_membership(state)
    if state.role is not Role.LEADER or refuses:
        return state, ()
    membership = next_membership(state, request)
    return append_to_own_log(state, membership) if membership else (state, ())


def may_change_membership(state: State) -> bool:
    """Whether no other change is on its way, and none can be that this leader does not know."""
    return not is_changing(state) and has_committed_in_term(state)


def is_changing(state: State) -> bool:
    """Whether the latest configuration is not committed, or only half of a change. Section 6."""
    return state.log.membership_index > state.commit_index or state.membership.is_joint


def has_committed_in_term(state: State) -> bool:
    """Whether an entry of the leader's own term is committed. Thesis 6.4; the 2015 correction."""
    return state.log.term_at(state.commit_index) == state.current_term


def next_membership(state: State, request: ChangeMembership) -> Membership | None:
    """What a leader appends to come to the configuration asked for; None where it refuses."""
    old, configuration = state.membership, state.configuration
    wanted = Membership(request.voters, request.learners)
    moving = tuple(
        server
        for server in configuration.members()
        if (server in old.voters) != (server in wanted.voters)
    )
    if not wanted.voters or wanted == old or not is_caught_up(state, wanted):
        return None
    if configuration.single_server_changes and len(moving) <= 1:
        return wanted
    if not configuration.joint_consensus:
        return None
    return Membership(old.voters, wanted.learners, wanted.voters) if moving else wanted


def is_caught_up(state: State, wanted: Membership) -> bool:
    """Whether learners that are to vote hold what is committed. Thesis, section 4.2.1."""
    return all(
        state.match_index[learner] >= state.commit_index
        for learner in state.membership.learners
        if learner in wanted.voters
    )


def follow_committed_membership(state: State) -> Outcome:
    """What a leader does once its configuration is committed. Section 6; thesis, 4.2.2.

    C_old,new is followed by C_new; a leader that is not a member any more steps down.
    """
    if state.role is not Role.LEADER or state.log.membership_index > state.commit_index:
        return state, ()
    membership = state.membership
    if membership.is_joint:
        return append_to_own_log(state, Membership(membership.new_voters, membership.learners))
    if state.server not in membership.voters:
        return step_down(state), ()
    return state, ()


def may_stand(state: State) -> bool:
    """Whether this server's election timer counts. Thesis, section 4.2.2.

    One that is on its way out stands as long as its removal is not known to be committed: it
    may still be needed. Its own vote does not count then.
    """
    if state.server in state.membership.all_voters:
        return True
    if state.log.membership_index <= state.commit_index:
        return False
    before = state.log.membership_at(state.log.membership_index - 1) or state.configuration.initial
    return state.server in before.all_voters
