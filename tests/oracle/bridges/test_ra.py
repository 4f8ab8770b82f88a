"""RabbitMQ's ra behind its bridge: by default it holds, and what is known of it is found.

apt-get fetches Debian's packages of Erlang and RabbitMQ; without it these tests are skipped, and
say so.
"""

import pytest

from tests.oracle.walks import first_violation
from tests.require import needs_bridge

pytestmark = [pytest.mark.once, needs_bridge("ra")]


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
