"""RabbitMQ's ra behind its bridge: by default it holds, and what is known of it is found.

apt-get fetches Debian's packages of Erlang and RabbitMQ; without it these tests are skipped, and
say so.
"""

from pathlib import Path

import pytest

from model.target import Bridge
from oracle.bridging.description import find_bridge
from oracle.subjects.registry import factory_of
from properties.view import KNOWN_OBSERVATIONS
from tests.oracle.command import raft_oracle
from tests.oracle.walks import first_violation
from tests.require import needs_bridge

pytestmark = [pytest.mark.once, needs_bridge("ra")]


def test_the_bridge_does_what_it_says(tmp_path: Path) -> None:
    """It is named as described, shows all but meanings, and every claim about an adapter holds."""
    factory = factory_of(Bridge("ra"))
    assert (factory.name, factory.version({})) == ("ra", find_bridge("ra").library_version())
    assert factory.observes == KNOWN_OBSERVATIONS - {"message meanings"}
    done = raft_oracle(tmp_path, "check-adapter", "ra")
    assert done.code == 0, done.out
    for wrong, shown in (("maybe", "maybe"), ("\x1b[31m", "?[31m")):
        done = raft_oracle(tmp_path, "hunt", "ra", "--set", f"snapshots={wrong}")
        assert done.code == 64
        assert f"snapshots: found {shown}, expected on or off" in done.err


@pytest.mark.parametrize("servers", [3, 5])
def test_the_library_keeps_all_properties(servers: int) -> None:
    """Some runs of every kind find nothing but what is known."""
    assert first_violation("ra", 40, servers) is None


def test_what_is_known_is_found() -> None:
    """Snapshots bring the crash of #238, and changes of members a leader that counts itself."""
    crash = first_violation("ra", 100, 3, {"snapshots": "on"})
    assert crash is not None
    assert (crash.property, "not_found" in crash.detail) == ("SubjectFailed", True)
    counted = first_violation("ra", 100, 3, {"membership": "on"})
    assert counted is not None
    assert counted.property in ("CommittedOnQuorum", "SubjectFailed")
