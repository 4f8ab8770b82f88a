"""Wrong input is refused in one line that says what, where and what was expected."""

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.actions import Elect
from model.schedule import SavedSchedule, dump_schedule
from model.target import Reference, Target
from oracle.commands import main as cli
from oracle.formats.schedule_file import read_schedule
from oracle.hunting.plan import make_plan
from oracle.hunting.play_safely import play_safely
from oracle.terminal.usage import UsageError
from raft_core import s1
from tests.oracle.command import BROKEN, TOY, is_refused, raft_oracle

SAVED = SavedSchedule(
    target=Target(subject=Reference(), servers=3, network="any"),
    subject_version="0.1.0",
    driver="walker",
    seed=0,
    property=None,
    actions=(Elect(s1),),
)
VALID: dict[str, Any] = json.loads(dump_schedule(SAVED))

WRONG_WORDS: list[tuple[list[str], str]] = [
    (
        [],
        "expected a command: bridge, bridges, check-adapter, check-history, check-trace, ",
    ),
    (["hunt", "nonsense"], "nonsense"),
    (["init", "empty"], "--lang"),
    (["init", "--lang", "cobol", "empty"], "'cobol'"),
    (["init", "--lang", "go", "."], "expected an empty directory"),
    (["init", "--lang", "go", "/dev/null"], "found a file"),
    (["init", "--lang", "go", "/dev/null/inside"], "Not a directory"),
    (["hunt", "missing.py"], "no file missing.py"),
    (["hunt", ".py"], "no file .py"),
    (["hunt", "missing.py:FACTORY"], "no file missing.py"),
    (["hunt", "--frobnicate"], "--frobnicate"),
    (["frobnicate"], "frobnicate"),
    (["hunt", "--budget", "abc"], "'abc'"),
    (["hunt", "--budget", "0s"], "'0s'"),
    (["hunt", "--budget=-5s"], "'-5s'"),
    (["hunt", "--budget", "1e9999s"], "'1e9999s'"),
    (["hunt", "--budget", "9" * 400 + "s"], "expected a time"),
    (["hunt", "--budget", "1s", "--steps", "5"], "--steps"),
    (["hunt", "--steps", "0"], "found 0"),
    (["hunt", "--steps", "9" * 400], "expected at least 1, and less than 2^63"),
    (["hunt", "--servers", "0"], "found 0"),
    (["hunt", "--servers", "10"], "found 10"),
    (["hunt", "--servers", "x"], "'x'"),
    (["hunt", "--servers", "0", "--mutant", "double-vote"], "found 0"),
    (["hunt", "--workers", "0"], "found 0"),
    (["hunt", "--workers", "9" * 20], "expected 1 to 1024"),
    (["hunt", "--set", "max_entries"], "KEY=VALUE"),
    (["hunt", "--set", "=5"], "KEY=VALUE"),
    (["hunt", "--set", "colour=blue"], "'colour'"),
    (["hunt", "--set", "max_entries=many"], "'many'"),
    (["hunt", "--ignore", "Gravity"], "'Gravity'"),
    (["hunt", "--only", "Gravity"], "'Gravity'"),
    (["hunt", "--only", "VoteOnce", "--ignore", "VoteOnce"], "which --ignore has too"),
    (["hunt", "--runs", "rival-leaders", "--driver", "hypothesis"], "expected --driver walker"),
    (["hunt", "--set", "max_entries=" + "9" * 6000], "found 6,000 digits, expected at most 18"),
    (["hunt", "--only", "Conforms"], "does not show message meanings; expected --set meanings=on"),
    (["hunt", "--network", "fifo", "--only", "Progress"], "expected --network any"),
    (["hunt", "--mutant", "wolverine"], "'wolverine'"),
    (["hunt", "pysyncobj", "--mutant", "double-vote"], "pysyncobj"),
    (["hunt", TOY, "--mutant", "double-vote"], "mutant"),
    (["hunt", TOY, "--set", "max_entries=none"], "'none'"),
    (["hunt", TOY + ":NOTHING"], "NOTHING"),
    (["hunt", "--seed", "x"], "'x'"),
    (["hunt", "--seed", "9" * 30], "64 bits"),
    (["hunt", "--out", "a-file"], "a-file"),
    (["hunt", "--out", "/proc/none"], "cannot write to /proc"),
    (["hunt", "--out", "a-loop"], "a-loop, which is no folder"),
    (["hunt", "--out", "a-file/below"], "a-file"),
    (["hunt", "--out", "x" * 300], "xx: File name too long, expected another name"),
    (["hunt", "--junit", "x" * 300], "junit: found xxx"),
    (["hunt", "--junit", ""], "junit: found ., which is a folder"),
    (["hunt", "--known", "x" * 300], "xxx: File name too long"),
    (["explore", "x" * 300 + ".py"], "xxx.py: File name too long"),
    (["lab", "a-loop"], "found no Raft in"),
    (["mutants", "--only", "wolverine"], "'wolverine'"),
    (["figure16", "--trials", "0"], "--trials"),
    (["figure16", "--trials", "many"], "'many'"),
    (["figure16", "--workers", "0"], "workers: found 0"),
    (["figure16", "--seed", "9" * 30], "64 bits"),
    (["figure16", "--out", "a-file"], "a-file"),
    (["figure16", "--out", "/proc/none"], "cannot write to /proc"),
    (["figure16", "--out", "a-file/plot.svg"], "a-file"),
    (["figure16", "--out", "x" * 300 + ".svg"], "out: found xxx"),
    (["figure16", "all"], "all"),
    (["replay", "missing.json"], "found 'missing.json', expected a file or a scenario"),
    (["replay", "."], "directory"),
]


