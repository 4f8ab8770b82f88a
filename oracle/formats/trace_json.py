"""A trace as one JSON document, for programs: every step, its message, and the server after it."""

import msgspec

from model.runs.render import responses
from model.runs.run import Run
from model.schedule import SavedSchedule, dump_action
from model.subject import Subject
from properties.view import UNOBSERVED, View


def trace_json(subject: Subject, outcome: Run, saved: SavedSchedule) -> bytes:
    """The trace for programs: every micro action, its message, and the server after it."""
    steps = [
        {
            "step": number,
            **dump_action(record.happening.action),
            "message": record.happening.packet and subject.describe(record.happening.packet),
            "after": (
                record.server is not None
                and record.after is not None
                and {"server": repr(record.server), **dump_view(record.after)}
            )
            or None,
            "crashed": record.crashed,
            "answers": [[each.client, each.number, each.output] for each in responses(record)],
        }
        for number, record in enumerate(outcome.records, start=1)
    ]
    violation = outcome.violation
    document = {
        "format": "raft-oracle trace",
        "version": 1,
        "subject": saved.target.subject.text,
        "subject_version": saved.subject_version,
        "violation": violation
        and {
            "property": violation.property,
            "detail": violation.detail,
            "source": violation.source,
            "servers": [repr(server) for server in violation.servers],
        },
        "steps": steps,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def dump_view(view: View) -> dict[str, object]:
    """A server's state as a JSON object."""
    log, vote = view.log, view.voted_for
    shown = {} if vote is UNOBSERVED else {"voted_for": None if vote is None else repr(vote)}
    return {
        "role": view.role.value,
        "current_term": view.current_term,
        **shown,
        "commit_index": view.commit_index,
        "last_applied": view.last_applied,
        "snapshot_index": log.snapshot_index,
        "log": [[entry.term, str(entry.command)] for entry in log.entries],
        "configuration": None if log.membership is None else str(log.membership),
    }
