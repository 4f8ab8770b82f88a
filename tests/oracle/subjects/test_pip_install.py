"""Tests of versions that pip installs: by name, version and hash, wherever one stands."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from oracle.subjects import pip_install
from oracle.subjects.pip_install import BUILDS_WITH, install, pinned
from oracle.subjects.pysyncobj.install import HASHES
from oracle.subjects.raftos.library import HASHES as RAFTOS_HASHES
from oracle.subjects.raftos.library import NEEDED

VERSION = "0.3.11"


@pytest.mark.parametrize(
    ("wanted", "hashes"),
    [
        ("pysyncobj==0.3.11", HASHES),
        ("raftos==0.2.6", RAFTOS_HASHES),
        (NEEDED, RAFTOS_HASHES),
        (BUILDS_WITH, HASHES),
        (BUILDS_WITH, RAFTOS_HASHES),
    ],
)
def test_what_is_installed_by_default_has_a_hash(wanted: str, hashes: Path) -> None:
    """So that a registry, or who stands between, cannot put something else in its place."""
    (line,) = pinned([wanted], hashes)
    assert line.startswith(f"{wanted} ")
    assert "--hash=sha256:" in line


def test_what_is_not_listed_stays_as_it_is() -> None:
    """A version of tomorrow has no hash yet."""
    assert pinned(["pysyncobj==99.0"], HASHES) == ["pysyncobj==99.0\n"]


def test_what_is_needed_keeps_its_hash_beside_a_version_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what the user has named comes by the user's word."""
    asked: list[list[str]] = []

    def run_pip(version: str, fresh: Path, package: str, words: Sequence[str], *_: Path) -> None:
        fresh.mkdir(exist_ok=True)
        named = [each for each in words if not each.startswith("-")]
        files = [Path(each).read_text() for each in named if each.endswith(".txt")]
        asked.append(files or named)

    monkeypatch.setattr(pip_install, "run_pip", run_pip)
    install("99.0", tmp_path / "target", "raftos", RAFTOS_HASHES, NEEDED)
    tools, (needed,), named = asked
    assert tools == pinned([BUILDS_WITH], RAFTOS_HASHES)
    assert [needed] == pinned([NEEDED], RAFTOS_HASHES)
    assert named == ["raftos==99.0"]


@pytest.mark.needs("pypi")
def test_other_content_is_refused(tmp_path: Path) -> None:
    """One digit of the hash is another, and nothing is installed."""
    hashes = tmp_path / "hashes.txt"
    builds = "".join(pinned([BUILDS_WITH], HASHES))
    hashes.write_text(f"pysyncobj=={VERSION} --hash=sha256:{'0' * 64}\n{builds}")
    with pytest.raises(ValueError, match="DO NOT MATCH THE HASHES"):
        install(VERSION, tmp_path / "target", "pysyncobj", hashes)
    assert not (tmp_path / "target").exists()


@pytest.mark.needs("pypi")
def test_pip_of_the_folder_one_stands_in_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder called pip, as one may lie in a repository from elsewhere."""
    for name in ("pip/__init__.py", "pip/__main__.py", "sitecustomize.py"):
        planted = tmp_path / "stands" / name
        planted.parent.mkdir(parents=True, exist_ok=True)
        planted.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path / "stands")
    install(VERSION, tmp_path / "target", "pysyncobj", HASHES)
    assert (tmp_path / "target/pysyncobj/transport.py").is_file()
    assert not (tmp_path / "ran").exists()
