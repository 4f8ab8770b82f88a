"""Settings: every field of the configuration by its name, as on or off, or as a number."""

from typing import Any

import pytest
from attrs import evolve, fields

from model.reference.settings import MEANING, REFERENCE_SETTINGS, read_settings
from raft_core import FEATURES, Configuration

CHOSEN = tuple(each for each in fields(Configuration) if each.init and each.name != "servers")
SWITCHES = tuple(each.name for each in CHOSEN if isinstance(each.default, bool))
NUMBERS = tuple(each.name for each in CHOSEN if each.name not in SWITCHES)
DEFAULT = Configuration(servers=3)


def configured(**settings: str) -> Configuration:
    """The configuration of three servers that these settings name."""
    return read_settings(settings, 3).configuration


def test_every_field_is_a_setting_with_a_meaning() -> None:
    """What raft_core can be set to, a user can set; nothing is told that is not there."""
    names = [setting.name for setting in REFERENCE_SETTINGS]
    assert len(set(names)) == len(names)
    assert {each.name for each in CHOSEN} == set(MEANING)
    assert set(names) == {*MEANING, "initial_voters", "disk_faults", "features", "meanings"}
    assert all(setting.meaning for setting in REFERENCE_SETTINGS)


def test_every_feature_is_a_switch() -> None:
    """And everything else is a number, but for what `features` leaves alone."""
    assert set(SWITCHES) == {*FEATURES, "async_writes"}


def test_without_settings_everything_is_as_figure_2_has_it() -> None:
    """No feature, all servers members from the start, and disks that do what they should."""
    choices = read_settings({}, 3)
    assert choices.configuration == DEFAULT
    assert not choices.configuration.is_extended
    assert (choices.initial_voters, choices.disk_faults) == (0, False)


def test_defaults_read_as_themselves() -> None:
    """What is listed as a default is what one gets without asking."""
    listed = {setting.name: setting.default for setting in REFERENCE_SETTINGS}
    assert read_settings(listed, 3) == read_settings({}, 3)


@pytest.mark.parametrize("name", SWITCHES)
def test_switch_turns_on_one_feature_only(name: str) -> None:
    """On is on and off is off; nothing else changes."""
    changed: dict[str, Any] = {name: True}
    assert configured(**{name: "on"}) == evolve(DEFAULT, **changed)
    assert configured(**{name: "off"}) == DEFAULT


@pytest.mark.parametrize("name", NUMBERS)
def test_number_sets_one_field_only(name: str) -> None:
    """Whatever number fits."""
    changed: dict[str, Any] = {name: 7}
    assert configured(**{name: "7"}) == evolve(DEFAULT, **changed)


def test_features_turn_on_everything_at_once() -> None:
    """Disk faults too."""
    choices = read_settings({"features": "on"}, 3)
    assert all(getattr(choices.configuration, name) for name in FEATURES)
    assert choices.disk_faults


@pytest.mark.parametrize("name", SWITCHES)
def test_one_feature_may_be_left_out_of_all(name: str) -> None:
    """A setting of its own goes before `features`."""
    configuration = configured(features="on", **{name: "off"})
    without = {each for each in FEATURES if not getattr(configuration, each)}
    assert without == {name} & set(FEATURES)


def test_disk_faults_come_alone_or_not_at_all() -> None:
    """With features or without."""
    assert read_settings({"disk_faults": "on"}, 3).disk_faults
    assert not read_settings({"disk_faults": "on"}, 3).configuration.is_extended
    assert not read_settings({"disk_faults": "off", "features": "on"}, 3).disk_faults


def test_cluster_may_begin_with_some_of_its_servers() -> None:
    """As many as the setting says."""
    assert read_settings({"initial_voters": "2"}, 3).initial_voters == 2


@pytest.mark.parametrize("name", [*SWITCHES, "disk_faults", "features"])
@pytest.mark.parametrize("found", ["", "yes", "ON", "1", "True", "on\nnow"])
def test_switch_is_on_or_off(name: str, found: str) -> None:
    """Anything else is refused, in one line that names the setting and what was found."""
    with pytest.raises(
        ValueError, match=f"^setting {name}: found .*, expected on or off$"
    ) as raised:
        read_settings({name: found}, 3)
    assert len(str(raised.value).splitlines()) == 1
    assert repr(found) in str(raised.value)


@pytest.mark.parametrize("name", [*NUMBERS, "initial_voters"])
@pytest.mark.parametrize("found", ["", "-1", "1.5", "many", "²", "٣", " 3", "3\n"])
def test_number_is_a_whole_one(name: str, found: str) -> None:
    """Anything else is refused, in one line that names the setting and what was found."""
    with pytest.raises(
        ValueError, match=f"^setting {name}: found .*, expected a whole number of at"
    ):
        read_settings({name: found}, 3)
    with pytest.raises(ValueError, match=f"^setting {name}: ") as raised:
        read_settings({name: found}, 3)
    assert len(str(raised.value).splitlines()) == 1
    assert repr(found) in str(raised.value)


@pytest.mark.parametrize("name", NUMBERS)
def test_none_is_too_few_but_for_drift_and_voters(name: str) -> None:
    """Clocks that do not drift are fine, and no initial voters means all; else 1 is the least."""
    assert read_settings({"initial_voters": "0"}, 3).initial_voters == 0
    if name == "clock_drift":
        assert configured(**{name: "0"}).clock_drift == 0
    else:
        with pytest.raises(ValueError, match="at least 1"):
            configured(**{name: "0"})


@pytest.mark.parametrize("servers", [1, 3])
def test_cluster_cannot_begin_with_more_servers_than_there_are(servers: int) -> None:
    """As many as there are is all; one more is refused, in one line."""
    assert read_settings({"initial_voters": str(servers)}, servers).initial_voters == servers
    message = (
        f"^setting initial_voters: found '{servers + 1}', expected at most {servers}, all servers$"
    )
    with pytest.raises(ValueError, match=message):
        read_settings({"initial_voters": str(servers + 1)}, servers)
