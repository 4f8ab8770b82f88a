"""The rules of the rule machine as a table: which there are, and what their arguments are."""

from collections.abc import Callable
from itertools import combinations
from typing import Any, TypeAlias

from attrs import frozen
from hypothesis import strategies as st

from model import actions
from model.actions import Action
from model.drivers.clients import READ
from model.world.macro_actions import Cluster
from raft_core import Server

WRITE = "set x v"
COMMANDS = (READ, WRITE, "append x v")

Link: TypeAlias = tuple[Server, Server]


def subsets(members: tuple[Server, ...]) -> tuple[tuple[Server, ...], ...]:
    """All sets of servers that leave one out at least, smallest first, so that none is simplest."""
    return tuple(chosen for size in range(len(members)) for chosen in combinations(members, size))


@frozen
class Drawn:
    """What the rules' arguments are drawn from, in one cluster."""

    server: st.SearchStrategy[Server]
    unreachable: st.SearchStrategy[tuple[Server, ...]]
    link: st.SearchStrategy[Link]
    voters: st.SearchStrategy[tuple[Server, ...]]
    faults: tuple[Action, ...]
    features: tuple[Action, ...]


def drawn_in(cluster: Cluster) -> Drawn:
    """The same for this cluster."""
    members = cluster.members
    return Drawn(
        server=st.sampled_from(members),
        unreachable=st.sampled_from(subsets(members)),
        link=st.sampled_from(cluster.network.links or ((members[0], members[0]),)),
        voters=st.sampled_from((members, *subsets(members)[1:])),
        faults=faults(cluster),
        features=features(cluster),
    )


Arguments: TypeAlias = dict[str, st.SearchStrategy[Any]]


@frozen
class MachineRule:
    """A rule of the machine: the method of RaftMachine that it calls, and its arguments."""

    name: str
    arguments: Callable[[Drawn], Arguments]
    offered: str = ""
    """The optional action that a subject has to offer for it; empty where it needs none."""
    copies: int = 1
    """How often it stands in the machine, under numbered names.

    Hypothesis draws all rules evenly, and leaves some of them out of every example.
    """


RULES: tuple[MachineRule, ...] = (
    MachineRule("elect", lambda drawn: {"server": drawn.server, "unreachable": drawn.unreachable}),
    MachineRule(
        "lead",
        lambda drawn: {
            "server": drawn.server,
            "unreachable": drawn.unreachable,
            "requests": st.integers(0, 2),
            "unreached": st.none() | drawn.unreachable,
        },
        copies=3,
    ),
    MachineRule("sync", lambda drawn: {"server": drawn.server, "unreachable": drawn.unreachable}),
    MachineRule("client_request", lambda drawn: {"server": drawn.server, "anyone": st.booleans()}),
    MachineRule(
        "exchange", lambda drawn: {"link": drawn.link, "newest_first": st.booleans()}, copies=2
    ),
    MachineRule("deliver", lambda drawn: {"link": drawn.link, "age": st.integers(-1, 2)}, copies=2),
    MachineRule("duplicate", lambda drawn: {"link": drawn.link, "age": st.integers(-1, 2)}),
    MachineRule("election_timeout", lambda drawn: {"server": drawn.server}),
    MachineRule("restart", lambda drawn: {"server": drawn.server}),
    MachineRule("fault", lambda drawn: {"fault": st.sampled_from(drawn.faults)}),
    MachineRule(
        "invoke",
        lambda drawn: {
            "server": drawn.server,
            "client": st.integers(1, 2),
            "command": st.sampled_from(COMMANDS),
            "again": st.booleans(),
        },
        offered="Invoke",
        copies=3,
    ),
    MachineRule(
        "stale",
        lambda drawn: {"link": drawn.link, "ticks": st.integers(7, 12), "heard": st.booleans()},
        offered="Invoke",
    ),
    MachineRule(
        "lag",
        lambda drawn: {
            "link": drawn.link,
            "requests": st.integers(1, 3),
            "newest_first": st.booleans(),
        },
        offered="Compact",
    ),
    MachineRule(
        "change",
        lambda drawn: {
            "server": drawn.server,
            "voters": drawn.voters,
            "unreachable": drawn.unreachable,
        },
        offered="ChangeMembership",
    ),
)
"""Rules that every machine has, and those of features that have a rule of their own."""
FEATURE_RULE = MachineRule("feature", lambda drawn: {"action": st.sampled_from(drawn.features)})
"""All other actions of features, where the subject offers any that has forms to pick from."""


def rules_of(drawn: Drawn, offers: frozenset[str]) -> list[MachineRule]:
    """The rules for a subject that offers these optional actions."""
    rules = [each for each in RULES if not each.offered or each.offered in offers]
    return [*rules, FEATURE_RULE] if drawn.features else rules


def names_of_copies(each: MachineRule) -> tuple[str, ...]:
    """A rule's name, and the numbered names of its copies."""
    return (each.name, *(f"{each.name}_{number}" for number in range(2, each.copies + 1)))


def faults(cluster: Cluster) -> tuple[Action, ...]:
    """Rarer happenings, one draw for all: what heals stands first, because it is simplest."""
    members, links = cluster.members, cluster.network.links
    return (
        actions.Heal(),
        *(actions.HeartbeatTimeout(server) for server in members),
        *(actions.Drop(*link) for link in links),
        *(actions.Cut(*link) for link in links),
        *(actions.Partition((server,)) for server in members),
        *(actions.Crash(server) for server in members),
        *(
            ()
            if cluster.network.fifo
            else (actions.Settle(first=each, waits=each > 0) for each in members)
        ),
    )


def features(cluster: Cluster) -> tuple[Action, ...]:
    """The forms of every optional action that the subject offers, one draw for all."""
    return tuple(
        form
        for kind in actions.OPTIONAL_TYPES
        if kind.__name__ in cluster.offers
        for form in kind.forms(cluster.members)
    )
