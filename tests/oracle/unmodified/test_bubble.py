"""What bubbles promise: one order of everything in every process, and failures that are told.

The programs of these tests start bubbles by themselves; what they print in the usual way is kept in
memory.
"""

import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from oracle.unmodified.overlay import Overlay, standard_library
from oracle.unmodified.toolchain import find
from tests.require import needs

pytestmark = [needs("go"), pytest.mark.once]
PROCESSES = 5
SECONDS = 30
MAIN = """
package main

import (
	"crypto/rand"
	"fmt"
	mathrand "math/rand"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"raftoracle/bubble"
)

var _ = []any{rand.Read, fmt.Sprint, mathrand.Int, net.Dial, os.Exit, exec.Command, runtime.Gosched,
	strings.Join, sync.NewCond, time.Now}

var notes []string

func note(what ...any) { notes = append(notes, fmt.Sprint(what...)) }

func server(b *bubble.Bubble) {
	BODY
}

func main() {
	b := bubble.Start("S1", 42, time.Hour)
	b.Do(func() { go server(b) })
	b.Pass(time.Minute, func() bool { return false })
	for _, each := range b.BusyLoops() {
		note(each)
	}
	if leak := b.Leak(); leak != "" {
		note(leak)
	}
	b.Advance(time.Second)
	if failure := b.Failure(); failure != nil {
		note("failed: ", failure.What)
	}
	syscall.Write(1, []byte(strings.Join(notes, "\\n")+"\\n"))
}
"""
ORDERS = {
    "random": "note(mathrand.Int(), mathrand.Perm(9))",
    "the system's random": "drawn := make([]byte, 8); rand.Read(drawn); note(drawn)",
    "maps": """
	m := map[int]bool{}
	for i := range 50 { m[i] = true }
	for i := range m { note(i) }""",
    "select": """
	a, z := make(chan int, 99), make(chan int, 99)
	for range 50 { a <- 1; z <- 2 }
	for range 50 { select { case <-a: note("a"); case <-z: note("z") } }""",
    "timers of one moment": """
	for i := range 30 { time.AfterFunc(time.Second, func() { note(i) }) }""",
    "the clock": "note(time.Now().UTC()); time.Sleep(time.Second); note(time.Now().UTC())",
}
"""What must be the same in all processes."""
FAILURES = {
    "a panic": (
        'panic("sad\\nand more")',
        "failed: S1: panic: sad ... at main.go:27 (main.server)",
    ),
    "an exit": ("os.Exit(3)", "failed: S1: os.Exit(3) at main.go:27 (main.server)"),
    "a socket": (
        'net.Dial("tcp", "127.0.0.1:1")',
        "failed: S1: the opening of a socket at main.go:27 (main.server)",
    ),
    "a program": (
        'exec.Command("/bin/true").Run()',
        "failed: S1: the start of the program /bin/true at main.go:27 (main.server)",
    ),
    "a loop that locks": (
        "var m sync.Mutex; for i := 0; i < 30000; i++ { m.Lock(); m.Unlock() }",
        "S1: busy loop at main.go:27 (main.server)",
    ),
    "a loop that locks for reading": (
        "var m sync.RWMutex; for i := 0; i < 30000; i++ { m.RLock(); m.RUnlock() }",
        "S1: busy loop at main.go:27 (main.server)",
    ),
    "a loop that yields": (
        "for i := 0; i < 30000; i++ { runtime.Gosched() }",
        "S1: busy loop at main.go:27 (main.server)",
    ),
    "a loop that looks at the clock": (
        "for i := 0; i < 30000; i++ { time.Now() }",
        "S1: busy loop at main.go:27 (main.server)",
    ),
    "a loop that polls by a receive": (
        "c := make(chan int); for i := 0; i < 30000; i++ { select { case <-c: default: } }",
        "S1: busy loop at main.go:27 (main.server)",
    ),
    "a loop that polls by a send": (
        "c := make(chan int); for i := 0; i < 30000; i++ { select { case c <- 1: default: } }",
        "S1: busy loop at main.go:27 (main.server)",
    ),
}
"""What a server may do, and what is told of it."""

