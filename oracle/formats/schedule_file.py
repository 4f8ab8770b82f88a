"""Schedules from files, be they JSON or text, with a name for what is wrong with one."""

from pathlib import Path

from model.schedule import SavedSchedule, ScheduleError, load_schedule
from oracle.formats.schedule_text import WrittenSchedule, read_schedule_text
from oracle.store.input_files import InputError, read_whole
from oracle.subjects.naming import reader_in
from oracle.subjects.registry import BROKEN_NAMES
from oracle.subjects.scenarios import scenarios
from oracle.terminal.choices import not_found, not_one_of
from oracle.terminal.usage import UsageError


def read_schedule(path: Path) -> SavedSchedule:
    """A saved schedule from a file."""
    return read_written(path).saved


def read_written(path: Path) -> WrittenSchedule:
    """A schedule from a file, be it JSON or text, or a scenario by its name."""
    scenario = None if path.exists() else scenarios().get(str(path))
    read_subject = reader_in(path.parent)
    try:
        data = read_whole(path) if scenario is None else scenario.read_bytes()
        if data.lstrip()[:1] in (b"{", b"["):
            written = WrittenSchedule(load_schedule(data, read_subject))
        else:
            written = read_schedule_text(data.decode(), read_subject)
    except UnicodeDecodeError as error:
        raise UsageError(f"schedule {path}: not JSON, and not UTF-8: {error.reason}") from None
    except FileNotFoundError:
        what = not_found(str(path), scenarios())
        raise UsageError(f"schedule: {what}, expected a file or a scenario's name") from None
    except OSError as error:
        raise UsageError(f"schedule {path}: {error.strerror}") from None
    except (ScheduleError, UsageError, InputError) as error:
        raise UsageError(f"schedule {path}: {error}") from None
    except RecursionError:
        raise UsageError(f"schedule {path}: nested too deeply, expected a schedule") from None
    saved = written.saved
    if saved.property is not None and saved.property not in BROKEN_NAMES:
        raise UsageError(
            f"schedule {path}: property: {not_one_of(saved.property, BROKEN_NAMES)}, null"
        )
    return written
