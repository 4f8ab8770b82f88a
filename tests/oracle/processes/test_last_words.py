"""What a program says of its own end gets into one line, the same in every process."""

import re
import sys

import pytest

from oracle.processes.last_words import cause_of_end, last_line, own_part
from oracle.processes.line_process import LineProcess, ProcessDiedError

PANIC = """before
panic: runtime error: index out of range [7] with length 3 [recovered]

goroutine 21 [running]:
panic({0x5c3a40?, 0xc000016120?})
\t/usr/local/go/src/runtime/panic.go:860 +0x13a
raftoracle/adapter.(*Node).serve(0xc0000b4000)
\t/usr/local/go/src/raftoracle/adapter/calls.go:60 +0x65
raft.(*Raft).AppendEntries(0xc0000b4000, 0xc0000a6000)
\t/home/ann/raft/replication.go:88 +0x65
raft.(*Raft).ticker(0xc0000b4000)
\t/home/ann/raft/raft.go:12 +0x65
created by raft.Make in goroutine 1
\t/home/ann/raft/raft.go:40 +0x1d
"""
FATAL = """fatal error: concurrent map writes

goroutine 9 [running]:
internal/runtime/maps.fatal({0x4d7c04?, 0x0?})
\t/opt/go/src/runtime/panic.go:1181 +0x18
sync.(*Mutex).Lock(...)
\t/opt/go/src/sync/mutex.go:46
main.main()
\t/srv/adapter/main.go:5 +0x65
"""
ENDLESS = """raft-oracle: endless loop: a goroutine runs for seconds and never blocks
SIGQUIT: quit
PC=0x50c00c m=0 sigcode=18446744073709551610

goroutine 25 gp=0xc00009cf00 m=0 mp=0x7b0dc0 [running, synctest bubble 2]:
raft.fail(...)
\t/home/ann/raft/failure.go:1
raft.(*Raft).ticker.gowrap1()
\t/home/ann/raft/raft.go:193 +0x1f fp=0xc0000a7fe0 sp=0xc0000a7fb8 pc=0x50c29f
created by raft.(*Raft).ticker in goroutine 15
\t/home/ann/raft/raft.go:190 +0x170

goroutine 1 gp=0xc0000021e0 m=nil [chan receive]:
created by raft.Make in goroutine 1
\t/home/ann/raft/raft.go:40 +0x1d
"""
ELSEWHERE_IN_IT = ENDLESS.replace("raft.fail(...)\n\t/home/ann/raft/failure.go:1\n", "")
"""The same loop, stopped at another of its instructions."""


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        (PANIC, "panic: runtime error: index out of range [7] with length 3 [recovered] at "
         "replication.go:88"),
        (FATAL, "fatal error: concurrent map writes at main.go:5"),
        *(
            (text, "raft-oracle: endless loop: a goroutine runs for seconds and never blocks, "
             "begun at raft.go:190")
            for text in (ENDLESS, ELSEWHERE_IN_IT)
        ),
        ("noise\nraft-oracle: \x1b[2Jno room\n", "raft-oracle: ?[2Jno room"),
        ("panic: at 0xc000016120\n", "panic: at 0x..."),
        ("Traceback\nValueError: panic: no\n", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_cause_is_named_with_its_place(errors: str, expected: str) -> None:
    """Neither Go's own code nor what was added to an implementation is the place."""
    assert cause_of_end(errors.encode()) == expected


def test_of_a_stack_only_what_the_author_wrote_is_kept() -> None:
    """From the last cause on, with what was printed; a goroutine that is nowhere in it goes."""
    printed = "\nprinted before, at the end:\nS1: hello\n"
    assert own_part(ENDLESS + PANIC + printed) == (
        "panic: runtime error: index out of range [7] with length 3 [recovered]\n\n"
        "goroutine 21 [running]:\n"
        "raft.(*Raft).AppendEntries(0xc0000b4000, 0xc0000a6000)\n\t/home/ann/raft/replication.go:88"
        " +0x65\n"
        "raft.(*Raft).ticker(0xc0000b4000)\n\t/home/ann/raft/raft.go:12 +0x65\n"
        "created by raft.Make in goroutine 1\n\t/home/ann/raft/raft.go:40 +0x1d\n" + printed
    )
    nowhere = (
        "\n\ngoroutine 1 [chan receive]:\nmain.f()\n\t/opt/go/src/runtime/a.go:1\n\nrax    0x1\n"
    )
    assert own_part(FATAL + nowhere) == (
        "fatal error: concurrent map writes\n\ngoroutine 9 [running]:\n"
        "main.main()\n\t/srv/adapter/main.go:5 +0x65\n"
    )
    serving = (
        "goroutine 25 [chan receive]:\nmain.serve()\n\t/srv/adapter/main.go:9 +0x65\n"
        "created by raftoracle/adapter.(*Node).Run in goroutine 7\n"
        "\t/opt/go/src/raftoracle/adapter/node.go:69 +0x6e\n"
    )
    of_its_own = "goroutine 8 [sleep]:\nmain.tick()\n\t/srv/adapter/main.go:7 +0x65\n"
    found = own_part("\n".join((FATAL, of_its_own, serving)))
    assert re.findall("^goroutine ([0-9]+)", found, flags=re.MULTILINE) == ["9", "25", "8"]
    assert own_part("no vote\nat all\n") == "no vote\nat all\n"


def test_the_last_line_is_the_cause_where_there_is_one() -> None:
    """A stack comes after it in Go; others write it last."""
    assert last_line(PANIC.encode()).startswith("panic: runtime error: ")
    assert last_line(b"a\nb\n\n") == "b"
    assert last_line(b"\n") == ""


def test_process_that_panics_says_so_in_its_error() -> None:
    """The exit code alone says nothing to a student."""
    program = f"import sys; input(); sys.stderr.write({PANIC!r}); sys.exit(2)"
    process = LineProcess((sys.executable, "-c", program))
    with pytest.raises(ProcessDiedError, match=r"exit code 2: panic: .* at replication\.go:88$"):
        process.ask(b"{}", 20.0)
