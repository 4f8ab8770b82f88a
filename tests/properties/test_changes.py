"""The rules of changes of the configuration."""

from typing import Any

import pytest

from properties.rules.changes import MEMBERS_RULES, SETTLED_RULES
from properties.rules.vocabulary import Configured, Settled
from raft_core import Role
from tests.properties.transitions import BROKEN, HELD, LACKING, SILENT, server, sort_of

RULES = {rule.name: rule.check for rule in (*MEMBERS_RULES, *SETTLED_RULES)}


def of(*servers: int) -> frozenset[int]:
    """Some servers."""
    return frozenset(servers)


@pytest.mark.parametrize(
    ("known", "after", "expected"),
    [
        ({}, Configured(of(0, 1)), HELD),
        ({}, Configured(of(0, 1, 2, 3)), HELD),
        ({}, Configured(of(0, 3)), BROKEN),
        ({}, Configured(of(0, 1, 2), of(0, 3)), HELD),
        ({}, Configured(of(0, 1), of(0, 3)), BROKEN),
        ({"joining": of(0, 3)}, Configured(of(0, 3)), HELD),
        ({"joining": of(0, 3)}, Configured(of(0, 1, 2)), HELD),
        ({"joining": of(0, 3)}, Configured(of(0, 1, 3)), BROKEN),
        ({"joining": of(0, 3), "learners": of(4)}, Configured(of(0, 3)), BROKEN),
        ({"joining": of(0, 3), "learners": of(4)}, Configured(of(0, 3), learners=of(4)), HELD),
        ({"joining": of(0, 3), "learners": of(3)}, Configured(of(0, 3)), HELD),
        ({"joining": of(0), "learners": of(4)}, Configured(of(0)), HELD),
        ({"joining": of(3), "learners": of(4)}, Configured(of(3)), BROKEN),
        ({"role": Role.FOLLOWER}, Configured(of(0, 3)), SILENT),
        (
            {"known_before": 2},
            Configured(of(0), index=4, passed=(Configured(of(0, 1), index=2),)),
            HELD,
        ),
        (
            {"known_before": 1},
            Configured(of(0), index=4, passed=(Configured(of(0, 1), index=2),)),
            BROKEN,
        ),
        (
            {"known_before": 2},
            Configured(of(0), index=4, passed=(Configured(of(3), index=2),)),
            BROKEN,
        ),
    ],
)
def test_configurations_change_step_by_step(
    known: dict[str, Any], after: Configured, expected: str
) -> None:
    """A leader of S1, S2 and S3 changes the configuration."""
    about = server(**{"role": Role.LEADER, **known})
    assert sort_of(RULES["ChangeIsOneStep"](about, after)) == expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"configured_at": 0, "commit": 2}, HELD),
        ({"configured_at": 2, "commit": 1}, BROKEN),
        ({"configured_at": 0, "commit": 1}, BROKEN),
        ({"configured_at": None, "commit": 2}, LACKING),
    ],
)
def test_configurations_wait_for_commits(known: dict[str, Any], expected: str) -> None:
    """The leader of term 2 has the log 1@1 2@2, and adds another configuration as entry 3."""
    about = server((1, 2), role=Role.LEADER, term=2, **known)
    after = Configured(of(0, 1), index=3)
    assert sort_of(RULES["ChangeFollowsCommit"](about, after)) == expected


NEW = Configured(of(0), index=2)


@pytest.mark.parametrize(
    ("index", "latest", "expected"),
    [
        (0, None, HELD),
        (2, None, HELD),
        (3, None, BROKEN),
        (None, None, LACKING),
        (1, NEW, BROKEN),
        (2, NEW, HELD),
        (1, Configured(of(0, 1), index=2), HELD),
        (1, Configured(of(0, 1), of(0), index=2), BROKEN),
    ],
)
def test_configurations_in_force_are_the_latest_of_the_log(
    index: int | None, latest: Configured | None, expected: str
) -> None:
    """The log is 1@1 2@2: one in force stands there, or is the first, and none follows it there."""
    now = Configured(of(0, 1), index=index)
    about = server((1, 2))
    assert sort_of(RULES["ConfigurationIsLatest"](about, Settled(now, latest))) == expected
