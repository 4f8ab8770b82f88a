"""What `raft-oracle explore` is asked to explore, by its words: a name, or a file of the user's."""

import os
from pathlib import Path
from typing import Final

from attrs import field, frozen

from model.reference.variant import Protocol
from model.target import NamedSubject, Reference, UserFile
from oracle.subjects.naming import file_and_name, is_python_file
from oracle.subjects.own_system import OwnSystem, load_model
from oracle.terminal.choices import not_found
from oracle.terminal.usage import UsageError

RAFT: Final = "raft"
RAFT_TLA: Final = "raft.tla"
NAMES: Final = (RAFT, Reference.text, RAFT_TLA)
EXPECTED: Final = f"expected {', '.join(NAMES)}, or a file MODEL.py[:NAME]"


@frozen
class NamedModel:
    """The model that the command line names: the reference, if nothing else is said."""

    subject: NamedSubject = field(factory=Reference)
    """What a counterexample is replayed on, where it is a cluster."""
    protocol: Protocol | None = None
    """A protocol of the user's own."""
    system: OwnSystem | None = None
    """A system of the user's own."""
    is_tla: bool = False
    """Whether it is Ongaro's specification."""


def read_model(argument: str | None, option: str | None) -> NamedModel:
    """What the argument names, or the option --model, which mean the same."""
    if argument is not None and option is not None:
        raise UsageError(f"model: found {argument!r} beside --model {option}, expected one of them")
    text = argument or option or RAFT
    if text in NAMES:
        return NamedModel(is_tla=text == RAFT_TLA)
    if not is_python_file(text):
        raise UsageError(f"model: {not_found(text, NAMES)}, {EXPECTED}")
    subject = UserFile(*file_and_name(text))
    found = load_model(Path(os.path.abspath(subject.path)), subject.attribute, text)
    if isinstance(found, OwnSystem):
        return NamedModel(system=found)
    return NamedModel(subject=subject, protocol=found)
