"""What a server of PySyncObj holds in its journal, as a Log that is kept up to date."""

from typing import Any

from oracle.subjects.pysyncobj.messages import entry_of
from raft_core import Entry, Log, Vector


class JournalMirror:
    """A Log that follows a journal of the library, at the cost of what changes.

    It hears of changes because it stands in front of the journal's four methods that make them.
    """

    def __init__(self, journal: Any) -> None:
        self._journal = journal
        self._log: Log | None = None
        """None where the next look has to read the journal anew."""
        self._added: list[Entry] = []
        self._library_add = journal.add
        self._library_clear = journal.clear
        self._library_delete_from = journal.deleteEntriesFrom
        self._library_delete_to = journal.deleteEntriesTo
        journal.add = self._add
        journal.clear = self._clear
        journal.deleteEntriesFrom = self._delete_from
        journal.deleteEntriesTo = self._delete_to

    def log(self) -> Log:
        """The journal's content; the same object for as long as nothing changes."""
        if self._log is None:
            self._log = self.rebuilt()
        elif self._added:
            self._log = self._log.appended(self._added)
        self._added = []
        return self._log

    def rebuilt(self) -> Log:
        """The journal's content, read anew."""
        stored: list[tuple[bytes, int, int]] = self._journal[0 : len(self._journal)]
        if not stored:
            return Log()
        first = stored[0][1]
        for offset, (_, index, _) in enumerate(stored):
            if index != first + offset:
                raise RuntimeError(
                    f"the journal's indexes are not consecutive: {index} "
                    f"stands where {first + offset} should"
                )
        entries: Vector[Entry] = Vector()
        entries = entries.extended(entry_of(term, command) for command, _, term in stored)
        return Log(entries, first - 1, None if first > 1 else 0)

    def _add(self, command: bytes, index: int, term: int) -> None:
        self._library_add(command, index, term)
        if self._log is None:
            return
        if index == self._log.last_index + len(self._added) + 1 and len(self._log.entries) > 0:
            self._added.append(entry_of(term, command))
        else:
            self._log = None

    def _clear(self) -> None:
        self._log = None
        self._library_clear()

    def _delete_from(self, position: int) -> None:
        log = self.log() if self._log is not None else None
        self._log = None
        self._library_delete_from(position)
        if log is not None and position > 0:
            self._log = log.truncated_from(log.first_index + position)

    def _delete_to(self, position: int) -> None:
        self._log = None
        self._library_delete_to(position)
