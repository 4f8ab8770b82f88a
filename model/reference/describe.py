"""Messages of the reference in one line each, in the words of the figures."""

from raft_core import (
    AppendEntries,
    AppendEntriesResponse,
    ConfirmLeadership,
    ConfirmLeadershipResponse,
    InstallSnapshot,
    InstallSnapshotResponse,
    PreVote,
    PreVoteResponse,
    RequestVote,
    RequestVoteResponse,
    TimeoutNow,
)


def describe(message: object) -> str:
    """A message in one line: `AppendEntries t2 prev 3@1 entries 4@2 commit 3`."""
    match message:
        case RequestVote() | PreVote():
            return describe_request(message)
        case RequestVoteResponse() | PreVoteResponse():
            answer = "granted" if message.vote_granted else "refused"
            return f"{type(message).__name__} t{message.term} {answer}"
        case AppendEntries():
            return describe_append_entries(message)
        case AppendEntriesResponse():
            return describe_append_entries_response(message)
        case InstallSnapshot() | InstallSnapshotResponse():
            return describe_snapshot(message)
        case TimeoutNow():
            return f"TimeoutNow t{message.term}"
        case ConfirmLeadership() | ConfirmLeadershipResponse():
            return f"{type(message).__name__} t{message.term} round {message.round}"
        case _:
            return str(message)


def describe_request(message: RequestVote | PreVote) -> str:
    """A request for a vote, with the end of the candidate's log."""
    last = f"{message.last_log_index}@{message.last_log_term}"
    transfer = " by transfer" if isinstance(message, RequestVote) and message.by_transfer else ""
    return f"{type(message).__name__} t{message.term} last {last}{transfer}"


def describe_append_entries(message: AppendEntries) -> str:
    """An AppendEntries with its entries as index@term."""
    prev = f"prev {message.prev_log_index}@{message.prev_log_term}"
    entries = " ".join(
        f"{index}@{entry.term}"
        for index, entry in enumerate(message.entries, start=message.prev_log_index + 1)
    )
    middle = f" entries {entries}" if entries else ""
    return f"AppendEntries t{message.term} {prev}{middle} commit {message.leader_commit}"


def describe_append_entries_response(message: AppendEntriesResponse) -> str:
    """What a follower holds now, or where the leader should go on."""
    if message.success:
        return f"AppendEntriesResponse t{message.term} match {message.match_index}"
    hint = f" from {message.conflict.first_index}" if message.conflict else ""
    return f"AppendEntriesResponse t{message.term} refused{hint}"


def describe_snapshot(message: InstallSnapshot | InstallSnapshotResponse) -> str:
    """A chunk of a snapshot, or the answer to one."""
    if isinstance(message, InstallSnapshotResponse):
        then = "installed" if message.installed else f"from row {message.next_offset}"
        return f"InstallSnapshotResponse t{message.term} to {message.last_included_index} {then}"
    last = f"{message.last_included_index}@{message.last_included_term}"
    rows = f"rows {message.offset}..{message.offset + len(message.rows)}"
    return f"InstallSnapshot t{message.term} to {last} {rows}{' done' if message.done else ''}"
