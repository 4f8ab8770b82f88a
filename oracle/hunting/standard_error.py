"""What an adapter wrote to standard error before it failed, as part of a finding."""

from typing import Final

from attrs import evolve

from model.failures import SUBJECT_FAILED
from model.world.macro_actions import Cluster
from oracle.adapter.subject import AdapterSubject
from oracle.hunting.findings import Artefacts
from oracle.processes.last_words import own_part
from oracle.store.result_folder import STANDARD_ERROR
from properties.property import Violation

LINES: Final = 20
"""Lines of standard error that are shown: the last ones."""


def with_standard_error(artefacts: Artefacts, cluster: Cluster) -> Artefacts:
    """The artefacts of an adapter's failure, with the end of what it wrote to standard error."""
    errors = errors_of(cluster, artefacts.violation)
    if not errors:
        return artefacts
    return evolve(artefacts, files={**artefacts.files, STANDARD_ERROR: errors})


def errors_of(cluster: Cluster, violation: Violation | None) -> bytes:
    """What an adapter that failed had written to standard error."""
    failed = violation is not None and violation.property == SUBJECT_FAILED
    subject = cluster.subject
    return subject.standard_error if failed and isinstance(subject, AdapterSubject) else b""


def text_of_errors(cluster: Cluster, violation: Violation | None) -> str:
    """The last lines of standard error of an adapter that failed, to follow a trace."""
    called = cluster.subject.called if isinstance(cluster.subject, AdapterSubject) else ""
    return last_lines(errors_of(cluster, violation), called)


def last_lines(errors: bytes, called: str = "") -> str:
    """The last lines of standard error, with a heading; nothing where there are none.

    Of a Raft that is hunted as it is, and is no adapter but `called` so, the first ones are shown
    from the cause on: what its own code did. All of it is in stderr.txt.
    """
    text = errors.decode(errors="replace")
    lines = (own_part(text) if called else text).expandtabs(4).rstrip().splitlines()
    if not lines:
        return ""
    lines = lines[:LINES] if called else lines[-LINES:]
    printable = ["".join(each if each.isprintable() else "?" for each in line) for line in lines]
    heading = f"Where {called} ended:" if called else "The adapter's standard error ends:"
    return "\n".join(["", heading, *printable, ""]) + "\n"
