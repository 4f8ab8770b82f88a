"""A library is built from its author's checkout, copied, and named by what it holds."""

import os
from pathlib import Path

import pytest

from oracle.bridging.build import use_library
from oracle.bridging.description import BridgeError, Library, find_bridge
from oracle.bridging.own_source import copied, digest_of_source, library_in, source_in

CRATE = Library(ecosystem="cargo", name="raft")
MODULE = Library(ecosystem="go", name="go.etcd.io/raft/v3")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A workspace with a crate and a module, and with what no build needs."""
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["crates/raft"]\n',
        "crates/other/Cargo.toml": "not = TOML",
        "crates/raft/Cargo.toml": '[package]\nname = "raft"\nversion = "1.0.0"\n',
        "crates/raft/src/lib.rs": "pub mod raft;\n",
        "go.mod": '// a comment\nmodule "go.etcd.io/raft/v3"\n',
        "raft.go": "package raft\n",
        ".git/go.mod": "module go.etcd.io/raft/v3\n",
        "target/junk": "junk",
        "raft-oracle-known/vote.json": "{}",
        "venv/pyvenv.cfg": "home = /usr/bin\n",
    }
    for name, text in files.items():
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    links = {"nowhere": "nothing", "itself": ".", "outside": "/", "endless": "/dev/zero"}
    for name, target in (links | {"crate": "crates/raft"}).items():
        (tmp_path / "checkout" / name).symlink_to(target)
    os.mkfifo(tmp_path / "checkout/pipe")
    return tmp_path / "checkout"


def test_a_library_is_found_in_its_checkout(checkout: Path) -> None:
    """In a folder of a workspace as well; never in what git keeps."""
    assert library_in(CRATE, checkout) == checkout / "crates/raft"
    assert library_in(MODULE, checkout) == checkout
    (checkout / "go.mod").write_text("module example.org/other\n")
    with pytest.raises(BridgeError, match=r"source: found no go.mod of go.etcd.io/raft/v3 in"):
        library_in(MODULE, checkout)


def test_what_is_built_is_named_by_what_the_checkout_holds(checkout: Path) -> None:
    """Git, built files and findings change nothing; a source does, and the time does not."""
    before = digest_of_source(checkout)
    (checkout / "found/VoteOnce").mkdir(parents=True)
    (checkout / "found/VoteOnce/test_regression.py").write_text("def test_it() -> None: ...\n")
    for name in (".git/HEAD", "target/junk", "raft-oracle-known/other.json"):
        (checkout / name).write_text("other")
    (checkout / "raft.go").touch()
    assert digest_of_source(checkout) == before
    (checkout / "raft.go").write_text("package raft // other\n")
    assert (changed := digest_of_source(checkout)) != before
    (checkout / "crate").unlink()
    (checkout / "crate").symlink_to("crates/other")
    assert digest_of_source(checkout) != changed
    changed = digest_of_source(checkout)
    (checkout / os.fsdecode(b"caf\xe9.txt")).write_text("a name that is no UTF-8")
    assert digest_of_source(checkout) != changed


def test_a_copy_is_built(checkout: Path, tmp_path: Path) -> None:
    """With all of its workspace, and nothing that no build needs; the bridge is told where.

    Links are followed neither to where they are themselves, nor out of the checkout.
    """
    bridge = find_bridge("raft-rs")
    library = copied(bridge, checkout, tmp_path / "copy")
    assert library == tmp_path / "copy/crates/raft"
    assert {each.name for each in (tmp_path / "copy").iterdir()} == {
        *("Cargo.toml", "crate", "crates", "go.mod", "itself", "raft.go")
    }
    assert (tmp_path / "copy/crate").resolve() == library
    (tmp_path / "Cargo.toml").write_text("[package]\n")
    use_library(CRATE, tmp_path, library, is_whole=True)
    assert f'[patch.crates-io]\nraft.path = "{library}"' in (tmp_path / "Cargo.toml").read_text()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"source": "/nowhere"}, "found no folder '/nowhere', expected one with the library"),
        ({"source": ""}, "found no folder '', expected one with the library"),
        ({"source": "/", "version": "1.7.3"}, "found version beside it, expected one of them"),
    ],
)
def test_other_folders_are_one_line(settings: dict[str, str], said: str) -> None:
    """It says what was found, and what was expected."""
    with pytest.raises(BridgeError, match=said):
        source_in("hashicorp-raft", settings)
    assert source_in("hashicorp-raft", {}) is None
    assert source_in("libraft", settings) is None
