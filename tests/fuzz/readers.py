"""The readers, each with valid files to begin from and with the errors that may come of others."""

import gzip
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zlib import crc32

import msgspec
from attrs import evolve, frozen

from model.explorer.engines.choice import make_engine
from model.explorer.running.specification import ExplorationSpec
from model.explorer.search.breadth_first import BreadthFirstSearch
from model.explorer.search.checkpoint import (
    FORMAT,
    SUMS,
    VERSION,
    CheckpointError,
    Manifest,
    restore,
    save,
    sums_of,
)
from model.explorer.search.result import SearchLimits, never_stop
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft_order import RaftOrder, reference_target
from model.schedule import NOT_READABLE, dump_schedule
from model.subject import SubjectError
from oracle.adapter.claims import reply_of
from oracle.adapter.views import Views
from oracle.adapter.wire import ProtocolError, decode_hello
from oracle.bridging.description import BRIDGES, BridgeError, read
from oracle.commands.check_trace_report import report
from oracle.commands.explore_options import stored_spec
from oracle.commands.lab_course import read_report
from oracle.formats.lab_json import LabReport, LabsReport, printed
from oracle.formats.schedule_file import read_written
from oracle.formats.trace_json import read_trace
from oracle.histories.reading import read_history
from oracle.hunting.known_findings import files_in, saved_in
from oracle.hunting.plan import make_plan
from oracle.pictures.report_page import report_page
from oracle.pictures.traced import Drawing
from oracle.playing.moves import Asked, answer
from oracle.processes.last_words import cause_of_end
from oracle.processes.side_by_side import Ended
from oracle.processes.tool import ToolError
from oracle.store.input_files import lines_in, opened
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import one_line
from oracle.traces.evidence import evidence_of
from oracle.traces.lines import TraceError
from oracle.traces.verdict import Kind, Options, check_files, check_trace
from oracle.unmodified.part_names import number_of_lab
from oracle.unmodified.recognise import recognise
from oracle.unmodified.workspace import GO_MOD, listed, mentions, told_in
from properties.linearizability import check
from tests.fuzz.transcripts import TRANSCRIPT, examined
from tests.oracle.command import ROOT
from tests.oracle.formats.found import SAVED

FIRST_LINES: Final = 30
ATTEMPTS: Final = 2_000

HELLO: Final = (
    b'{"protocol":1,"name":"mine","version":"2","network":"fifo","observes":["message meanings"],'
    b'"offers":["PassTime"],"settings":[{"name":"a","default":"b","meaning":"c"}]}'
)
REPLY: Final = (
    b'{"sent":[{"to":"S2","message":{"term":1},"label":"vote","meaning":{"type":"request_vote",'
    b'"term":1,"last_log_index":0,"last_log_term":0}}],"views":{"S1":{"role":"leader","term":3,'
    b'"vote":"S1","commit":1,"applied":1,"snapshot":[1,2],"log":{"from":2,"entries":[[3,"x"]]},'
    b'"match":{"S2":0},"next":{"S2":1}}}}'
)
OPERATIONS: Final = (
    b'{"client":1,"command":"set x 1","invoked":3,"responded":7,"output":""}\n'
    b'{"client":2,"command":"cas x 1 2","invoked":4,"responded":9,"output":"ok"}\n'
    b'{"client":3,"command":"append x 5","invoked":5,"responded":null,"output":null}\n'
)
EVENTS: Final = b"""; of two keys
[{:process 0, :type :invoke, :f :write, :value [:x "a\\"b"], :time 1.5e3}
 #jepsen.history.Op{:process 1, :type :invoke, :f :cas, :value [y [1 -2N]]}
 {:process :nemesis, :type :info, :f :kill, :value #{1 \\a}} #_{:ignored (1 2)}
 {:process 0, :type :ok, :f :write, :value [:x "a\\"b"]}
 {:process 2, :type :invoke, :f :read, :value [y nil]}, {:process 1, :type :info, :f :cas}
 {:process 2, :type :ok, :f :read, :value [y nil]}]
"""
LOG: Final = b"""INFO  jepsen.util - 0 :invoke :read nil
INFO  jepsen.util - 0 :ok :read nil
INFO  jepsen.util - 1 :invoke :cas [1 2]
INFO  jepsen.util - 1 :info :cas :timed-out
"""
ROBUSTNESS: Final = (
    b'{"ClientID":1,"Input":{"Type":"txn","Txn":{"OperationsOnSuccess":[{"Type":"put-operation",'
    b'"Put":{"Key":"k","Value":{"Value":"1"}}}]}},"Call":5,"Output":{"Revision":2},"Return":9}\n'
    b'{"ClientID":2,"Input":{"Type":"range","Range":{"Start":"k"}},"Call":10,"Output":{"Range":'
    b'{"KVs":[{"Key":"k","Value":{"Value":"1"}}]}},"Return":11}\n'
)
EDN: Final = b"""; a comment
[{:process 0, :type :invoke, :f :write, :value 1, :time 5, :index 0}
 {:process 1, :type :invoke, :f :txn, :value [[:append 3 1] [:r 4 nil]]}
 #jepsen.Op{:process 0, :type :ok, :f :write, :value 1} #_ {:x "no"}
 {:process 2, :type :invoke, :f :cas, :value [1 2]}
 {:process 2, :type :info, :f :cas, :value [1 2]}]
"""
JEPSEN_LOG: Final = b"""INFO  jepsen.util - 0 :invoke :write 1
INFO  jepsen.util - 0 :ok :write 1
INFO  jepsen.util - 1 :invoke :read nil
"""
OF_ETCD: Final = (
    b'{"ClientID":1,"Input":{"Type":"txn","Txn":{"Conditions":null,"OperationsOnSuccess":[{"Type":'
    b'"put-operation","Put":{"Key":"a","Value":{"Value":"1"}}}]}},"Call":5,"Output":{},"Return":9}\n'
)
TEXT: Final = b"""# A story.
subject reference
servers 3
stage It leads.
elect S1
client_request S1 'it is'  # a comment
expect S1 leader term=1
partition S2,S3; sync S2; heal
"""


