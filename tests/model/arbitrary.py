"""Hypothesis strategies: any action, and schedules of them, from the fields of each kind."""

from typing import Any

from attrs import Attribute, fields, resolve_types
from hypothesis import strategies as st

from model.actions import ACTION_TYPES, Action
from raft_core import SERVERS, Server


def schedules(servers: int = 5, max_size: int = 10) -> st.SearchStrategy[tuple[Action, ...]]:
    """Schedules for a cluster of so many servers."""
    return st.lists(any_action(servers), max_size=max_size).map(tuple)


def any_action(servers: int) -> st.SearchStrategy[Action]:
    """Any action, macro or micro, that names servers of the cluster only."""
    return st.one_of([actions_of(kind, servers) for kind in ACTION_TYPES])


def actions_of(kind: type[Action], servers: int) -> st.SearchStrategy[Action]:
    """Any action of one kind."""
    resolve_types(kind)
    values = st.tuples(*[values_of(each, servers) for each in fields(kind)])
    if not kind.is_between_two:
        return values.map(lambda chosen: kind(*chosen))
    links = st.permutations(SERVERS[:servers]).map(lambda order: order[:2])
    return st.builds(lambda link, chosen: kind(*link, *chosen[2:]), links, values)


def values_of(field: "Attribute[Any]", servers: int) -> st.SearchStrategy[Any]:
    """Any value that a field may have in a cluster of so many servers."""
    server = st.sampled_from(SERVERS[:servers])
    by_type: dict[Any, st.SearchStrategy[Any]] = {
        Server: server,
        tuple[Server, ...]: st.lists(server, unique=True, max_size=servers - 1).map(tuple),
        str: st.text(max_size=5),
        bool: st.booleans(),
        int: st.integers(-1 if field.name == "age" else 0, 5),
    }
    return by_type[field.type]
