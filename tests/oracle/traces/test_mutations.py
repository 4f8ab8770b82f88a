"""The mutation study of docs/traces.md: at least 165 of 200 changes are rejected, as it says."""

import pytest

from oracle.traces.lines import lines_of
from tests.oracle.traces.mutations import TRACES, study, table
from tests.sources import ROOT

PAGE = ROOT / "docs" / "traces.md"


@pytest.mark.parametrize("name", ["joint", "restarts"])
def test_most_changes_of_a_real_trace_are_rejected(name: str) -> None:
    """The table of the page is what the study gives today, reasons and all."""
    lines = tuple(lines_of(TRACES / f"etcd-raft-3.7.0-{name}.ndjson.gz"))
    results = study(lines)
    assert sum(bool(each.rule) for each in results) >= 165
    told = PAGE.read_text().splitlines()
    assert [line for line in table(results).splitlines() if line not in told] == []
