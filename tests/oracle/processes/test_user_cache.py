"""Tests of the cache, from which programs are run: it is ours alone."""

import os
from pathlib import Path

import pytest

from oracle.processes.user_cache import CACHE_VARIABLE, cache_directory
from oracle.store.trusted import STATE_VARIABLE, file_of_subjects, is_remembered, remember
from oracle.terminal.usage import UsageError


def test_others_cannot_write_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither to a new one, nor to one that was made with a careless mask."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "new"))
    assert cache_directory().stat().st_mode & 0o777 == 0o700
    (tmp_path / "old/raft-oracle").mkdir(parents=True)
    (tmp_path / "old/raft-oracle").chmod(0o777)
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "old"))
    assert cache_directory().stat().st_mode & 0o777 == 0o700


def test_a_cache_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that another user has made in a folder that all may write to."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    cache_directory()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(UsageError, match="belongs to another user"):
        cache_directory()


def test_a_place_that_cannot_be_made_is_for_its_user_to_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever needs the cache says what it was needed for."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file"))
    assert cache_directory() == tmp_path / "file/raft-oracle"


@pytest.mark.parametrize("named", ["cache", "./cache", ""])
def test_no_folder_that_one_stands_in_is_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """A relative name would let whoever made that folder have programs run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for variable in (CACHE_VARIABLE, STATE_VARIABLE):
        monkeypatch.setenv(variable, named)
    assert cache_directory() == tmp_path / "home/.cache/raft-oracle"
    assert file_of_subjects() == tmp_path / "home/.local/state/raft-oracle/subjects"


def test_without_a_home_nothing_is_cached_or_trusted_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative HOME, or a user of a container that has none, would name the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "home")
    for variable in (CACHE_VARIABLE, STATE_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(UsageError, match="HOME: found 'home', expected an absolute path, or"):
        cache_directory()
    remember("one")
    assert not is_remembered("one")
    assert list(tmp_path.iterdir()) == []