ORDER: Final = ExplorationSpec(
    model=RaftOrder(target=reference_target(2), bounds=Bounds(max_inbox=1))
).as_json()
MANIFEST: Final = msgspec.json.encode(
    Manifest(
        format=FORMAT,
        version=VERSION,
        order=ORDER,
        meaning="x",
        levels=[1, 2],
        first=0,
        position=1,
        violation=(1, 2, 3),
        kinds=[1],
        seconds=1.5,
    )
)
ARRAY: Final = (
    b"\x93NUMPY\x01\x00v\x00{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }"
    + b" " * 58
    + b"\n"
    + b"\1\0\0\0" * 6
)
MOVE: Final = msgspec.json.encode({"actions": msgspec.json.decode(dump_schedule(SAVED))["actions"]})
PANIC: Final = (
    b"goroutine 1\npanic: runtime error: index out of range [3] with length 3\n\n"
    b"goroutine 7 [running]:\nraft.(*Raft).apply(0x1)\n\t/home/me/lab/raft.go:12 +0x1d\n"
    b"\t/usr/local/go/src/runtime/panic.go:114 +0x1a\n"
)
PACKAGES: Final = b"""{
	"Dir": "/lab/raft",
	"ImportPath": "6.5840/raft",
	"Name": "raft",
	"ImportMap": {"labrpc": "6.5840/labrpc"},
	"GoFiles": ["raft.go", "util.go"],
	"IgnoredGoFiles": ["c.go"]
}
{
	"Dir": "/lab/labrpc",
	"ImportPath": "6.5840/labrpc",
	"DepOnly": true,
	"Error": {"Pos": "", "Err": "no such\\tpackage"}
}
"""
BROKEN: Final = evolve(SAVED, property="ElectionSafety")
LAB: Final = ROOT / "examples/labs/single_select"


@frozen
class Reader:
    """What reads a file, what it may raise, and files that it accepts or is about to."""

    read: Callable[[Path], object]
    refuses: tuple[type[Exception], ...]
    seeds: tuple[bytes, ...]


def judge_history(path: Path) -> object:
    """As check-history does."""
    with opened(path) as stream:
        history = read_history(lines_in(stream))
    try:
        return check(history.operations, history.specification, ATTEMPTS)
    except ValueError as error:
        raise AssertionError("what was read cannot be judged") from error


def read_reply(path: Path) -> object:
    """As a line of an adapter is read, with the views in it."""
    views = Views(3, frozenset())
    reply = reply_of(path.read_bytes())
    views.update(reply.views)
    return views.seen


def judge_trace(path: Path) -> object:
    """As check-trace does: whole and in parts, as one file and as two, and what is said of it."""
    lines = path.read_bytes().splitlines(True)
    for partial in (False, True):
        for files in ({str(path): lines}, {"odd": lines[::2], "even": lines[1::2]}):
            with suppress(TraceError):
                judge_files(path, files, Options(partial=partial, skip=len(files) > 1))
    return check_trace(lines)


def judge_files(path: Path, files: dict[str, list[bytes]], options: Options) -> None:
    """The verdict on a trace, and where it is rejected, its lines and its picture."""
    verdict = check_files({**files}, options)
    evidence = None
    if verdict.kind is Kind.REJECTED:
        drawing = Drawing(verdict)
        evidence = evidence_of({**files}, options, verdict, drawing.look)
        report_page(drawing.execution("trace"))
    report(verdict, [path for _ in files], evidence)


def read_checkpoint(path: Path) -> object:
    """The manifest of a checkpoint, and what it asks for."""
    folder = path.parent / "current"
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_bytes(path.read_bytes())
    return stored_spec(path.parent).system()


