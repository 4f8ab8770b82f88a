"""The report on labs as test cases."""

from oracle.commands.lab_result import result_of
from oracle.formats.lab_json import LabFinding, LabPart, LabReport, LabsReport
from oracle.formats.result_json import Case, junit
from tests.oracle.formats.junit import faults

FINDING = LabFinding(
    property="LogMatching",
    severity="unsafe",
    detail="S1 and S2 differ.",
    steps=9,
    folder="out/3B",
    seen_in=None,
)
PARTS = (
    LabPart(part="3A", outcome="held", runs=2, steps=30),
    LabPart(part="3B", outcome="broken", runs=1, steps=9, findings=(FINDING,)),
    LabPart(part="3C", outcome="inconclusive", note="no leader was elected"),
    LabPart(part="3D", outcome="not begun"),
)


def test_each_part_and_each_finding_is_a_case() -> None:
    """What could not be judged is skipped, and says why."""
    lab = LabReport(directory="mine", outcome="broken", parts=PARTS)
    result = result_of(LabsReport(seed=4, exit_code=1, labs=(lab,)))
    assert result.cases == (
        Case(name="3A", outcome="held"),
        Case(
            name="3B LogMatching",
            outcome="broken",
            detail="S1 and S2 differ.",
            severity="unsafe",
            steps=9,
            folder="out/3B",
        ),
        Case(name="3C", outcome="not checked", detail="inconclusive: no leader was elected"),
        Case(name="3D", outcome="not checked", detail="not begun"),
    )
    assert (result.runs, result.steps, result.seed, result.exit_code) == (3, 39, 4, 1)
    assert faults(junit(result)) == []


def test_names_tell_labs_apart() -> None:
    """One that cannot be built is a case of its own."""
    labs = (
        LabReport(directory="one", outcome="held", parts=PARTS[:1]),
        LabReport(directory="two", outcome="refused", error="does not compile"),
    )
    result = result_of(LabsReport(seed=0, exit_code=2, labs=labs))
    assert [(each.name, each.detail) for each in result.cases] == [
        ("one 3A", ""),
        ("two lab", "does not compile"),
    ]
    assert result.sentence == "one: held; two: refused"
