"""The standard library is patched in a copy, exactly where the patches say, or not at all."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from oracle.processes.user_cache import CACHE_VARIABLE, cache_directory
from oracle.terminal.usage import UsageError
from oracle.unmodified.overlay import SOURCES, Overlay, read_patches, standard_library
from oracle.unmodified.toolchain import VERSION, Toolchain, find
from tests.require import needs

ONE_PATCH = """
[[patch]]
file = "runtime/a.go"
why = "to see it"
old = '''
old
'''
new = '''
new
'''
"""
AND_ANOTHER = """
[[patch]]
file = "runtime/a.go"
why = "to see that it is changed where the first has changed it"
old = "new"
new = "newer"
"""
BEFORE = "before\nold\nafter\n"
Prepare = Callable[..., tuple[Toolchain, Path]]
Make = Callable[..., Overlay]


@pytest.fixture
def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prepare:
    """Prepares a standard library of one file, and patches for it."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    (tmp_path / "go/src/runtime").mkdir(parents=True)
    for folder in ("patches", "bubble", "adapter"):
        (tmp_path / "sources" / folder).mkdir(parents=True)
    (tmp_path / "sources/bubble/bubble.go").write_text("package bubble\n")
    (tmp_path / "sources/bubble/bubble_test.go").write_text("package bubble\n")

    def prepared(patches: str, text: str = BEFORE) -> tuple[Toolchain, Path]:
        (tmp_path / "go/src/runtime/a.go").write_text(text)
        path = tmp_path / f"sources/patches/{VERSION}.toml"
        path.write_text(f'go = "{VERSION}"\n{patches}')
        toolchain = Toolchain(
            program="go", root=tmp_path / "go", search_path=(), system="linux/amd64"
        )
        return toolchain, tmp_path / "sources"

    return prepared


@pytest.fixture
def make(prepare: Prepare) -> Make:
    """Makes the overlay of what is prepared so."""
    return lambda *arguments: standard_library(*prepare(*arguments))


def test_files_are_patched_in_copies(make: Make, tmp_path: Path) -> None:
    """One patch after the other; our packages become part of the standard library."""
    replaced = make(ONE_PATCH + AND_ANOTHER).replaced
    assert set(replaced) == {
        f"{tmp_path}/go/src/runtime/a.go",
        f"{tmp_path}/go/src/raftoracle/bubble/bubble.go",
    }
    copy = Path(replaced[f"{tmp_path}/go/src/runtime/a.go"])
    assert copy.read_text() == "before\nnewer\nafter\n"
    assert (tmp_path / "go/src/runtime/a.go").read_text() == "before\nold\nafter\n"


def test_equal_patches_give_equal_paths(make: Make) -> None:
    """So that Go takes from its cache what it has built; other patches give other ones."""
    first = make(ONE_PATCH)
    assert make(ONE_PATCH) == first
    other = make(ONE_PATCH + AND_ANOTHER)
    assert other.digest != first.digest
    assert set(other.replaced.values()) != set(first.replaced.values())


def test_another_source_of_ours_is_another_overlay(make: Make, tmp_path: Path) -> None:
    """What is built with it is built anew."""
    first = make(ONE_PATCH)
    (tmp_path / "sources/bubble/bubble.go").write_text("package bubble // changed\n")
    assert make(ONE_PATCH).digest != first.digest


def test_many_may_patch_at_once(prepare: Prepare) -> None:
    """All of them get the same, and nothing is left beside it."""
    made = prepare(ONE_PATCH)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: standard_library(*made), range(8)))
    assert all(each == found[0] for each in found)
    assert len(list((cache_directory() / "unmodified").iterdir())) == 1


@pytest.mark.parametrize("text", ["before\nafter\n", "old\nold\n"])
def test_a_text_that_is_not_there_once_is_one_line(make: Make, text: str) -> None:
    """It names the file and the text; nothing is half patched."""
    with pytest.raises(UsageError) as refused:
        make(ONE_PATCH, text)
    said = str(refused.value)
    assert f"found 'old' {text.count('old')} times in " in said
    assert f"runtime/a.go, expected it once: this is not the standard library of {VERSION}" in said
    assert not (cache_directory() / "unmodified").exists()


@pytest.mark.parametrize(
    ("patches", "said"),
    [
        ("[[patch]]\nfile = 'runtime/a.go'", "missing required field"),
        ("nonsense", "TOML|Expected"),
        (
            ONE_PATCH.replace("a.go", "b.go"),
            "b.go: No such file or directory, expected",
        ),
    ],
)
def test_patches_that_make_no_sense_are_one_line(make: Make, patches: str, said: str) -> None:
    """They are part of the project, which may be installed in part."""
    with pytest.raises(UsageError, match=said):
        make(patches)


def test_patches_of_another_version_are_refused(tmp_path: Path) -> None:
    """Their texts may well be found, and do something else."""
    path = tmp_path / "patches.toml"
    path.write_text('go = "go1.25.0"\npatch = []')
    with pytest.raises(UsageError, match=r"go: found 'go1\.25\.0', expected 'go1"):
        read_patches(path)


def test_an_overlay_is_written_as_go_reads_it(tmp_path: Path) -> None:
    """Files may be added to it."""
    overlay = Overlay({"/a": "/b"}, "digest").with_files({Path("/c"): Path("/d")})
    overlay.write(tmp_path / "overlay.json")
    assert json.loads((tmp_path / "overlay.json").read_text()) == {
        "Replace": {"/a": "/b", "/c": "/d"}
    }


@needs("go")
def test_the_patches_fit_the_toolchain() -> None:
    """Every text stands in the standard library once, and every patch says why."""
    overlay = standard_library(find())
    assert all(Path(each).is_file() for each in overlay.replaced.values())
    assert all(
        each.why.endswith(".") for each in read_patches(SOURCES / f"patches/{VERSION}.toml").patches
    )
