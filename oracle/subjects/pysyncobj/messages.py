"""The messages and commands of PySyncObj in words.

Two messages of one kind get the same text if and only if they say the same: where the words
leave something out, a digest of it stands at the end.
"""

import functools
import pickle
from hashlib import blake2b
from typing import Any, Final

from raft_core import Command, Entry, Index, Term

REGULAR, NO_OP, MEMBERSHIP, VERSION = range(4)
DIGEST_MARK: Final = " #"
LONGEST_COMMAND: Final = 32
DEEDS: Final = {"add": "add member", "rem": "remove member"}

Message = dict[str, Any]


@functools.lru_cache(maxsize=1 << 14)
def entry_of(term: Term, command: bytes) -> Entry:
    """A journal's entry as the properties see it."""
    return Entry(term, command_text(command))


def command_text(command: bytes) -> Command:
    """What an entry of the journal is about; a user's command is its own text."""
    kind, content = command[0], command[1:]
    if kind == REGULAR:
        return regular_command_text(pickle.loads(content))
    if kind == NO_OP:
        return "noop"
    if kind == MEMBERSHIP:
        deed, node_id, *_ = pickle.loads(content)
        return f"{DEEDS.get(deed, deed)} {node_id}"
    name = "version" if kind == VERSION else f"kind {kind}"
    return f"{name} {pickle.loads(content)!r}"


def regular_command_text(call: Any) -> Command:
    """A call of the replicated machine: (method, arguments), or one of the library's own."""
    match call:
        case (0, (str() as command,)):
            return command
    return f"call {call!r}"


def message_text(message: Message) -> str:
    """A message in one short line, without the digest of the rest."""
    write = WRITERS.get(message["type"])
    return f"{message['type']}?" if write is None else write(message)


def message_label(message: Message) -> str:
    """A message in one short line that is its own: equal for equal messages only."""
    text = message_text(message)
    if message["type"] in WRITERS and not any(map(message.get, CONTENTS)):
        return text
    return text + DIGEST_MARK + digest_of(message)


def without_digest(label: str) -> str:
    """The part of a label that is for people."""
    return label.rpartition(DIGEST_MARK)[0] or label


def digest_of(message: Message) -> str:
    """Names the content of a message."""
    content = repr(sorted(message.items())).encode()
    return blake2b(content, digest_size=5).hexdigest()


def write_append_entries(message: Message) -> str:
    """`append_entries t2 prev 3@1 entries 4@2 5@2 commit 3`."""
    words = [f"append_entries t{message['term']}"]
    if "prevLogIdx" in message:
        words.append(f"prev {entry_name(message['prevLogIdx'], message['prevLogTerm'])}")
    elif message.get("serialized"):
        data, is_first, is_last = message["serialized"]
        words.append(f"snapshot {part_name(is_first, is_last)} of {len(data)} bytes")
    else:
        words.append("snapshot not ready")
    if "transmission" in message:
        words.append(f"entry {message['transmission']} of {len(message['data'])} bytes")
    if message.get("entries"):
        names = (entry_name(index, term) for _, index, term in message["entries"])
        words.append("entries " + " ".join(names))
    words.append(f"commit {message['commit_index']}")
    return " ".join(words)


def entry_name(index: Index | None, term: Term | None) -> str:
    """`4@2`, or `none` for the entry before the first."""
    return "none" if index is None else f"{index}@{term}"


def part_name(is_first: bool, is_last: bool) -> str:
    """Which part of a snapshot this is."""
    if is_first:
        return "start"
    return "finish" if is_last else "process"


def write_next_index(message: Message) -> str:
    """`next_node_idx 5 success`."""
    flags = [flag for flag in ("success", "reset") if message[flag]]
    return " ".join(["next_node_idx", str(message["next_node_idx"]), *flags])


def write_request_vote(message: Message) -> str:
    """`request_vote t2 last 3@1`."""
    last = entry_name(message["last_log_index"], message["last_log_term"])
    return f"request_vote t{message['term']} last {last}"


def write_response_vote(message: Message) -> str:
    """`response_vote t2`."""
    return f"response_vote t{message['term']}"


def write_apply_command(message: Message) -> str:
    """`apply_command v3 request 1`."""
    request = f" request {message['request_id']}" if "request_id" in message else ""
    return f"apply_command {shortened(command_text(message['command']))}{request}"


def shortened(text: str) -> str:
    """A command's beginning; the digest in a label stands for the rest."""
    return text if len(text) <= LONGEST_COMMAND else f"{text[:LONGEST_COMMAND]}..."


def write_apply_command_response(message: Message) -> str:
    """`apply_command_response request 1 at 4@2`, or `... error 5`."""
    words = f"apply_command_response request {message['request_id']}"
    if message.get("error") is not None:
        return f"{words} error {message['error']}"
    return f"{words} at {entry_name(message['log_idx'], message['log_term'])}"


WRITERS: Final = {
    "append_entries": write_append_entries,
    "next_node_idx": write_next_index,
    "request_vote": write_request_vote,
    "response_vote": write_response_vote,
    "apply_command": write_apply_command,
    "apply_command_response": write_apply_command_response,
}
CONTENTS: Final = ("entries", "data", "serialized", "command")
"""The parts that the words leave out."""
