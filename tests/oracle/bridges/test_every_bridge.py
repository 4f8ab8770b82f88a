"""What holds of every bridge: it shows who it is, does what the protocol says, refuses settings.

Each is built by the toolchain of its language; without it the test is skipped, and says so.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from model.target import Bridge
from oracle.bridging.description import find_bridge
from oracle.subjects.registry import factory_of
from properties.view import CLIENTS, KNOWN_OBSERVATIONS, MEANINGS
from tests.oracle.command import is_refused, raft_oracle
from tests.require import BRIDGE_NEEDS, needs_bridge

NOT_SHOWN: Final[Mapping[str, frozenset[str]]] = {
    "libraft": frozenset({CLIENTS}),
    "ra": frozenset({MEANINGS}),
}
"""What a bridge does not show; all others show everything."""
WRONG: Final[Mapping[str, tuple[str, ...]]] = {
    "dragonboat": ("pre_vote=maybe", "max_size=-1"),
    "etcd-raft": ("async=maybe", "max_inflight=0", "max_size=x"),
    "hashicorp-raft": ("sticky=maybe", "max_append=0", "trailing=x", "mend=nothing"),
    "libraft": ("barrier=maybe", "snapshot_trailing=0", "sticky="),
    "microraft": ("survive_errors=maybe",),
    "openraft": ("sticky=maybe", "max_payload_entries=0", "voters=4"),
    "ra": ("snapshots=maybe", "snapshots=\x1b[31m"),
    "raft-rs": ("pre_vote=maybe", "max_inflight_msgs=0", "voters=4"),
}
"""Settings of each bridge whose values it does not take."""


EVERY: Final = [
    pytest.param(name, marks=[pytest.mark.once, needs_bridge(name)]) for name in BRIDGE_NEEDS
]
"""Every bridge, with what its test needs."""


@pytest.mark.parametrize("name", EVERY)
def test_the_bridge_does_what_it_says(name: str, tmp_path: Path) -> None:
    """It is named as described, shows what there is to show, and does what the protocol says."""
    factory = factory_of(Bridge(name))
    assert (factory.name, factory.version({})) == (name, find_bridge(name).library_version())
    assert factory.observes == KNOWN_OBSERVATIONS - NOT_SHOWN.get(name, frozenset())
    done = raft_oracle(tmp_path, "check-adapter", name)
    assert done.code == 0, done.out
    assert "0 FAILED" in done.out


@pytest.mark.parametrize("name", EVERY)
def test_settings_that_do_not_fit_are_refused(name: str, tmp_path: Path) -> None:
    """One line names the setting, what was found, and what was expected."""
    for setting in WRONG[name]:
        done = raft_oracle(tmp_path, "hunt", name, "--set", setting)
        assert is_refused(done)
        assert f"{setting.partition('=')[0]}: found" in done.err
