"""Go finds what a lab imports, wherever the lab keeps it; what is left out is put in its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from oracle.processes.tool import ToolError
from oracle.processes.user_cache import CACHE_VARIABLE
from oracle.terminal.usage import UsageError
from oracle.unmodified.toolchain import Toolchain
from oracle.unmodified.workspace import Workspace, told_in, workspace_of
from tests.oracle.unmodified.toy_labs import LABRPC, module, raft, relative, tree, write_tree

Find = Callable[[Path, str], Workspace]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The user's GOPATH."""
    return tmp_path / "home"


@pytest.fixture
def find(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Find:
    """Finds the workspace of a folder that imports this; Go is not asked."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    (tmp_path / "scratch").mkdir()
    toolchain = Toolchain(
        program="go", root=tmp_path / "go", search_path=(home,), system="linux/amd64"
    )
    return lambda folder, wanted: workspace_of(folder, wanted, toolchain, tmp_path / "scratch")


def test_a_module_gets_copies_of_its_files(find: Find, tmp_path: Path) -> None:
    """So that Go completes those, and not the user's."""
    folder = module(tmp_path / "lab")
    (tmp_path / "lab/go.sum").write_text("sums")
    found = find(folder, "6.5840/labrpc")
    assert (found.kind, found.root) == ("module", tmp_path / "lab")
    assert found.variables == {"GO111MODULE": "on"}
    assert found.flags == ("-mod=mod", f"-modfile={tmp_path / 'scratch/go.mod'}")
    for name in ("go.mod", "go.sum"):
        assert (tmp_path / "scratch" / name).read_text() == (tmp_path / "lab" / name).read_text()


def test_a_vendored_module_takes_what_it_has(find: Find, tmp_path: Path) -> None:
    """Then Go does not write go.mod."""
    folder = module(tmp_path / "lab")
    write_tree(tmp_path / "lab/vendor", {"modules.txt": ""})
    assert find(folder, "6.5840/labrpc").flags == ("-mod=vendor",)


@pytest.mark.parametrize(
    "uses", ["use (\n\t./lab // of the course\n\t./lib\n)\n", 'use "./lib"\nuse ./lab\n']
)
def test_a_module_may_lie_beside_others(find: Find, tmp_path: Path, uses: str) -> None:
    """A go.work says where; Go is given a copy of it, and of its sums."""
    folder = module(tmp_path / "lab")
    files = {"lib/go.mod": "module lib\n", "go.work.sum": "sums"}
    write_tree(tmp_path, {"go.work": f"go 1.22\n\n{uses}", **files})
    found = find(folder, "6.5840/labrpc")
    copy = tmp_path / "scratch/go.work"
    assert (found.root, found.flags) == (tmp_path, ())
    assert found.variables == {"GO111MODULE": "on", "GOWORK": str(copy)}
    first, *used = copy.read_text().splitlines()
    assert first == "go 1.22"
    assert sorted(used) == [f'use "{tmp_path / name}"' for name in ("lab", "lib")]
    assert (tmp_path / "scratch/go.work.sum").read_text() == "sums"


@pytest.mark.parametrize(
    "uses", ["use ./lab\n", "use (\n./lib\n./other\n)\n", "use ./lab\nuse ./gone\n"]
)
def test_a_go_work_without_need_is_left_alone(find: Find, tmp_path: Path, uses: str) -> None:
    """One that lists the module alone, not at all, or beside what is not there."""
    folder = module(tmp_path / "lab")
    write_tree(tmp_path, {"go.work": f"go 1.22\n\n{uses}"})
    assert find(folder, "6.5840/labrpc").root == tmp_path / "lab"


def test_a_go_work_with_our_own_packages_is_left_alone(find: Find, tmp_path: Path) -> None:
    """As a program made by `init --threads` has it: a build gets them from us, and not twice."""
    folder = module(tmp_path / "lab")
    files = {
        "raftoracle/go.mod": "module raftoracle\n",
        "go.work": "use (\n./lab\n./raftoracle\n)\n",
    }
    write_tree(tmp_path, files)
    assert find(folder, "6.5840/labrpc").root == tmp_path / "lab"


@pytest.mark.parametrize(
    "go_mod",
    [
        "module raft\nrequire labrpc v0.0.0\nreplace labrpc => ../labrpc\n",
        'module "labrpc"\n',
        "module labrpc // of the handout\n",
    ],
)
def test_a_module_that_mentions_labrpc_has_it(find: Find, tmp_path: Path, go_mod: str) -> None:
    """By a replacement, or in quotes; even where a GOPATH tree has it as well."""
    folder = tree(tmp_path)
    (folder / "go.mod").write_text(go_mod)
    assert find(folder, "labrpc").kind == "module"


@pytest.mark.parametrize("go_mod", ["module raft\n", "module labrpc2\n", "module old-labrpc\n"])
def test_a_module_that_does_not_leaves_it_to_the_tree(
    find: Find, tmp_path: Path, go_mod: str
) -> None:
    """A go.mod that an editor made is in the way of a GOPATH tree."""
    folder = tree(tmp_path)
    (folder / "go.mod").write_text(go_mod)
    assert find(folder, "labrpc").kind == "GOPATH"


def test_a_tree_comes_before_the_users_own(find: Find, tmp_path: Path, home: Path) -> None:
    """Which may have what the tree lacks."""
    found = find(tree(tmp_path / "lab"), "labrpc")
    assert (found.kind, found.root) == ("GOPATH", tmp_path / "lab/src")
    assert found.variables == {"GO111MODULE": "off", "GOPATH": f"{tmp_path / 'lab'}:{home}"}


def test_the_tree_is_the_one_that_has_the_import(find: Find, tmp_path: Path) -> None:
    """A folder `src` may lie within another one, and a package in a folder `vendor`."""
    folder = tree(tmp_path / "src/lab")
    assert find(folder, "lab/src/labrpc").root == tmp_path / "src"
    assert find(folder, "labrpc").root == tmp_path / "src/lab/src"
    write_tree(tmp_path / "src/lab/vendor/net/rpc", {"rpc.go": LABRPC})
    assert find(folder, "net/rpc").root == tmp_path / "src"


def test_relative_imports_lie_outside_of_every_tree(find: Find, tmp_path: Path, home: Path) -> None:
    """Within GOPATH, Go refuses them."""
    found = find(relative(home / "src"), "../labrpc")
    assert found.kind == "relative"
    assert found.variables["GOPATH"] == str(tmp_path / "scratch/gopath")
    found = find(relative(tmp_path / "lab"), "../labrpc")
    assert found.variables["GOPATH"] == f"{home}:{tmp_path / 'scratch/gopath'}"


def test_a_tree_may_be_called_otherwise(find: Find, tmp_path: Path) -> None:
    """A link in the cache is called `src`, as Go wants it."""
    found = find(tree(tmp_path, "lab"), "labrpc")
    assert (found.kind, found.root) == ("GOPATH", tmp_path / "lab")
    assert found.folder.parent.name == "src"
    assert found.folder.resolve() == tmp_path / "lab/raft"
    assert found.remark == f"{tmp_path / 'lab'} is taken for the folder `src` of a GOPATH tree"


def test_a_module_may_lack_its_go_mod(find: Find, tmp_path: Path) -> None:
    """It is called as its packages are imported."""
    folder = module(tmp_path / "lab")
    (tmp_path / "lab/go.mod").unlink()
    found = find(folder, "6.5840/labrpc")
    assert (found.kind, found.root) == ("module", tmp_path / "lab")
    (made_up,) = found.files.items()
    assert made_up[0] == tmp_path / "lab/go.mod"
    assert made_up[1].read_text().startswith("module 6.5840\n")
    assert found.remark == f"there is no go.mod; {tmp_path / 'lab'} is taken for the module 6.5840"


def test_a_raft_without_the_rest_of_its_lab_is_one_line(find: Find, tmp_path: Path) -> None:
    """It says what it imports, and what was expected."""
    write_tree(tmp_path, {"raft/raft.go": raft("labrpc")})
    with pytest.raises(UsageError, match=r"imports 'labrpc', .* expected the whole tree"):
        find(tmp_path / "raft", "labrpc")


def test_packages_follow_one_another() -> None:
    """As Go prints them."""
    text = '{"ImportPath": "a", "Deps": []}\n{\n\t"ImportPath": "}\\n{",\n\t"DepOnly": true\n}\n'
    assert [(each.import_path, each.dep_only) for each in told_in(text)] == [
        ("a", False),
        ("}\n{", True),
    ]
    assert list(told_in("")) == []
    with pytest.raises(ToolError, match="is no list of packages"):
        list(told_in('{"ImportPath": 5}'))
