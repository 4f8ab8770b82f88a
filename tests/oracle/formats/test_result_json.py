"""Tests of results for programs: the forms, and what nobody can smuggle into them."""

from xml.etree import ElementTree

import msgspec
import pytest

from oracle.commands.schema import result_schema
from oracle.formats.result_json import (
    Bisected,
    Case,
    Result,
    annotations,
    decode_result,
    junit,
    printed,
)
from tests.oracle.command import ROOT
from tests.oracle.formats.junit import faults
from tests.oracle.pictures.drawn import HOSTILE

RESULT = Result(
    command="hunt",
    subject="mine",
    exit_code=1,
    sentence="VoteOnce violated.",
    cases=(
        Case(
            name="VoteOnce",
            outcome="broken",
            detail="S1 voted twice.",
            source="Figure 2",
            severity="unsafe",
            steps=3,
            folder="found",
        ),
        Case(name="LogMatching", outcome="held"),
        Case(name="Linearizable", outcome="not checked", detail="not observed: clients"),
    ),
    runs=2,
    steps=20,
    seed=0,
    reached=("leader elected",),
    not_reached=("entry committed",),
    drawn={"3 servers": 64},
    bisected=Bisected(
        versions=("1.0", "1.1", "1.2"),
        property="VoteOnce",
        broken_since="1.2",
        mended_in=None,
        last_before="1.0",
        not_tried_between=("1.1",),
    ),
)


def test_json_is_read_as_it_was_printed() -> None:
    """And a field that is not known is refused."""
    assert decode_result(printed(RESULT)) == RESULT
    with pytest.raises(msgspec.ValidationError):
        decode_result(printed(RESULT).replace('"seed"', '"sead"'))


def test_schema_that_is_stored_is_the_one_that_is_made() -> None:
    """`raft-oracle schema result > oracle/schemas/result-v1.json`."""
    assert (ROOT / "oracle/schemas/result-v1.json").read_text("utf-8") == result_schema()


def test_junit_has_a_case_for_each_thing_with_counts_that_fit() -> None:
    """A failure where it is broken, and skipped where it was not checked."""
    root = ElementTree.fromstring(junit(RESULT))
    assert root.tag == "testsuites"
    suite = root[0]
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "3", "failures": "1", "errors": "0", "skipped": "1"}
    kinds = [[inside.tag for inside in case] for case in suite]
    assert kinds == [["failure"], [], ["skipped"]]
    assert suite[0][0].get("message") == "S1 voted twice."


def test_junit_keeps_to_its_published_rules() -> None:
    """Those that Jenkins publishes; a document that does not is seen."""
    document = junit(RESULT)
    assert faults(document) == []
    wrong = document.replace(b' classname="', b' class="', 1).replace(
        b'failures="1"', b'failures="2"'
    )
    assert faults(wrong) == [
        "failures is 2, not 1",
        "failures is 2, not 1",
        "testcase has no classname",
        "testcase has class",
    ]


def test_every_field_is_written_and_read() -> None:
    """The schema has them all: one that is added without a test of its value is seen here."""
    written = msgspec.json.decode(printed(RESULT))
    assert set(written) == set(Result.__struct_fields__)
    assert set(written["cases"][0]) == set(Case.__struct_fields__)
    assert written["cases"][0] == {
        "name": "VoteOnce",
        "outcome": "broken",
        "detail": "S1 voted twice.",
        "source": "Figure 2",
        "severity": "unsafe",
        "steps": 3,
        "folder": "found",
    }
    del written["cases"]
    assert written == {
        "format": "raft-oracle result",
        "version": 1,
        "command": "hunt",
        "subject": "mine",
        "exit_code": 1,
        "sentence": "VoteOnce violated.",
        "runs": 2,
        "steps": 20,
        "seed": 0,
        "reached": ["leader elected"],
        "not_reached": ["entry committed"],
        "drawn": {"3 servers": 64},
        "bisected": {
            "versions": ["1.0", "1.1", "1.2"],
            "property": "VoteOnce",
            "broken_since": "1.2",
            "mended_in": None,
            "last_before": "1.0",
            "not_tried_between": ["1.1"],
        },
    }
    one_version = msgspec.structs.replace(RESULT, bisected=msgspec.UNSET)
    assert "bisected" not in printed(one_version)


def test_annotation_is_one_line_for_each_thing_that_is_broken() -> None:
    """In the words of GitHub's workflow commands."""
    assert annotations(RESULT) == "::error title=VoteOnce::S1 voted twice.\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    """No command of GitHub's begins in it, XML stays whole, JSON comes back as it was."""
    case = Case(name=f"{text}::error::", outcome="broken", detail=f"x\n::stop::{text}", folder=text)
    result = msgspec.structs.replace(RESULT, subject=text, cases=(case,))
    assert decode_result(printed(result)) == result
    assert annotations(result).count("\n") == 1
    assert annotations(result).isprintable() or annotations(result).strip().isprintable()
    assert faults(junit(result)) == []
    assert len(ElementTree.fromstring(junit(result))[0]) == 1
