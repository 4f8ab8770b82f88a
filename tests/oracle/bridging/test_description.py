"""Bridges are found by name, and described in full."""

from pathlib import Path

import msgspec
import pytest

from oracle.bridging.description import BRIDGES, BridgeError, bridges, find_bridge, known_findings
from oracle.subjects.registry import BROKEN_NAMES
from tests.oracle.command import is_refused, raft_oracle


@pytest.mark.parametrize("name", sorted(bridges()))
def test_bridges_describe_what_is_there(name: str) -> None:
    """It has a version, and mutants of different names that break something known: each changes the
    library, or a file of the bridge's own."""
    bridge = find_bridge(name)
    assert bridge.library_version()
    names = [mutant.name for mutant in bridge.mutants]
    assert len(set(names)) == len(names)
    assert {mutant.breaks for mutant in bridge.mutants} <= set(BROKEN_NAMES)
    for mutant in bridge.mutants:
        assert bridge.library is not None or (bridge.folder / mutant.file).is_file()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("bridge", "nix"), "bridge: found 'nix', expected one of"),
        (("hunt", "etcd-raft", "--mutant", "nix"), "mutant: found 'nix', expected one of"),
    ],
)
def test_unknown_names_are_refused(
    tmp_path: Path, arguments: tuple[str, ...], expected: str
) -> None:
    """What there is, is listed; nothing has to be built for that."""
    done = raft_oracle(tmp_path, *arguments)
    assert is_refused(done)
    assert expected in done.err


def test_what_is_known_has_its_page_and_can_be_broken() -> None:
    """A hunt goes past a finding of the implementation only where a page explains it."""
    root = BRIDGES.parent.parent
    known = [each for bridge in bridges().values() for each in bridge.known]
    assert known
    for each in known:
        assert each.breaks in BROKEN_NAMES
        assert f"Breaks {each.breaks} in" in (root / each.page).read_text(encoding="utf-8")


def test_a_mutant_is_hunted_for_what_it_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known of the implementation is no excuse for a mistake planted in it."""
    bridge = find_bridge("raft-rs")
    (known,) = bridge.known
    planted = msgspec.structs.replace(bridge.mutants[0], breaks=known.breaks)
    changed = msgspec.structs.replace(bridge, mutants=(planted,))
    monkeypatch.setattr("oracle.bridging.description.bridges", lambda: {"raft-rs": changed})
    assert known_findings("raft-rs", None) == (known,)
    assert known_findings("raft-rs", planted.name) == ()
    assert known_findings("reference", None) == ()


def test_versions_whose_hashes_are_listed_may_be_searched() -> None:
    """Each once, however many lines it has, and none of the libraries that it requires."""
    listed = find_bridge("hashicorp-raft").listed_versions()
    assert set(listed) >= {"1.3.0", "1.3.2", "1.3.3", "1.7.3"}
    assert all(each.startswith("1.") and "/" not in each for each in listed)
    assert find_bridge("etcd-raft").listed_versions() == ()


@pytest.mark.parametrize("version", ["9" * 5000 + ".0.0", "1.7.\u0663", "1.7.3-", "0.0.1", ""])
def test_what_is_no_version_of_a_library_is_refused(version: str) -> None:
    """Numbers of thousands of digits too, which Python does not read."""
    with pytest.raises(BridgeError, match=r"^version: found '.*expected a version of"):
        find_bridge("hashicorp-raft").check_version(version)
