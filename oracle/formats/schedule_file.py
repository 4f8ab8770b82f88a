"""Schedules from files, be they JSON or text, with a name for what is wrong with one."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from attrs import evolve

from model.schedule import SavedSchedule, ScheduleError, load_schedule
from oracle.formats.schedule_text import WrittenSchedule, read_schedule_text
from oracle.store.input_files import InputError, no_longer_than, read_whole
from oracle.subjects.naming import found_settings, reader_in
from oracle.subjects.registry import BROKEN_NAMES
from oracle.subjects.scenarios import scenarios
from oracle.terminal.choices import not_found
from oracle.terminal.usage import UsageError

MOST_BYTES: Final = 6 * 1024 * 1024
"""As many as the actions have that a schedule may have."""


def read_schedule(path: Path) -> SavedSchedule:
    """A saved schedule from a file."""
    return read_written(path).saved


def read_written(
    path: Path, own: Iterable[str] = (), content: bytes | None = None
) -> WrittenSchedule:
    """A schedule from a file, be it JSON or text, or a scenario by its name.

    It may break a property that is known, or one of the user's `own`. `content` is that of the
    file where somebody has read it already, as a pipe can be read once.
    """
    scenario = None if path.exists() else scenarios().get(str(path))
    read_subject = reader_in(path.parent)
    try:
        data = content if scenario is None else scenario.read_bytes()
        data = read_whole(path, MOST_BYTES) if data is None else no_longer_than(data, MOST_BYTES)
        if data.lstrip()[:1] in (b"{", b"["):
            written = WrittenSchedule(load_schedule(data, read_subject))
        else:
            written = read_schedule_text(data.decode(), read_subject)
        written = with_source_found(written, path.parent)
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
    name, known = written.saved.property, (*BROKEN_NAMES, *own)
    if name is not None and name not in known:
        raise UsageError(
            f"schedule {path}: property: {not_found(name, known)}, expected "
            f"--property FILE.py with it, null, or one of {', '.join(known)}"
        )
    return written


def with_source_found(written: WrittenSchedule, folder: Path) -> WrittenSchedule:
    """A schedule from a file in this folder, with the source of a library where it is."""
    target = written.saved.target
    settings = found_settings(target.subject, target.settings, folder)
    return evolve(written, saved=evolve(written.saved, target=evolve(target, settings=settings)))
