"""Go is found in the one version that is patched, or it is said in one line what to do."""

import os
import sys
from pathlib import Path

import pytest

from oracle.processes.user_cache import CACHE_VARIABLE, link_in_place
from oracle.terminal.usage import UsageError
from oracle.unmodified.toolchain import DISTURBING, VERSION, find, first_complaints, overlayable
from tests.require import needs

ANSWER = """{"GOVERSION": "%s", "GOROOT": "/opt/go", "GOMODCACHE": "/home/modules",
"GOPATH": "/home/one:/home/two", "GOHOSTOS": "linux", "GOHOSTARCH": "arm64"}"""


def fake_go(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let the only program on the PATH be a `go` that is this script."""
    program = folder / "go"
    program.write_text(f"#!{sys.executable}\nimport os, sys\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def saying(version: str) -> str:
    """A script that answers `go env` as a Go of this version does."""
    return f"print({ANSWER % version!r})"


@pytest.mark.parametrize("version", [VERSION, f"{VERSION} X:none", f"{VERSION}-maker3"])
def test_the_pinned_version_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Whatever its maker adds to its name."""
    fake_go(tmp_path, monkeypatch, saying(version))
    found = find()
    assert (found.program, str(found.root)) == ("/opt/go/bin/go", "/opt/go")
    assert [str(each) for each in found.search_path] == ["/home/one", "/home/two"]
    assert found.system == "linux/arm64"


def test_go_is_asked_for_the_pinned_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Go that can fetch another version does so because GOTOOLCHAIN says so."""
    fake_go(tmp_path, monkeypatch, f"print({ANSWER!r} % os.environ['GOTOOLCHAIN'])")
    monkeypatch.setenv("GOTOOLCHAIN", "local")
    assert find().environment()["GOTOOLCHAIN"] == "local"


def test_no_go_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says where to get one."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        UsageError, match=r"^go: found none on the PATH, expected Go 1\.21 or newer"
    ):
        find()


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("go1.20.14", r"found go1\.20\.14 .*, expected Go 1\.21 or newer, which fetches go1"),
        ("go1.9", r"found go1\.9 "),
        ("", r"found a Go that does not say which "),
        ("go1.22.2", r"found go1\.22\.2 .*, which does not fetch go1.*from a module proxy"),
    ],
)
def test_a_go_that_is_too_old_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, said: str
) -> None:
    """So is one that is new enough, and is made to fetch nothing."""
    fake_go(tmp_path, monkeypatch, saying(version))
    with pytest.raises(UsageError, match=said):
        find()


def test_a_version_that_cannot_be_fetched_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Go says of it, and what to do."""
    fake_go(
        tmp_path,
        monkeypatch,
        "sys.exit('go: downloading go1\\ngo: download go1: no such host\\n')",
    )
    with pytest.raises(UsageError) as refused:
        find()
    said = str(refused.value)
    assert "env failed:" in said
    assert f"no such host; expected {VERSION}, from a module proxy" in said
    assert "\n" not in said


@needs("go")
def test_variables_of_the_user_do_not_disturb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor what they would do to a build."""
    for name in DISTURBING:
        monkeypatch.setenv(name, "nonsense")
    toolchain = find()
    made = toolchain.environment(GO111MODULE="off")
    assert "nonsense" not in made.values()
    assert made["GO111MODULE"] == "off"
    assert toolchain.run(Path(os.sep), made, "env", "GOFLAGS", "GOWORK").split() == [
        "-buildvcs=false",
        "off",
    ]


@needs("go")
def test_what_go_has_stored_does_not_disturb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`go env -w` writes a file, which counts wherever a variable is not set or is empty."""
    stored = tmp_path / "env"
    names = ("GOFLAGS", "GOWORK", "GO111MODULE", "CGO_ENABLED", "GOFIPS140", "GOAMD64", "GOARM64")
    stored.write_text("".join(f"{name}=nonsense\n" for name in names))
    monkeypatch.setenv("GOENV", str(stored))
    toolchain = find()
    assert "nonsense" not in toolchain.run(Path(os.sep), toolchain.environment(), "env", *names)


def test_a_fetched_version_gets_a_name_outside_of_the_module_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Go refuses overlays of files in there; a GOROOT elsewhere is left as it is."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    modules = tmp_path / "modules"
    fetched = modules / "golang.org" / "toolchain"
    fetched.mkdir(parents=True)
    link = overlayable(fetched, modules)
    assert link == overlayable(fetched, modules)
    assert not link.is_relative_to(modules)
    assert link.resolve() == fetched
    assert overlayable(tmp_path, modules) == tmp_path


def test_a_link_that_leads_elsewhere_is_set_right(tmp_path: Path) -> None:
    """Whatever was there is replaced, and nothing is left beside it."""
    link = tmp_path / "folder" / "link"
    for target in ("one", "two", "two"):
        link_in_place(link, tmp_path / target)
        assert link.readlink() == tmp_path / target
    assert list(link.parent.iterdir()) == [link]


def test_what_go_does_is_not_what_is_wrong() -> None:
    """Its first complaints are; the rest follows from them."""
    said = (
        "go: downloading x\n# 6.5840/raft\nraft.go:1:2: a\n\n b\nraft.go:3:1: c\nraft.go:4:1: d\n"
    )
    assert first_complaints(said) == "raft.go:1:2: a; b; raft.go:3:1: c"
