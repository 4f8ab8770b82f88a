"""One small program with many probes: each is what a server may do, and is asked for by its name.

It starts a bubble by itself; what it prints in the usual way is kept in memory. The program is
built once, so a further probe costs next to nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from oracle.unmodified.overlay import Overlay
from oracle.unmodified.toolchain import find

MAIN: Final = """package main

import (
	"crypto/rand"
	"fmt"
	"log"
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

var _ = []any{rand.Read, net.Dial, exec.Command, runtime.Gosched, sync.NewCond}

var notes []string

func note(what ...any) { notes = append(notes, fmt.Sprint(what...)) }

var spun int

var kept []byte

var outside = fmt.Sprint(mathrand.Int(), time.Now().UTC())

func deep(n int) int { return deep(n+1) + deep(n+2) }

func init() {
	if os.Args[1] == "an end at the start" {
		log.Fatal("nothing is configured")
	}
}

func main() {
	b := bubble.Start("S1", 42, time.Hour)
	b.Do(func() { go probes[os.Args[1]]() })
	b.Pass(time.Minute, func() bool { return false })
	for _, each := range b.BusyLoops() {
		note(each)
	}
	if leak := b.Leak(); leak != "" {
		note(leak)
	}
	if strings.HasPrefix(os.Args[1], "for ever") {
		note(b.WaitThrough(".func1") + b.Waits(".func1"))
	}
	b.Advance(time.Second)
	if failure := b.Failure(); failure != nil {
		note("failed: ", failure.What)
	}
	syscall.Write(1, []byte(strings.Join(notes, "\\n")+"\\n"))
}
"""
GO_MOD: Final = "module probe\n\ngo 1.22\n"
"""Of a time when timers were others, so that all programs need the patch for these."""
ORDERS: Final = {
    "random": "note(mathrand.Int(), mathrand.Perm(9))",
    "the system's random": "drawn := make([]byte, 8); rand.Read(drawn); note(drawn)",
    "maps": "m := map[int]bool{}; for i := range 50 { m[i] = true }; for i := range m { note(i) }",
    "select": "a, z := make(chan int, 99), make(chan int, 99); for range 50 { a <- 1; z <- 2 }; "
    'for range 50 { select { case <-a: note("a"); case <-z: note("z") } }',
    "timers of one moment": "for i := range 30 { time.AfterFunc(time.Second, func() { note(i) }) }",
    "the clock": "note(time.Now().UTC()); time.Sleep(time.Second); note(time.Now().UTC())",
}
"""What must be the same in all processes."""
BUSY: Final = "S1: busy loop at {place}"
LOOPS: Final = {
    "locks": "var m sync.Mutex; for range 30000 { m.Lock(); m.Unlock() }",
    "locks for reading": "var m sync.RWMutex; for range 30000 { m.RLock(); m.RUnlock() }",
    "tries to lock": "var m sync.Mutex; for range 30000 { m.TryLock() }",
    "yields": "for range 30000 { runtime.Gosched() }",
    "looks at the clock": "for range 30000 { time.Now() }",
    "sleeps for no time": "for range 30000 { time.Sleep(0) }",
    "starts goroutines": "for range 30000 { go func() {}() }",
    "waits for what is due": "for range 60000 { <-time.After(0) }",
    "makes timers": "for range 30000 { time.NewTimer(time.Hour) }",
    "sets a timer": "t := time.NewTimer(time.Hour); for range 30000 { t.Reset(time.Hour) }",
    "polls by a receive": "c := make(chan int); for range 30000 { select { case <-c: default: } }",
    "polls by a send": "c := make(chan int); for range 30000 { select { case c <- 1: default: } }",
    "polls two channels": "c := make(chan int); "
    "for range 30000 { select { case <-c: case c <- 1: default: } }",
    "sends and receives": "c := make(chan int, 1); for range 15000 { c <- 1; <-c }",
    "receives what is closed": "c := make(chan int); close(c); "
    "for range 30000 { if _, ok := <-c; ok { spun++ } }",
}
"""Loops that go on without a pause: each is told as a busy one."""
FAILURES: Final = {
    "a panic": ('panic("sad\\nand more")', "failed: S1: panic: sad ... at {place}"),
    "an exit": ("os.Exit(3)", "failed: S1: os.Exit(3) at {place}"),
    "a socket": (
        'net.Dial("tcp", "127.0.0.1:1")',
        "failed: S1: the opening of a socket at {place}",
    ),
    "a program": (
        'exec.Command("/bin/true").Run()',
        "failed: S1: the start of the program /bin/true at {place}",
    ),
    "a program by a system call": (
        'syscall.ForkExec("/bin/true", nil, nil)',
        "failed: S1: the start of the program /bin/true at {place}",
    ),
    "a program in its own place": (
        'syscall.Exec("/bin/true", []string{"true"}, nil)',
        "failed: S1: the start of the program /bin/true at {place}",
    ),
    "a signal": (
        "syscall.Kill(os.Getpid(), syscall.SIGTERM)",
        "failed: S1: the sending of the signal terminated at {place}",
    ),
    "a signal to a process that was found": (
        "found, _ := os.FindProcess(os.Getpid()); found.Signal(os.Interrupt)",
        "failed: S1: the sending of the signal interrupt at {place}",
    ),
    "a question whether a process is there": (
        "note(syscall.Kill(os.Getpid(), 0))",
        "<nil>",
    ),
    "a system call that waits for longer than a loop may run": (
        "syscall.Select(0, nil, nil, nil, &syscall.Timeval{Sec: 1, Usec: 300000}); note(spun)",
        "0",
    ),
    "timers that start each other": (
        "var next func(); next = func() { if spun++; spun < 30000 { time.AfterFunc(0, next) } }; "
        "next()",
        "S1: busy loop at {inner}",
    ),
    **{f"a loop that {what}": (body, BUSY) for what, body in LOOPS.items()},
}
"""What a server may do, and what is told of it."""
ENDS: Final = {
    "a loop that never blocks": (
        "for { notes = nil }",
        "raft-oracle: endless loop: a goroutine runs for seconds and never blocks",
    ),
    "a recursion without end": (
        "spun = deep(1)",
        "runtime: goroutine stack exceeds 67108864-byte limit",
    ),
    "too much memory at once": (
        "kept = make([]byte, 5<<30)",
        "runtime: out of memory: more than 3 GiB",
    ),
    "too much memory": (
        "var all [][]byte; for { all = append(all, make([]byte, 1<<28)) }",
        "runtime: out of memory: more than 3 GiB",
    ),
}
"""What ends the process, and the first line that it says then; the stack follows."""
MULTIPLIES: Final = {
    "goroutines without end": (
        "var more func(); more = func() { go more(); go more() }; more()",
        "failed: S1: goroutines without end: more than 30,000 at once, and one more at {inner}",
    ),
}
"""What is told beside a busy loop and a leak."""
LEAKS: Final = {
    "nobody can send": (
        "for range 70 { c := make(chan int); go func() { <-c }() }",
        "S1: goroutine leak: 70 started at {place} wait for ever at {inner}",
    ),
    "nobody can add to a group": (
        "for range 70 { var g sync.WaitGroup; g.Add(1); go func() { g.Wait() }() }",
        "S1: goroutine leak: 70 started at {place} wait for ever at {inner}",
    ),
    "few": ("for range 30 { go func() { select {} }() }", ""),
    "somebody can still send": (
        "c := make(chan int); for range 70 { go func() { <-c }() }; "
        "for { time.Sleep(1<<40); c <- 1 }",
        "",
    ),
    "a timer will run out": ("for range 70 { go func() { <-time.After(1<<50) }() }", ""),
    "a thousand that are not lost": (
        "c := make(chan int); for range 1100 { go func() { <-c }() }; "
        "for { time.Sleep(1<<40); c <- 1 }",
        "S1: goroutine leak: 1100 started at {place} wait at {inner}",
    ),
}
"""What goroutines wait for, and what is told of that."""
LOCK: Final = "waits for a lock that nobody gives back"
LASTS: Final = "time.Sleep(1<<60)"
LOCKED: Final = "var m sync.Mutex; m.Lock(); go func() { m.Lock() }(); "
CHANNEL: Final = "c := make(chan int); "
WAITS: Final = {
    "for ever for a lock": (LOCKED + LASTS, LOCK),
    "for ever for a lock whose holder sends": (
        LOCKED + CHANNEL + "go func() { <-c }(); c <- 1; c <- 2",
        LOCK + "; {place} waits to send",
    ),
    "for ever for a lock whose holder receives": (
        LOCKED + "<-make(chan int)",
        LOCK + "; {place} waits to receive",
    ),
    "for ever for a lock whose holder waits for work": (
        LOCKED + CHANNEL + "go func() { c <- 1 }(); <-c; <-c",
        LOCK + "; {place} waits to receive",
    ),
    "for ever to receive": (
        CHANNEL + "go func() { <-c }(); " + LASTS,
        "waits to receive at {inner}, and nobody sends",
    ),
    "for ever to send": (
        CHANNEL + "go func() { c <- 1 }(); " + LASTS,
        "waits to send at {inner}, and nobody receives",
    ),
    "for ever in a select": (
        CHANNEL + "go func() { select { case <-c: case c <- 1: } }(); " + LASTS,
        "waits in a select at {inner}, and none of its channels becomes ready",
    ),
    "for ever for a signal": (
        "c := sync.NewCond(new(sync.Mutex)); go func() { c.L.Lock(); c.Wait() }(); " + LASTS,
        "waits for a signal at {inner}, and nobody gives it",
    ),
    "for ever for a group": (
        "var g sync.WaitGroup; g.Add(1); go func() { g.Wait() }(); " + LASTS,
        "waits for other goroutines at {inner}, and they do not end",
    ),
    "for ever for time to go by": ("go func() { " + LASTS + " }(); " + LASTS, "does not answer"),
}
"""For what a goroutine waits that nobody wakes, and who may be the reason."""
FILES: Final = {
    "written": 'note(os.WriteFile("written", nil, 0o600))',
    "made": 'note(os.Mkdir("made", 0o700), os.Mkdir("made", 0o700), os.MkdirAll("a/b", 0o700))',
    "removed": 'note(os.Remove("there"))',
    "removed with all below": 'note(os.RemoveAll("."))',
    "renamed": 'note(os.Rename("there", "elsewhere"))',
    "cut off": 'note(os.Truncate("there", 0))',
    "closed to all": 'note(os.Chmod("there", 0))',
    "linked": 'note(os.Link("there", "linked"))',
    "linked by name": 'note(os.Symlink("there", "named"))',
    "closed": "note(os.Stdin.Close(), os.Stdout.Close(), os.Stderr.Close())",
}
"""What a server may do to files: none of it is done, and it is told that all went well."""


def program_of(probes: Mapping[str, str]) -> str:
    """The source of the program: each probe is a function, which takes one line."""
    lines = (" ".join(line_of(body)) for body in probes.values())
    functions = "".join(f"func probe{number}() {{ {line} }}\n" for number, line in enumerate(lines))
    table = "".join(f'\t"{name}": probe{number},\n' for number, name in enumerate(probes))
    return f"{MAIN}{functions}\nvar probes = map[string]func(){{\n{table}}}\n"


def line_of(body: str) -> Sequence[str]:
    """A body as one line: where it ends a line, so does a statement."""
    lines = [line.strip() for line in body.strip().split("\n")]
    return [line if line.endswith(("{", ":")) else f"{line};" for line in lines]


def place_of(probes: Mapping[str, str], name: str) -> str:
    """How the place is told where a probe stands."""
    number = list(probes).index(name)
    return f"main.go:{MAIN.count(chr(10)) + 1 + number} (main.probe{number})"


def told(probes: Mapping[str, str], name: str, words: str) -> str:
    """What is told of a probe, in these words."""
    place = place_of(probes, name)
    return words.format(place=place, inner=f"{place[:-1]}.func1)")


def built(probes: Mapping[str, str], overlay: Overlay, folder: Path) -> Path:
    """The program, in a folder that is not there yet; ToolError where it does not compile."""
    folder.mkdir()
    toolchain = find()
    (folder / "go.mod").write_text(GO_MOD)
    (folder / "main.go").write_text(program_of(probes))
    overlay.write(folder / "overlay.json")
    words = ("build", f"-overlay={folder / 'overlay.json'}", "-o", "probe", ".")
    toolchain.run(folder, toolchain.environment(GO111MODULE="on"), *words)
    return folder / "probe"
