"""The public face: it offers what it lists, keeps old names, and says what is in its way."""

import ast
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import raft_oracle

ROOT = Path(__file__).resolve().parent.parent
TREE = ast.parse(Path(raft_oracle.__file__).read_text())
EARLIER = ROOT / "tests/data/earlier"
"""Files that commit 22cd75d wrote or printed, as .txt so that no tool takes them for its own."""
FACE = "from raft_oracle import s1; print(s1)"
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull)
HEAVY = {"hypothesis", "numpy", "click", "rich"}


def homes() -> dict[str, str]:
    """Where each name comes from, as type checkers read it."""
    return {
        alias.name: node.module
        for block in TREE.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def run(cwd: Path, *command: str, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, with these folders in front of its path."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env={**kept, "PYTHONPATH": f"{path}{os.pathsep}{ROOT}" if path else str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def command(folder: Path) -> str:
    """A script like the one that pip makes of the entry point."""
    folder.mkdir()
    script = folder / "raft-oracle"
    guard = 'if __name__ == "__main__":\n    sys.exit(main())\n'
    script.write_text(f"import sys\nfrom raft_oracle import main\n{guard}")
    return str(script)


def test_everything_listed_is_typed_and_nothing_else_is() -> None:
    """The names in `__all__`, each once, are the names that a type checker finds."""
    assert len(raft_oracle.__all__) == len(set(raft_oracle.__all__))
    assert set(raft_oracle.__all__) == set(homes())


@pytest.mark.parametrize("name", raft_oracle.__all__)
def test_a_name_is_what_type_checkers_take_it_for(name: str) -> None:
    """What is loaded at run time is what the imports for type checkers say."""
    assert getattr(raft_oracle, name) is getattr(import_module(homes()[name]), name)


def test_a_name_that_is_not_offered_is_an_attribute_error() -> None:
    """A misspelt name is not looked for in the packages behind."""
    with pytest.raises(AttributeError, match=r"'raft_oracle' has no attribute 'Walker'"):
        _ = raft_oracle.Walker  # type: ignore[attr-defined]


def test_dir_lists_what_is_offered() -> None:
    """An interactive Python completes names that are not loaded yet."""
    assert dir(raft_oracle) == sorted(raft_oracle.__all__)


def test_actions_and_the_port_load_nothing_heavy() -> None:
    """An adapter does not wait for Hypothesis, NumPy or the command line."""
    done = run(
        ROOT, "-c", "from raft_oracle import Elect, Subject, s1; import sys; print(*sys.modules)"
    )
    assert not HEAVY & set(done.stdout.split()), done
    assert "model.subject" in done.stdout.split()


@pytest.mark.parametrize(
    "line",
    [
        "from oracle.regression import violation_of_schedule",
        "from model.actions import Elect, Sync",
        "from model.subject import Setting, Subject",
        "from model.machines import PROFILES, run_machine",
        "from model.protocol import with_replaced",
        "from model.reference import ReferenceCluster, ReferenceFactory",
        "from model.setup import Setup",
        "from properties.view import REFERENCE_OBSERVES, ObservedView",
        "from raft_core import s1",
    ],
)
def test_imports_of_earlier_versions_give_the_same_things(line: str) -> None:
    """What tests, adapters and saved regressions imported before is what is offered today."""
    names: dict[str, object] = {}
    exec(line, names)
    names.pop("__builtins__")
    assert {name: getattr(raft_oracle, name) for name in names} == names


def earlier(folder: Path, name: str) -> str:
    """Put a file of an earlier version into a folder, under its own name."""
    (folder / name).write_bytes((EARLIER / name).with_suffix(".txt").read_bytes())
    return name


@pytest.mark.parametrize("name", ["test_regression.py", "test_readme.py"])
def test_a_test_of_an_earlier_version_still_fails_with_its_bug(name: str, tmp_path: Path) -> None:
    """A generated regression and the example of README find the same violation as then.

    No frame is shown but the test's own, and nothing is said to be of use that is not.
    """
    done = run(tmp_path, *PYTEST, earlier(tmp_path, name))
    assert done.returncode == 1, done
    assert "ElectionSafety" in done.stdout
    frames = re.findall(r"(?m)^(\S+\.py):\d+: ", done.stdout)
    assert frames == [name], done.stdout
    assert "reproduce_failure" not in done.stdout
    if name == "test_readme.py":
        assert "ElectionSafety violated at step 6" in done.stdout


def test_an_adapter_of_an_earlier_version_is_still_hunted(tmp_path: Path) -> None:
    """The smallest example of an adapter, as users copied it, loads and runs."""
    name = earlier(tmp_path, "toy_adapter.py")
    done = run(tmp_path, command(tmp_path / "bin"), "hunt", name, "--steps", "500")
    assert (done.returncode, done.stderr) == (0, ""), done


@pytest.mark.parametrize("name", ["model.py", "raft_core.py", "oracle/__init__.py"])
def test_a_file_in_the_way_is_one_import_error_that_says_what_to_do(
    name: str, tmp_path: Path
) -> None:
    """It names the file, the package that it hides, and two ways out."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("'''Of the user.'''\n")
    done = run(tmp_path, "-c", FACE)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"ImportError: {path} is in the way of raft-oracle's package")
    assert repr(name.removesuffix(".py").split("/")[0]) in last
    assert last.endswith("rename it, or run from a folder that does not have it")
    assert done.stderr.count("Traceback") == 1


def test_a_module_that_was_loaded_before_is_in_the_way_too(tmp_path: Path) -> None:
    """The path may be clean by then: what counts is what `model` means in this process."""
    (tmp_path / "model.py").write_text("'''Of the user.'''\n")
    done = run(tmp_path, "-c", f"import model, sys; sys.path.pop(0); {FACE}")
    assert f"ImportError: {tmp_path / 'model.py'} is in the way" in done.stderr


def test_a_path_that_changes_later_is_looked_at_again(tmp_path: Path) -> None:
    """Names are loaded late, so what hides a package may come after the import."""
    (tmp_path / "model.py").write_text("'''Of the user.'''\n")
    code = f"import sys, raft_oracle; sys.path.insert(0, {str(tmp_path)!r}); raft_oracle.Elect"
    done = run(ROOT, "-c", code)
    assert f"ImportError: {tmp_path / 'model.py'} is in the way" in done.stderr


def test_a_folder_without_init_is_in_nobodys_way(tmp_path: Path) -> None:
    """Python prefers a real package to such a folder, wherever it stands."""
    (tmp_path / "properties").mkdir()
    done = run(tmp_path, "-c", FACE)
    assert (done.stdout, done.stderr) == ("S1\n", "")


def test_the_command_line_says_what_is_in_the_way_in_one_line(tmp_path: Path) -> None:
    """As with any wrong usage: one line, exit code 64."""
    (tmp_path / "model.py").write_text("'''Of the user.'''\n")
    done = run(tmp_path, command(tmp_path / "bin"), "subjects", path=".")
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith(f"raft-oracle: {tmp_path / 'model.py'} is in the way of ")
    assert done.stderr.count("\n") == 1


def test_the_command_line_runs_where_nothing_is_in_the_way(tmp_path: Path) -> None:
    """The entry point runs a command."""
    done = run(tmp_path, command(tmp_path / "bin"), "subjects")
    assert done.returncode == 0, done
    assert done.stdout.startswith("reference: ")


def test_a_regression_beside_a_file_of_the_same_name_says_so(tmp_path: Path) -> None:
    """Under pytest the folder of a test comes first on the path."""
    (tmp_path / "model.py").write_text("'''Of the user.'''\n")
    test = tmp_path / "test_regression.py"
    test.write_text("from raft_oracle import Elect, s1, violation_of_schedule\n")
    done = run(tmp_path, *PYTEST, test.name)
    assert done.returncode == 2, done
    assert f"ImportError: {tmp_path / 'model.py'} is in the way" in done.stdout


@pytest.mark.parametrize("name", ["model.py", "raft_core.py", "properties/__init__.py"])
def test_module_that_is_run_names_what_is_in_its_way(name: str, tmp_path: Path) -> None:
    """`python -m oracle` ends as the command does: one line, and exit code 64."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    done = run(tmp_path, "-m", "oracle", "subjects")
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith(f"raft-oracle: {tmp_path / name} is in the way")
    assert done.stderr.count("\n") == 1


PLANTED = (
    *("json.py", "model.py", "oracle.py", "properties.py", "random.py", "multiprocessing.py"),
    *("sitecustomize.py", "usercustomize.py", "conftest.py", "pickle.py", "click.py", "numpy.py"),
    *("pip/__init__.py", "pip/__main__.py", "setup.py", "conf.py"),
)


def test_the_folder_one_stands_in_lends_no_code(tmp_path: Path) -> None:
    """As in a checkout of a stranger's: neither the command nor its workers import from there."""
    script, stands, ran = command(tmp_path / "bin"), tmp_path / "stands", tmp_path / "ran"
    for name in PLANTED:
        (stands / name).parent.mkdir(parents=True, exist_ok=True)
        (stands / name).write_text(f"open({str(ran)!r}, 'a').write({name!r})\n")
    (stands / "planted.pth").write_text(f"import os; open({str(ran)!r}, 'a').write('pth')\n")
    for words in (
        ("hunt", "--steps", "50", "--workers", "1"),
        ("explore", "--max-term", "1", "--max-inbox", "1"),
        ("subjects",),
    ):
        done = run(stands, script, *words)
        assert done.returncode == 0, done.stderr
    assert not ran.exists(), ran.read_text()
