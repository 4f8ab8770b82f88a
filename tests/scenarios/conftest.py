"""The clusters that scenarios run on: both networks, three servers and five."""

from collections.abc import Iterator

import pytest

from model.world.macro_actions import Cluster
from tests.scenarios.cluster import NETWORKS, new_cluster


@pytest.fixture(
    params=[(servers, network) for servers in (3, 5) for network in NETWORKS],
    ids=lambda given: f"{given[0]}-{given[1]}",
)
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A reference cluster in which nothing has happened yet."""
    servers, network = request.param
    made = new_cluster(servers, network)
    yield made
    made.subject.close()
