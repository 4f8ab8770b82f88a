"""What our Go packages promise each other: the tests are in Go, in the folder `go` beside this.

They are compiled into the packages as they are built into programs: with the patched library.
"""

import subprocess
from pathlib import Path

import pytest

from oracle.unmodified.overlay import IMPORTED_AS, standard_library
from oracle.unmodified.toolchain import find
from tests.require import needs

pytestmark = [needs("go"), pytest.mark.once]
TESTS = Path(__file__).with_name("go")
SECONDS = 120


@pytest.mark.parametrize("package", ["adapter", "lab"])
def test_a_go_package_passes_its_tests(package: str, tmp_path: Path) -> None:
    """Each package does what the tests beside it in the folder `go` say."""
    toolchain = find()
    beside = toolchain.source / IMPORTED_AS / package
    tests = {beside / path.name: path for path in (TESTS / package).glob("*_test.go")}
    standard_library(toolchain).with_files(tests).write(tmp_path / "overlay.json")
    environment = toolchain.environment(GO111MODULE="on")
    program, overlay = tmp_path / "tests", f"-overlay={tmp_path / 'overlay.json'}"
    words = ("test", "-c", "-vet=off", overlay, f"-o={program}", f"{IMPORTED_AS}/{package}")
    toolchain.run(tmp_path, environment, *words)
    done = subprocess.run(
        [program, "-test.v"], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (done.returncode, "--- PASS" in done.stdout) == (0, True), done.stdout + done.stderr