LEAKS = {
    "nobody can send": (
        "for range 70 { c := make(chan int); go func() { <-c }() }",
        "S1: goroutine leak: 70 started at main.go:27 (main.server) "
        "wait for ever at main.go:27 (main.server.func1)\n",
    ),
    "nobody can add to a group": (
        "for range 70 { var g sync.WaitGroup; g.Add(1); go func() { g.Wait() }() }",
        "S1: goroutine leak: 70 started at main.go:27 (main.server) "
        "wait for ever at main.go:27 (main.server.func1)\n",
    ),
    "few": ("for range 30 { go func() { select {} }() }", "\n"),
    "somebody can still send": (
        "c := make(chan int); for range 70 { go func() { <-c }() }; "
        "for { time.Sleep(1<<40); c <- 1 }",
        "\n",
    ),
    "a timer will run out": ("for range 70 { go func() { <-time.After(1<<50) }() }", "\n"),
    "a thousand that are not lost": (
        "c := make(chan int); for range 1100 { go func() { <-c }() }; "
        "for { time.Sleep(1<<40); c <- 1 }",
        "S1: goroutine leak: 1100 started at main.go:27 (main.server) "
        "wait at main.go:27 (main.server.func1)\n",
    ),
}
"""What goroutines wait for, and what is told of that."""


@cache
def complete() -> Overlay:
    """The standard library with every patch."""
    return standard_library(find())


def built(folder: Path, body: str, patched: Overlay) -> Path:
    """A program whose server does this."""
    toolchain = find()
    (folder / "go.mod").write_text("module probe\n\ngo 1.23\n")
    (folder / "main.go").write_text(MAIN.lstrip().replace("BODY", body))
    patched.write(folder / "overlay.json")
    words = ("build", f"-overlay={folder / 'overlay.json'}", "-o", "probe", ".")
    toolchain.run(folder, toolchain.environment(GO111MODULE="on"), *words)
    return folder / "probe"


def printed(program: Path) -> str:
    """What a program prints, in a process of its own."""
    done = subprocess.run(
        (str(program),), capture_output=True, text=True, check=False, timeout=SECONDS
    )
    return done.stdout + done.stderr


def all_printed(program: Path) -> Sequence[str]:
    """What each of several processes prints."""
    return [printed(program) for _ in range(PROCESSES)]


@pytest.mark.parametrize("what", ORDERS)
def test_chance_is_the_same_in_every_process(what: str, tmp_path: Path) -> None:
    """Whatever the runtime decides by chance is drawn from the bubble's generator."""
    found = all_printed(built(tmp_path, ORDERS[what], complete()))
    assert len(set(found)) == 1, found
    assert len(found[0]) > len("\n")


@pytest.mark.parametrize("what", FAILURES)
def test_a_failure_is_told_in_one_line(what: str, tmp_path: Path) -> None:
    """With the place in the server's own code; the process goes on."""
    body, told = FAILURES[what]
    assert printed(built(tmp_path, body, complete())) == f"{told}\n"


@pytest.mark.parametrize("what", LEAKS)
def test_goroutines_are_leaked_that_nobody_can_wake(what: str, tmp_path: Path) -> None:
    """Those that somebody may wake are told from them, unless there are a thousand of one kind."""
    body, told = LEAKS[what]
    assert set(all_printed(built(tmp_path, body, complete()))) == {told}


def test_a_loop_that_never_blocks_ends_the_process(tmp_path: Path) -> None:
    """After 8 s, with the stack of the goroutine."""
    found = printed(built(tmp_path, "for { notes = nil }", complete()))
    assert "raft-oracle: endless loop: a goroutine runs for 8 s and never blocks" in found
    assert "main.server" in found


def test_a_lock_is_waited_for_like_a_channel(tmp_path: Path) -> None:
    """The bubble is quiescent while a goroutine waits for a lock whose holder sleeps."""
    body = """
	var m sync.Mutex
	m.Lock()
	go func() { m.Lock(); note("second at ", time.Now().Second()) }()
	time.Sleep(5*time.Second)
	m.Unlock()"""
    assert printed(built(tmp_path, body, complete())) == "second at 5\n"


def test_files_are_not_written(tmp_path: Path) -> None:
    """A server that writes a file leaves nothing behind."""
    there = tmp_path / "log"
    body = f'note(os.WriteFile("{there}", []byte("x"), 0o600))'
    assert printed(built(tmp_path, body, complete())) == "<nil>\n"
    assert not there.exists()
