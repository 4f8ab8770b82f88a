"""Budgets: what bounds allow is spent one by one, and not beyond."""

from typing import Any, Final

import pytest
from attrs import fields

from model.explorer.systems.budgets import SPENT, Bounds, Budget, Spend
from model.explorer.systems.system import IMPOSSIBLE
from tests.model.explorer.cases import explored_by, filled_tables, system

NOT_SPENT: Final = {"max_term", "max_inbox"}
COUNTED_AS: Final = {
    "client_requests": "ClientRequest",
    "restarts": "Restart",
    "drops": "Drop",
    "duplicates": "Duplicate",
    "compactions": "Compact",
    "membership_changes": "ChangeMembership",
    "transfers": "TransferLeadership",
    "ticks": "PassTime",
}
FEATURES: Final = {
    "snapshots": "on",
    "single_server_changes": "on",
    "leadership_transfer": "on",
    "leader_stickiness": "on",
}
each_name = pytest.mark.parametrize("name", SPENT)


def within(**bounds: Any) -> Any:
    """Two servers with every feature that moves are about."""
    return system(2, settings=FEATURES, **{"client_requests": 1, **bounds})


def test_every_bound_is_spent_or_holds_in_every_state() -> None:
    """Bounds that are not spent are those on terms and inboxes."""
    assert {each.name for each in fields(Bounds)} == {*SPENT, *NOT_SPENT}


@each_name
def test_spending_takes_one_of_its_own_kind(name: str) -> None:
    """Twice may be spent what is there twice; the others are as they were."""
    bounds = Bounds(**{name: 2})
    once = Budget().after(Spend(name), bounds)
    assert isinstance(once, Budget)
    assert {each: once.of(each) for each in SPENT} == {**dict.fromkeys(SPENT, 0), name: 1}
    twice = once.after(Spend(name), bounds)
    assert isinstance(twice, Budget)
    assert twice.of(name) == 2
    assert twice.after(Spend(name), bounds) is IMPOSSIBLE


@each_name
def test_what_has_no_budget_is_not_done(name: str) -> None:
    """A kind of move is met exactly if its bound is not 0."""
    none, one = (explored_by("numpy", within(**{name: bound})) for bound in (0, 1))
    assert COUNTED_AS[name] not in none.kinds
    assert one.kinds[COUNTED_AS[name]] > 0
    assert none.distinct < one.distinct


@each_name
def test_budget_is_used_up_and_not_overdrawn(name: str) -> None:
    """Of all budgets met, the largest is the bound."""
    tables = filled_tables(within(**{name: 2}))
    budgets = [each for each in tables.values if isinstance(each, Budget)]
    assert max(each.of(name) for each in budgets) == 2


@pytest.mark.parametrize("most", [1, 2, 3])
def test_inboxes_and_terms_stay_within_bounds(most: int) -> None:
    """The fullest inbox and the highest term are the bounds'."""
    made = system(2, max_inbox=most, max_term=most, client_requests=1, reduce=False)
    tables = filled_tables(made)
    inboxes = [each for each in tables.values if isinstance(each, tuple)]
    terms = [each.current_term for each in tables.values if hasattr(each, "current_term")]
    assert max(map(len, inboxes)) == most
    assert max(terms) == most
