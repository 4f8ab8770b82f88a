"""What is opened is opened in the user's own browser."""

import os
from pathlib import Path

import pytest

from oracle.processes.browser import open_in_browser


@pytest.mark.parametrize("path", [".", f".{os.pathsep}/nowhere"])
def test_no_program_where_one_stands_is_taken_for_a_browser(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PATH may name that folder, which may be a stranger's, and so may one that is empty."""
    for name in ("xdg-open", "xdg-settings", "www-browser", "w3m", "firefox"):
        (tmp_path / name).write_text(f"#!/bin/sh\n: > {tmp_path}/ran\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.delenv("BROWSER", raising=False)
    monkeypatch.setattr("os.defpath", str(tmp_path / "empty"))
    monkeypatch.setattr("webbrowser._tryorder", None)
    monkeypatch.setattr("webbrowser._browsers", {})
    open_in_browser("http://127.0.0.1:1/")
    assert not (tmp_path / "ran").exists()
    assert os.environ["PATH"] == path