@pytest.mark.parametrize(("words", "named"), WRONG_WORDS, ids=lambda each: str(each)[:60])
def test_wrong_words_are_refused_in_one_line(
    words: list[str],
    named: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Every mistake on the command line is named on standard error, and the exit code is 64."""
    (tmp_path / "a-file").write_text("in the way")
    (tmp_path / "a-loop").symlink_to("a-loop")
    monkeypatch.chdir(tmp_path)
    code, out, err = called(words, monkeypatch, capfd)
    assert (code, out) == (64, "")
    assert err.startswith("raft-oracle: ")
    assert err.count("\n") == 1
    assert named in err


def called(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> tuple[object, str, str]:
    """The command line, called in this process, for there are many."""
    monkeypatch.setattr(sys, "argv", ["raft-oracle", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, *capfd.readouterr()


@pytest.mark.parametrize("words", [["hunt", "nonsense"], ["replay", "missing.json"]], ids=str)
def test_the_real_command_refuses_too(words: list[str], tmp_path: Path) -> None:
    """In a process of its own, nothing else is printed, not even at its end."""
    assert is_refused(raft_oracle(tmp_path, *words))


WRONG_ADAPTERS = {
    "syntax error": ("FACTORY = (", "SyntaxError"),
    "null byte": ("FACTORY = 1\0", "null byte"),
    "raises": ("raise ValueError('on\\nimport')", "ValueError: on import"),
    "exits": ("import sys; sys.exit(0)", "SystemExit: 0"),
    "dies": ("import os; os._exit(0)", "ended its process"),
    "kills itself": ("import os; os.kill(os.getpid(), 11)", "ended its process"),
    "hangs": ("import time; time.sleep(1000)", "took longer"),
    "no factory": ("X = 1", "no FACTORY"),
    "wrong factory": ("FACTORY = 5", "lacks name"),
    "class": ("class FACTORY: name = 'x'", "an instance"),
    "wrong network": (
        "class F:\n    name = summary = network = 'x'\nFACTORY = F()",
        "network: found 'x'",
    ),
    "broken attribute": (
        "class F:\n    @property\n    def name(self): return 1 / 0\nFACTORY = F()",
        "ZeroDivisionError",
    ),
}


@pytest.mark.parametrize("kind", WRONG_ADAPTERS)
def test_adapter_that_does_not_load_is_refused_in_one_line(kind: str, tmp_path: Path) -> None:
    """Whatever a user's file does while it is loaded, the command says so and ends."""
    text, named = WRONG_ADAPTERS[kind]
    (tmp_path / "adapter.py").write_text(text)
    variables = {"RAFT_ORACLE_PATIENCE": "0.2"} if kind == "hangs" else None
    done = raft_oracle(tmp_path, "hunt", "adapter.py", "--budget", "1s", variables=variables)
    assert is_refused(done), done
    assert named in done.err


@pytest.mark.parametrize("how", ["raises", "os-exit", "sys-exit"])
def test_subject_that_cannot_be_created_is_refused_in_one_line(how: str, tmp_path: Path) -> None:
    """A subject of which there never is a cluster is wrong usage, and not a finding."""
    done = raft_oracle(tmp_path, "hunt", BROKEN, "--set", "where=create", "--set", f"how={how}")
    assert is_refused(done), done


def test_pysyncobj_that_is_not_installed_is_refused_in_one_line(tmp_path: Path) -> None:
    """Without the library, its subject says how to get it."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Blocker:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'pysyncobj':\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Blocker())\n"
    )
    paths = {"PYTHONPATH": f"{tmp_path}:{Path(cli.__file__).parents[2]}"}
    done = raft_oracle(tmp_path, "hunt", "pysyncobj", "--budget", "1s", variables=paths)
    assert is_refused(done), done
    assert "pip install" in done.err
    assert raft_oracle(tmp_path, "subjects", variables=paths).code == 0


@pytest.mark.parametrize("patience", ["soon", "0", "-1", "inf", "nan"])
def test_patience_that_is_no_time_is_refused_in_one_line(
    patience: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The environment variable is checked before anything begins."""
    monkeypatch.setenv("RAFT_ORACLE_PATIENCE", patience)
    monkeypatch.chdir(tmp_path)
    code, _, err = called(["hunt", "--budget", "1s"], monkeypatch, capfd)
    assert code == 64
    assert "RAFT_ORACLE_PATIENCE" in err


@pytest.mark.parametrize("seed", [-1, -(2**63), 2**63 - 1])
def test_seeds_of_64_bits_work(seed: int, tmp_path: Path) -> None:
    """Negative and huge seeds are seeds like any other."""
    done = raft_oracle(tmp_path, "hunt", f"--seed={seed}", "--steps", "5000", "--workers", "1")
    assert done.code in (0, 2)
    assert f"seed {seed}" in done.out


WRONG_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "not JSON"),
    "truncated": (dump_schedule(SAVED)[:-20], "not JSON"),
    "binary": (bytes(range(256)), "not JSON"),
    "a list": (b"[]", "format"),
    "nested": (b"[" * 100_000, ""),
    "another format": (b'{"format": "cake"}', "'cake'"),
}
WRONG_VALUES: dict[str, tuple[str, object, str]] = {
    "unknown version": ("version", 99, "99"),
    "huge version": ("version", 10**30, "version"),
    "unknown action": ("actions", [{"action": "Explode"}], "'Explode'"),
    "unknown server": ("actions", [{"action": "Crash", "server": "s12"}], "'s12'"),
    "server beyond": ("actions", [{"action": "Crash", "server": "s4"}], "s4"),
    "huge age": (
        "actions",
        [{"action": "Deliver", "source": "s1", "destination": "s2", "age": "old"}],
        "age",
    ),
    "unknown field": ("colour", "blue", "'colour'"),
    "unknown property": ("property", "Gravity", "'Gravity'"),
    "unknown subject": ("subject", "nonsense", "'nonsense'"),
    "unknown mutant": ("mutant", "wolverine", "'wolverine'"),
    "unknown ignored": ("ignore", ["Gravity"], "'Gravity'"),
    "unknown setting": ("settings", {"colour": "blue"}, "'colour'"),
    "bad setting": ("settings", {"max_entries": "many"}, "'many'"),
    "no servers": ("servers", 0, "0"),
    "huge servers": ("servers", 10**30, "servers"),
    "servers true": ("servers", True, ""),
    "other network": ("network", "carrier pigeon", "network"),
    "missing adapter": ("subject", "missing.py", "missing.py"),
}


