"""What a hunt that finds nothing says of what it could not find."""

from pathlib import Path

from tests.oracle.command import raft_oracle

CHANGE = """
from raft_oracle import ReferenceFactory, with_replaced

FACTORY = ReferenceFactory(
    with_replaced("raft_core.prevote.would_be_elected", lambda state: False)
)
"""


def test_what_is_replaced_in_a_feature_that_is_off_is_told(tmp_path: Path) -> None:
    """Nothing found means nothing there; with the feature, the mistake is."""
    (tmp_path / "change.py").write_text(CHANGE)
    found = raft_oracle(tmp_path, "hunt", "change.py", "--steps", "200", "--workers", "1")
    assert found.code == 0
    said = " ".join(found.out.split())
    name = "raft_core.prevote.would_be_elected"
    assert f"Not in use: {name}, whose feature is off; it takes --set pre_vote=on" in said
    words = ("--set", "pre_vote=on", "--steps", "9000", "--workers", "1")
    found = raft_oracle(tmp_path, "hunt", "change.py", *words)
    assert found.code == 1
    assert "Progress violated" in found.out
