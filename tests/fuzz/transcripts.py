"""An adapter whose replies are read from a file and that no process writes, to be fuzzed."""

from unittest import mock

import msgspec

from oracle.adapter import subject
from oracle.adapter.factory import AdapterFactory
from oracle.commands import check_adapter
from oracle.processes.line_process import ProcessDiedError
from oracle.terminal.usage import UsageError

STEPS = 10
SERVERS = ("S1", "S2", "S3")
VIEW = {"role": "follower", "term": 0, "vote": None, "commit": 0, "applied": 0}
EMPTY = {**VIEW, "log": {"from": 1, "entries": []}}
STANDING = {**VIEW, "role": "candidate", "term": 1, "vote": "S1"}
VOTE = {
    "to": "S2",
    "message": {"term": 1},
    "label": "vote",
    "meaning": {"type": "request_vote", "term": 1, "last_log_index": 0, "last_log_term": 0},
}
REPLIES: tuple[dict[str, object], ...] = (
    {
        "protocol": 1,
        "name": "mine",
        "version": "2",
        "network": "any",
        "observes": ["voted_for", "message meanings"],
        "offers": ["PassTime", "CrashInside"],
        "settings": [{"name": "a", "default": "b", "meaning": "c"}],
        "fresh": True,
    },
    {"views": dict.fromkeys(SERVERS, VIEW)},
    {"views": {"S1": EMPTY}},
    {"views": {"S1": STANDING}, "sent": [VOTE]},
    {"crashed": True},
    {},
)
OPERATIONS = ("hello", "reset", "restart", "election_timeout", "crash_inside")
"""What each reply answers; the last one answers all others."""
TRANSCRIPT = b"".join(msgspec.json.encode(each) + b"\n" for each in REPLIES)


class Replayed:
    """In the place of an adapter's process: each command has the reply that the file has for it."""

    errors = b""
    slowest = 0.0
    is_running = True

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines
        self._asked = 0

    def tell(self, line: bytes) -> None:
        """Take a command."""
        operation = msgspec.json.decode(line)["op"]
        last = len(OPERATIONS)
        self._asked = OPERATIONS.index(operation) if operation in OPERATIONS else last

    def hear(self, seconds: float) -> bytes:
        """The reply to it; of a file that is cut off there may be none."""
        if self._asked >= len(self._lines):
            self.stop()
            raise ProcessDiedError("ended")
        return self._lines[self._asked]

    def ask(self, line: bytes, seconds: float) -> bytes:
        """Both."""
        self.tell(line)
        return self.hear(seconds)

    def ends_with_input(self, seconds: float) -> bool:
        """It would."""
        return True

    def stop(self) -> None:
        """It answers no more."""
        self.is_running = False


def examined(data: bytes) -> object:
    """An adapter that replies as a file says, as check-adapter examines it."""
    lines = data.split(b"\n")

    def factory(command: tuple[str, ...], patience: float) -> AdapterFactory:
        return AdapterFactory(subject.Adapter(command, patience))

    with (
        mock.patch.object(subject, "LineProcess", side_effect=lambda command: Replayed(lines)),
        mock.patch.object(check_adapter, "adapter_factory", side_effect=factory),
    ):
        try:
            claims, notes = check_adapter.examined(("mine",), len(SERVERS), 0, STEPS, None, {})
        except UsageError as error:
            return str(error)
    return check_adapter.result_of("mine", claims), notes