@pytest.mark.parametrize("kind", [*WRONG_FILES, *WRONG_VALUES])
def test_schedule_that_cannot_be_read_is_refused_in_one_line(
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The line names the file and what is wrong in it."""
    if kind in WRONG_FILES:
        data, named = WRONG_FILES[kind]
    else:
        field, value, named = WRONG_VALUES[kind]
        data = json.dumps({**VALID, field: value}).encode()
    path = tmp_path / "schedule.json"
    path.write_bytes(data)
    code, out, err = called(["replay", str(path)], monkeypatch, capfd)
    assert (code, out, err.count("\n")) == (64, "", 1)
    assert str(path) in err
    assert named in err


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([*VALID, "s1", "s9", "Crash", "Deliver", "any", 10**40]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["action", "server", "age", "source"]), inner)
    ),
    max_leaves=6,
)


def is_read_or_refused(path: Path) -> bool:
    """Whether a file is a schedule that can be run, or is refused by its name."""
    try:
        saved = read_schedule(path)
    except UsageError as error:
        return str(path) in str(error)
    if not isinstance(saved.target.subject, Reference):
        return True
    with suppress(UsageError):
        play_safely(make_plan(saved.target), saved.actions)
    return True


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=st.dictionaries(st.sampled_from([*VALID]), ANYTHING, min_size=1, max_size=3))
def test_no_change_of_a_schedule_gives_a_traceback(
    changes: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A schedule with other values in it is read, or it is refused as wrong usage."""
    path = tmp_path_factory.getbasetemp() / "changed.json"
    path.write_text(json.dumps({**VALID, **changes}))
    assert is_read_or_refused(path)


@settings(max_examples=300, deadline=None)
@given(start=st.integers(0, 2000), junk=st.binary(max_size=8), skipped=st.integers(0, 8))
def test_no_damage_to_a_schedule_gives_a_traceback(
    start: int, junk: bytes, skipped: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A schedule with other bytes in it is read, or it is refused as wrong usage."""
    data = dump_schedule(SAVED)
    start %= len(data)
    path = tmp_path_factory.getbasetemp() / "damaged.json"
    path.write_bytes(data[:start] + junk + data[start + skipped :])
    assert is_read_or_refused(path)
