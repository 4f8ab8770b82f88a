"""Every patch of the standard library is needed: without it, a program does something else.

`make ablation` leaves out each patch alone, which builds the standard library as many times. Every
run of the tests leaves out one, after which little has to be built.
"""

import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from oracle.processes.family import ENDLESS_VARIABLE
from oracle.processes.tool import ToolError
from oracle.unmodified.overlay import SOURCES, Overlay, Patch, read_patches, standard_library
from oracle.unmodified.toolchain import VERSION, find
from tests.oracle.unmodified.idioms import PATIENT
from tests.oracle.unmodified.probes import ENDS, FAILURES, FILES, LEAKS, MULTIPLIES, ORDERS, built
from tests.require import needs

pytestmark = [needs("go"), pytest.mark.once]

PATCHES: Final = read_patches(SOURCES / "patches" / f"{VERSION}.toml").patches
STAYS: Final = "It stays, though no test misses it: "
"""How the end of a reason begins, where no program of this test shows it."""
QUICK: Final = "os/exec_unix.go"
SECONDS: Final = 30
PROCESSES: Final = 3
FURTHER: Final = {
    "one processor": "note(runtime.GOMAXPROCS(0), runtime.GOMAXPROCS(3), runtime.GOMAXPROCS(0))",
    "no pre-emption": """
	go note("other")
	for i := 0; i < 1<<28; i++ { spun += i }
	note("this")""",
    "a lock that is waited for long": """
	var m sync.Mutex
	m.Lock()
	go func() { m.Lock(); note("other"); m.Unlock() }()
	time.Sleep(1)
	for range 4 {
		for i := 0; i < 1<<24; i++ { spun += i }
		m.Unlock(); m.Lock(); note("this")
		runtime.Gosched()
	}
	m.Unlock()""",
    "locks for reading are waited for": """
	var m sync.RWMutex
	m.Lock()
	go func() { m.RLock(); note("second at ", time.Now().Second()) }()
	time.Sleep(5*time.Second)
	m.Unlock()""",
    "locks for writing are waited for": """
	var m sync.RWMutex
	m.RLock()
	go func() { m.Lock(); note("second at ", time.Now().Second()) }()
	time.Sleep(5*time.Second)
	m.RUnlock()""",
    "locks are waited for": """
	var m sync.Mutex
	m.Lock()
	go func() { m.Lock(); note("second at ", time.Now().Second()) }()
	time.Sleep(5*time.Second)
	m.Unlock()""",
    "pauses between loops": """
	var m sync.Mutex
	for range 3 { for range 15000 { m.Lock(); m.Unlock() }; time.Sleep(1) }""",
    "the end of a sleep": """
	end := time.Now().Add(time.Second)
	time.Sleep(time.Second)
	note(time.Now().After(end))""",
    "what is printed": 'fmt.Println("printed"); fmt.Fprintln(os.Stderr, "complained")',
    "what is written": """
	note(os.WriteFile("written", []byte("x"), 0o600))
	_, err := os.Stat("written")
	note(err)""",
    "the clock and chance outside": "note(outside)",
    "timers beside channels": """
	for range 20 {
		a, b, c := time.After(5), time.After(5), time.After(5)
		select { case <-a: note("a"); case <-b: note("b"); case <-c: note("c") }
	}""",
    "threads": """
	for range 20 {
		go func() { syscall.Getpid(); os.ReadFile("/proc/self/status"); note(mathrand.Int()) }()
		note(mathrand.Int())
	}""",
    "the search for leaks during work": """
	for range 100 { go func() { select {} }() }
	runtime.GC()
	note(mathrand.Int())""",
}
"""What else a server may do."""
PROBES: Final = {
    **ORDERS,
    **{name: body for name, (body, _) in (FAILURES | LEAKS | ENDS | MULTIPLIES).items()},
    **FILES,
    **FURTHER,
}


def ablated(number: int, folder: Path) -> Overlay:
    """The standard library without one patch."""
    folder.mkdir()
    for each in SOURCES.iterdir():
        if each.name != "patches":
            (folder / each.name).symlink_to(each)
    (folder / "patches").mkdir()
    text = (SOURCES / "patches" / f"{VERSION}.toml").read_text(encoding="utf-8")
    head, *tables = text.split("[[patch]]\n")
    del tables[number]
    left = "[[patch]]\n".join((head, *tables))
    (folder / "patches" / f"{VERSION}.toml").write_text(left, encoding="utf-8")
    return standard_library(find(), folder)


def does(program: Path, probe: str) -> str:
    """What the program does for a probe, as far as that is the same in every process."""
    try:
        done = subprocess.run(
            (str(program), probe),
            cwd=program.parent,
            env={"GOMAXPROCS": "4", ENDLESS_VARIABLE: "1000"},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "hangs"
    complaint = done.stderr.splitlines()[:1]
    return f"{done.returncode} {complaint} {done.stdout}"


@cache
def as_patched(folder: Path) -> Mapping[str, str]:
    """What the program does with every patch."""
    program = built(PROBES, standard_library(find()), folder)
    return {probe: does(program, probe) for probe in PROBES}


@pytest.fixture(scope="session")
def patched_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the program lies that has every patch."""
    return tmp_path_factory.mktemp("patched") / "program"


def is_left_out(number: int) -> bool:
    """Whether this run of the tests leaves a patch out."""
    return PATIENT or PATCHES[number].file == QUICK


def title(patch: Patch) -> str:
    """What a patch is for, without what would spoil the name of a test."""
    return f"{patch.file}: {patch.why.rstrip('.')}"


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(number, id=title(patch))
        for number, patch in enumerate(PATCHES)
        if is_left_out(number) and STAYS not in patch.why
    ],
)
def test_a_patch_is_missed(number: int, tmp_path: Path, patched_folder: Path) -> None:
    """Without it the program does not compile, or a probe does something else in some process."""
    expected = as_patched(patched_folder)
    try:
        program = built(PROBES, ablated(number, tmp_path / "sources"), tmp_path / "program")
    except ToolError:
        return
    for _ in range(PROCESSES):
        for probe, known in expected.items():
            if does(program, probe) != known:
                return
    pytest.fail(f"nothing needs the patch: {PATCHES[number].why}")
