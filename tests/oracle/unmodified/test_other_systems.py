"""The program of a lab is built for other systems than this one, where it does not run here."""

from pathlib import Path
from typing import Final

import pytest

from oracle.processes.user_cache import CACHE_VARIABLE
from oracle.unmodified.build import built_directory
from tests.oracle.unmodified.toy_labs import cache_of_go, module
from tests.require import needs

MACH_O: Final = b"\xcf\xfa\xed\xfe"
BEGINNINGS: Final = {
    "darwin/amd64": MACH_O + b"\x07\x00\x00\x01",
    "darwin/arm64": MACH_O + b"\x0c\x00\x00\x01",
    "linux/arm64": b"\x7fELF\x02\x01\x01",
}
"""How a program begins, by the system and the processor that it is for."""
MACHINE_OF_ELF: Final = slice(18, 20)
ARM64_OF_ELF: Final = b"\xb7\x00"


@needs("go")
@pytest.mark.once
@pytest.mark.parametrize("system", BEGINNINGS)
def test_a_program_is_built_for_a_system_and_not_run_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    """That it compiles is all that is known of it here: nothing of it was run on that system."""
    monkeypatch.setenv("GOCACHE", cache_of_go())
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    folder = module(tmp_path / "lab")
    (program,) = built_directory(str(folder), system).command
    built = Path(program).read_bytes()
    assert built.startswith(BEGINNINGS[system])
    if system.startswith("linux"):
        assert built[MACHINE_OF_ELF] == ARM64_OF_ELF
