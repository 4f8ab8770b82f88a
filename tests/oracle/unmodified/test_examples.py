"""The labs in examples/labs are right as they are, and every mistake listed beside them is one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.oracle.unmodified.labs import ALL, LABS, NAMES, Mistake, copy_of, plant, title
from tests.require import needs


def run_go(folder: Path, *words: str) -> None:
    """Run `go` in a folder; the test fails with what it prints if it does not succeed."""
    done = subprocess.run(("go", *words), cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_labs() -> None:
    """At least one for each of the four notes, with several mistakes each."""
    assert len(NAMES) >= 4
    assert min(sum(lab == name for lab, _ in ALL) for name in NAMES) >= 3


@pytest.mark.parametrize(("lab", "mistake"), ALL, ids=title)
def test_mistakes_are_described(lab: str, mistake: Mistake) -> None:
    """Each names one place in its lab, says in whole sentences what it is, and how it is found."""
    text = (LABS / lab / mistake.file).read_text(encoding="utf-8")
    assert text.count(mistake.old) == 1
    assert mistake.new != mistake.old
    assert mistake.summary.endswith(".")
    assert mistake.note.endswith((".", "?"))
    assert mistake.length > 0


def test_mistakes_have_names_of_their_own() -> None:
    """No two of all labs are called alike, so that a name says which."""
    names = [mistake.name for _, mistake in ALL]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.once
@needs("go")
def test_mistakes_compile(tmp_path: Path) -> None:
    """With any of them in it, a lab is still a program without complaints."""
    module = copy_of(tmp_path / "module")
    for lab, mistake in ALL:
        planted = module / f"{lab}_{mistake.name}"
        shutil.copytree(LABS / lab, planted)
        plant(mistake, planted)
    run_go(module, "vet", "./...")


@pytest.mark.once
@needs("go")
def test_labs_pass_their_own_tests() -> None:
    """In real time, on the network of the labs themselves."""
    run_go(LABS, "test", "./...")
