"""A lab's parts are called as its own files call them."""

from pathlib import Path

import pytest

from oracle.unmodified.part_names import number_of_lab


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"test_test.go": "func TestBasicAgree2B(t *testing.T) {"}, "2"),
        ({"raft.go": "// (3A, 3B, 3C)", "test_test.go": "func TestPersist3C("}, "3"),
        ({"raft.go": "// Your code here (2A, 2B).", "test_test.go": "3A 3B 3C 3D"}, "3"),
        ({"raft.go": "package raft // 0x2Dead"}, "3"),
        ({"notes.txt": "2A 2B 2C"}, "3"),
        ({}, "3"),
    ],
)
def test_number_is_the_one_that_is_named_most(
    texts: dict[str, str], expected: str, tmp_path: Path
) -> None:
    """Go files alone count, and a lab that names no part gets today's number."""
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    assert number_of_lab(tmp_path) == expected
