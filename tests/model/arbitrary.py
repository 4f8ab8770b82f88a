"""Hypothesis strategies: any action, and schedules of them."""

from hypothesis import strategies as st

from model import actions
from model.actions import Action
from raft_core import SERVERS


def schedules(servers: int = 5, max_size: int = 10) -> st.SearchStrategy[tuple[Action, ...]]:
    """Schedules for a cluster of so many servers."""
    return st.lists(any_action(servers), max_size=max_size).map(tuple)


def any_action(servers: int) -> st.SearchStrategy[Action]:
    """Any action, macro or micro, that names servers of the cluster only."""
    server = st.sampled_from(SERVERS[:servers])
    some = st.lists(server, unique=True, max_size=servers - 1).map(tuple)
    link = st.permutations(SERVERS[:servers]).map(lambda order: (order[0], order[1]))
    age = st.integers(-1, 5)
    command = st.text(max_size=5)
    small = st.integers(0, 5)
    return st.one_of(
        st.builds(actions.ElectionTimeout, server),
        st.builds(actions.HeartbeatTimeout, server),
        st.builds(actions.ClientRequest, server, command),
        st.builds(lambda ends, age: actions.Deliver(ends[0], ends[1], age), link, age),
        st.builds(lambda ends, age: actions.Duplicate(ends[0], ends[1], age), link, age),
        st.builds(lambda ends, age: actions.Drop(ends[0], ends[1], age), link, age),
        st.builds(actions.Crash, server),
        st.builds(actions.Restart, server),
        st.builds(lambda ends: actions.Cut(*ends), link),
        st.builds(actions.Partition, some),
        st.builds(actions.Heal),
        st.builds(actions.Compact, server, small),
        st.builds(actions.ChangeMembership, server, some, some),
        st.builds(actions.TransferLeadership, server, server),
        st.builds(actions.PassTime, small, some),
        st.builds(actions.Invoke, server, small, small, command),
        st.builds(actions.CrashInside, server, small, small),
        st.builds(actions.FailWrite, server, small),
        st.builds(actions.Settle, st.integers(1, 5), some),
        st.builds(actions.Elect, server, some),
        st.builds(actions.Sync, server, some),
        st.builds(
            lambda ends, newest: actions.Exchange(ends[0], ends[1], newest), link, st.booleans()
        ),
    )
