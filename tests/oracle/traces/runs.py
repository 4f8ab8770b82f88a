"""Runs of the reference and of its mutants, as traces, with the step at which a mutant errs."""

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from model.drivers.walker import walk
from model.mutants import MUTANTS
from model.reference.cluster import ReferenceFactory
from model.reference.variant import REFERENCE
from model.runs.execution import Execution
from model.runs.run import recording
from model.setup import Setup
from model.world.macro_actions import Cluster
from oracle.pictures.traced import Drawing
from oracle.traces.events.export import encoded, exporter_of
from oracle.traces.evidence import evidence_of
from oracle.traces.verdict import Options, Verdict

ALL_FEATURES = {"features": "on"}
"""Crashes inside a step and disks that refuse writes are among them."""
WHOLE_STEPS = {**ALL_FEATURES, "disk_faults": "off"}


@frozen
class Traced:
    """A run as lines; `steps` says of each line in which step it was written.

    `first_wrong` is the first step in which the mutant did what the reference would not have done.
    """

    lines: tuple[bytes, ...]
    steps: tuple[int, ...]
    first_wrong: int | None


def traced(
    number: int, servers: int = 3, settings: Mapping[str, str] | None = None, mutant: str = ""
) -> Traced:
    """The run of this number from seed 0."""
    protocol, is_turns = REFERENCE, False
    for each in MUTANTS:
        if each.name == mutant:
            protocol, is_turns = each.protocol(), each.turns
            servers, settings = each.servers, dict(each.settings)
    factory = ReferenceFactory(protocol)
    setup = Setup(factory=factory, servers=servers, network="any", settings=dict(settings or {}))
    cluster = setup.cluster()
    cluster.reset()
    first = tuple(cluster.views)
    wrong = watched(cluster)
    with recording(cluster) as records:
        walk(cluster, 0, number, is_turns)
    exporter = exporter_of(cluster)
    lines = list(exporter.lines(first, ()))
    steps = [-1] * len(lines)
    for step, record in enumerate(records):
        told = [encoded(line) for line in exporter.lines_of(record)]
        lines += told
        steps += [step] * len(told)
    return Traced(tuple(lines), tuple(steps), wrong[0] if wrong else None)


def watched(cluster: Cluster) -> list[int]:
    """The steps in which a cluster's servers do other than the reference, as they come."""
    subject: Any = cluster.subject
    own_step, wrong = subject._step, list[int]()

    def step(before: Any, event: Any) -> Any:
        outcome = own_step(before, event)
        if outcome != REFERENCE.step(before, event):
            wrong.append(cluster.micro_steps)
        return outcome

    subject._step = step
    return wrong


def drawn(name: str, lines: Iterable[bytes], verdict: Verdict) -> Execution:
    """The end of a rejected trace, as check-trace draws it."""
    drawing = Drawing(verdict)
    evidence_of({name: lines}, Options(), verdict, drawing.look)
    return drawing.execution(name)
