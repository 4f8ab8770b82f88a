"""A need that is not met skips its test, and fails it where RAFT_ORACLE_REQUIRE names the need."""

import pytest

from oracle.bridging.description import bridges
from tests import require


@pytest.fixture
def nothing_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without programs, on which nothing is required."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(require.VARIABLE, raising=False)


@pytest.mark.usefixtures("nothing_there")
def test_a_need_that_is_not_met_skips() -> None:
    """The reason says which program is missing."""
    with pytest.raises(pytest.skip.Exception, match="cargo is not installed"):
        require.require("rust")


@pytest.mark.usefixtures("nothing_there")
@pytest.mark.parametrize("named", ["rust", "go rust", "all"])
def test_a_need_that_is_required_fails(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name or with all others; the message names the variable and the need."""
    monkeypatch.setenv(require.VARIABLE, named)
    with pytest.raises(pytest.fail.Exception, match="RAFT_ORACLE_REQUIRE names rust: cargo"):
        require.require("rust")


@pytest.mark.usefixtures("nothing_there")
def test_another_need_is_not_required(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not named is skipped as before."""
    monkeypatch.setenv(require.VARIABLE, "go")
    with pytest.raises(pytest.skip.Exception):
        require.require("rust")


def test_an_unknown_need_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A word that names nothing would require nothing."""
    monkeypatch.setenv(require.VARIABLE, "golang")
    with pytest.raises(ValueError, match="found 'golang', expected c, "):
        require.required()


def test_every_bridge_has_a_need() -> None:
    """What a bridge is built with stands in the table, so that its tests can be required."""
    assert set(require.BRIDGE_NEEDS) == set(bridges())
    assert set(require.BRIDGE_NEEDS.values()) <= set(require.NEEDS)
