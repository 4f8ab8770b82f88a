"""The reference's settings: raft_core's Configuration, and what the model adds, as text."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import Attribute, fields, frozen

from model.subject import Setting
from raft_core import FEATURES, Configuration
from raft_core.evolve import evolve

MEANING: Final = {
    "max_entries": "the most entries that one AppendEntries carries",
    "snapshots": "compaction, and InstallSnapshot in chunks (section 7)",
    "snapshot_rows": "rows of the state machine that one InstallSnapshot carries",
    "joint_consensus": "membership changes by way of C_old,new (section 6)",
    "single_server_changes": "membership changes by one voter (thesis 4.1)",
    "pre_vote": "PreVote (thesis 9.6)",
    "check_quorum": "a leader without a quorum steps down (thesis 6.2)",
    "leader_stickiness": "a server that hears a leader does not vote (thesis 4.2.3)",
    "leadership_transfer": "TimeoutNow (thesis 3.10)",
    "no_op": "a leader begins its term with a no-op (section 8)",
    "reads": "ReadIndex (thesis 6.4)",
    "leases": "reads under a lease, with clocks that drift (thesis 6.4.1)",
    "state_machine": "a key-value store, and clients with histories",
    "sessions": "commands take effect once (thesis 6.3)",
    "max_sessions": "open sessions before the least recently used expires",
    "election_timeout": "the minimum election timeout in ticks",
    "clock_drift": "percent by which one clock may outrun another",
    "async_writes": "writes complete when the schedule says (thesis 10.2.1)",
}
TURNED_ON: Final = ("on",)
MACHINE: Final = {"state_machine": "on"}
DRAWN: Final[Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]]] = {
    "max_entries": (("1", "2"), {}),
    "snapshots": (TURNED_ON, {}),
    "snapshot_rows": (("1",), {"snapshots": "on", **MACHINE}),
    "joint_consensus": (TURNED_ON, {}),
    "single_server_changes": (TURNED_ON, {}),
    "pre_vote": (TURNED_ON, {}),
    "check_quorum": (TURNED_ON, {}),
    "leader_stickiness": (TURNED_ON, {}),
    "leadership_transfer": (TURNED_ON, {}),
    "no_op": (TURNED_ON, {}),
    "reads": (TURNED_ON, MACHINE),
    "leases": (TURNED_ON, {"reads": "on", **MACHINE}),
    "state_machine": (TURNED_ON, {}),
    "sessions": (TURNED_ON, MACHINE),
    "max_sessions": (("1",), {"sessions": "on", **MACHINE}),
    "initial_voters": (("1", "2"), {"single_server_changes": "on"}),
    "disk_faults": (TURNED_ON, {}),
    "meanings": (TURNED_ON, {}),
    "async_writes": (TURNED_ON, {}),
}
"""What a hunt may draw for a setting, and the settings without which that says nothing."""
SWITCHES: Final = ("off", "on")
MOST_DIGITS: Final = 18
"""Of a number; more than these mean nothing, and Python refuses to read thousands."""


@frozen
class Choices:
    """What was chosen for a cluster."""

    configuration: Configuration
    initial_voters: int
    """How many servers the cluster starts with; 0 is all."""
    disk_faults: bool
    meanings: bool = False
    """Whether messages show what they mean, so that rules judge every step."""


def setting_of(attribute: "Attribute[Any]") -> Setting:
    """A field of the configuration as a setting."""
    default = attribute.default
    text = SWITCHES[default] if isinstance(default, bool) else str(default)
    return Setting(attribute.name, text, MEANING[attribute.name])


REFERENCE_SETTINGS: Final = (
    *(setting_of(each) for each in fields(Configuration) if each.init and each.name != "servers"),
    Setting("initial_voters", "0", "servers that the cluster starts with; 0 is all"),
    Setting("disk_faults", "off", "crashes inside a step, lost, torn and failed writes"),
    Setting("features", "off", "on: every feature at once"),
    Setting("meanings", "off", "on: Raft's rules judge every step (Conforms); a slower hunt"),
)


def read_settings(settings: Mapping[str, str], servers: int) -> Choices:
    """The choices that settings name; ValueError says what does not fit."""
    everything = read_switch("features", settings.get("features", "off"))
    configuration = Configuration(servers=servers, **dict.fromkeys(FEATURES, everything))
    for each in fields(Configuration):
        if each.name in settings and each.init and each.name != "servers":
            value = read_value(each.name, settings[each.name], each.default)
            chosen: dict[str, Any] = {each.name: value}
            configuration = evolve(configuration, **chosen)
    initial_voters = read_number("initial_voters", settings.get("initial_voters", "0"), 0)
    if initial_voters > servers:
        found, expected = settings["initial_voters"], f"expected at most {servers}, all servers"
        raise ValueError(f"setting initial_voters: found {found!r}, {expected}")
    faults = settings.get("disk_faults", SWITCHES[everything])
    meanings = settings.get("meanings", SWITCHES[False])
    return Choices(
        configuration,
        initial_voters,
        read_switch("disk_faults", faults),
        read_switch("meanings", meanings),
    )


def read_value(name: str, text: str, default: object) -> int:
    """A setting's value, of the kind that its default is."""
    if isinstance(default, bool):
        return read_switch(name, text)
    return read_number(name, text, 0 if name == "clock_drift" else 1)


def read_switch(name: str, text: str) -> bool:
    """On or off."""
    if text not in SWITCHES:
        raise ValueError(f"setting {name}: found {text!r}, expected on or off")
    return text == "on"


def read_number(name: str, text: str, least: int) -> int:
    """A whole number."""
    if text.isascii() and text.isdecimal() and len(text) > MOST_DIGITS:
        expected = f"expected at most {MOST_DIGITS}"
        raise ValueError(f"setting {name}: found {len(text):,} digits, {expected}")
    if not (text.isascii() and text.isdecimal()) or int(text) < least:
        expected = f"expected a whole number of at least {least}"
        raise ValueError(f"setting {name}: found {text!r}, {expected}")
    return int(text)
