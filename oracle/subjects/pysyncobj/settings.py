"""The settings of a PySyncObj cluster, and how they are read."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import frozen

from model.reference.settings import MOST_DIGITS
from model.subject import Setting
from oracle.subjects.setting_values import true_or_false
from oracle.terminal.choices import not_one_of


@frozen(kw_only=True)
class Choices:
    """The settings of one cluster, read."""

    library_options: dict[str, Any]
    journal: bool
    dump: bool
    send_seconds: float
    survive_errors: bool
    crash_points: bool
    power_failures: bool
    forced_compaction: bool
    membership: bool
    version: str | None


def whole_number(minimum: int) -> Callable[[str], int]:
    """Reads a whole number of at least `minimum`."""

    def read(text: str) -> int:
        is_number = text.isascii() and text.isdecimal()
        if is_number and len(text) > MOST_DIGITS:
            raise ValueError(f"a whole number of at most {MOST_DIGITS} digits")
        if not is_number or int(text) < minimum:
            raise ValueError(f"a whole number of at least {minimum}")
        return int(text)

    return read


@frozen
class Option:
    """A setting, how it is read, and the library's own name for it, if it has one."""

    setting: Setting
    read: Callable[[str], Any]
    library_name: str | None = None


OPTIONS: Final = (
    Option(
        Setting("batch_bytes", "65536", "most bytes of entries in one append_entries"),
        whole_number(1),
        "appendEntriesBatchSizeBytes",
    ),
    Option(
        Setting("use_batch", "true", "false: append_entries goes out with every command"),
        true_or_false,
        "appendEntriesUseBatch",
    ),
    Option(
        Setting("compaction_entries", "5000", "the log is compacted when it is longer than this"),
        whole_number(2),
        "logCompactionMinEntries",
    ),
    Option(
        Setting("compaction_seconds", "300", "the log is compacted at least this often"),
        whole_number(1),
        "logCompactionMinTime",
    ),
    Option(
        Setting("snapshot_chunk_bytes", "65536", "bytes of a snapshot in one append_entries"),
        whole_number(1),
        "logCompactionBatchSize",
    ),
    Option(
        Setting("journal", "true", "keep a journal file (the library's default is false)"),
        true_or_false,
    ),
    Option(
        Setting("dump", "true", "keep a dump file (the library's default is false)"),
        true_or_false,
    ),
    Option(
        Setting("send_milliseconds", "0", "how long sending one message takes at the sender"),
        whole_number(0),
    ),
    Option(
        Setting(
            "survive_errors",
            "false",
            "true: a server goes on after an exception, as in the library's own thread",
        ),
        true_or_false,
    ),
    Option(
        Setting(
            "crash_points",
            "false",
            "true: servers are killed between two writes or sends of a step, too",
        ),
        true_or_false,
    ),
    Option(
        Setting(
            "power_failures",
            "false",
            "true: a crash takes what the journal got since the start or the last compaction",
        ),
        true_or_false,
    ),
    Option(
        Setting(
            "forced_compaction",
            "false",
            "true: the log is compacted on request, too (forceLogCompaction)",
        ),
        true_or_false,
    ),
    Option(
        Setting("membership", "false", "true: members are added and removed, one a request"),
        true_or_false,
        "dynamicMembershipChange",
    ),
    Option(
        Setting("version", "", "a version to install and use, such as 0.3.11"),
        str,
    ),
)


def read_settings(settings: Mapping[str, str]) -> Choices:
    """The settings, read; ValueError says what does not fit."""
    values = read_values(settings)
    options = {
        option.library_name: values[option.setting.name]
        for option in OPTIONS
        if option.library_name is not None
    }
    return Choices(
        library_options=options,
        journal=values["journal"],
        dump=values["dump"],
        send_seconds=values["send_milliseconds"] / 1000,
        survive_errors=values["survive_errors"],
        crash_points=values["crash_points"],
        power_failures=values["power_failures"] and values["journal"],
        forced_compaction=values["forced_compaction"],
        membership=values["membership"],
        version=values["version"] or None,
    )


def read_values(settings: Mapping[str, str]) -> dict[str, Any]:
    """The value of every setting by its name."""
    known = {option.setting.name: option for option in OPTIONS}
    for name in settings:
        if name not in known:
            raise ValueError(f"setting: {not_one_of(name, known)}")
    values: dict[str, Any] = {}
    for name, option in known.items():
        text = settings.get(name, option.setting.default)
        try:
            values[name] = option.read(text)
        except ValueError as error:
            raise ValueError(f"setting {name}: found {text!r}, expected {error}") from None
    return values