@cache
def stored_search() -> dict[str, bytes]:
    """The files of a checkpoint of a search over few states."""
    spec = ExplorationSpec.from_json(ORDER)
    search = BreadthFirstSearch(make_engine("numpy", spec.system(), spec.symmetry, 1))
    search.run(SearchLimits(states=50), never_stop)
    with TemporaryDirectory() as folder:
        save(search, ORDER, 1.0, Path(folder))
        return {each.name: each.read_bytes() for each in (Path(folder) / "current").iterdir()}


def read_arrays(path: Path) -> object:
    """A checkpoint of which one array is anything, with sums that fit: which one, the data says."""
    spec, data = ExplorationSpec.from_json(ORDER), path.read_bytes()
    folder = path.parent / "current"
    folder.mkdir(exist_ok=True)
    arrays = sorted(name for name in stored_search() if name.endswith(".npy"))
    changed = arrays[crc32(data) % len(arrays)]
    for each, content in stored_search().items():
        (folder / each).write_bytes(data if each == changed else content)
    (folder / SUMS).write_text(sums_of(folder))
    engine = make_engine("numpy", spec.system(), spec.symmetry, 1)
    with suppress(CheckpointError):  # no array fits in the place of each
        return restore(engine, path.parent)
    return None


def read_move(path: Path) -> object:
    """What a browser asks a played run for."""
    asked = msgspec.json.decode(path.read_bytes(), type=Asked)
    plan = make_plan(SAVED.target)
    return msgspec.json.encode(answer(plan, asked))


def read_known(path: Path) -> object:
    """A folder of known findings, as a hunt looks through it."""
    folder = path.parent / "raft-oracle-known"
    folder.mkdir(exist_ok=True)
    (folder / "finding.json").write_bytes(path.read_bytes())
    return [saved_in(each) for each in files_in(folder)]


def read_course(path: Path) -> object:
    """What the examination of one lab of a course has printed."""
    return one_line(read_report("lab", Ended(0, path.read_bytes(), path.read_bytes())).outcome)


def read_lab(path: Path) -> object:
    """A lab, of which one file is anything."""
    folder = path.parent / "lab"
    if not folder.exists():
        shutil.copytree(LAB, folder)
    for name in ("raft.go", GO_MOD):
        (folder / name).write_bytes(path.read_bytes())
    return recognise(folder), number_of_lab(folder), mentions(folder / GO_MOD, "6.5840/labrpc")


def read_packages(path: Path) -> object:
    """What `go list` prints of a lab and what it imports."""
    return [listed(each) for each in told_in(path.read_text("utf-8", "replace"))]


def beginning(name: str) -> bytes:
    """The first lines of a trace that is stored."""
    lines = gzip.decompress((ROOT / "tests/data/traces" / name).read_bytes()).splitlines(True)
    return b"".join(lines[:FIRST_LINES])


READERS: Final = {
    "schedule": Reader(read_written, (UsageError,), (dump_schedule(SAVED), TEXT)),
    "trace": Reader(
        judge_trace,
        (TraceError,),
        (
            beginning("etcd-raft-3.7.0-joint.ndjson.gz"),
            beginning("hashicorp-raft-1.8.0-snapshot-keeps-conflict.jsonl.gz"),
        ),
    ),
    "trace.json": Reader(
        lambda path: read_trace(path.read_bytes()),
        (ValueError,),
        (gzip.decompress((ROOT / "docs/findings/traces/changes-overlap.json.gz").read_bytes()),),
    ),
    "history": Reader(judge_history, (ValueError,), (OPERATIONS, gzip.compress(OPERATIONS))),
    "history of Jepsen": Reader(judge_history, (ValueError,), (EVENTS, LOG, ROBUSTNESS)),
    "hello": Reader(lambda path: decode_hello(path.read_bytes()), (ProtocolError,), (HELLO,)),
    "reply": Reader(read_reply, (SubjectError,), (REPLY,)),
    "checkpoint": Reader(read_checkpoint, (CheckpointError,), (MANIFEST,)),
    "arrays of a checkpoint": Reader(read_arrays, (), (ARRAY,)),
    "transcript of an adapter": Reader(lambda path: examined(path.read_bytes()), (), (TRANSCRIPT,)),
    "list of Go": Reader(read_packages, (ToolError,), (PACKAGES,)),
    "move of play": Reader(
        read_move, NOT_READABLE, (b'{"actions":[],"more":"elect S1; client_request S1 x"}', MOVE)
    ),
    "known finding": Reader(read_known, (UsageError,), (dump_schedule(BROKEN),)),
    "course": Reader(
        read_course,
        (),
        (printed(LabsReport(seed=0, exit_code=0, labs=(LabReport("lab", "held"),))).encode(),),
    ),
    "lab": Reader(read_lab, (UsageError,), ((LAB / "raft.go").read_bytes(),)),
    "standard error": Reader(lambda path: cause_of_end(path.read_bytes()), (), (PANIC,)),
    "bridge.toml": Reader(
        lambda path: read.__wrapped__(path),
        (BridgeError,),
        ((BRIDGES / "libraft/bridge.toml").read_bytes(),),
    ),
}
"""Every reader of a format that strangers write."""
