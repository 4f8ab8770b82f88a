"""A hunt of many versions names the release that broke a library, or mended it."""

import json
import signal
from pathlib import Path

import pytest
from attrs import frozen

from oracle.bridging.versions import Range, versions_in
from oracle.commands import hunt_versions
from oracle.commands.hunt import hunt_command
from oracle.formats.result_json import Bisected, decode_result
from oracle.hunting import investigate
from oracle.terminal.exit_codes import Exit
from tests.oracle.adapters.released_adapter import RELEASES
from tests.oracle.command import ADAPTERS, is_refused, raft_oracle

ADAPTER = str(ADAPTERS / "released_adapter.py")


@frozen
class MadeUp:
    """A registry that has the releases of the adapter."""

    listed_by: str = "pip lists"

    def within(self, wanted: Range) -> tuple[str, ...]:
        """What it lists of a range."""
        return versions_in(wanted, RELEASES, "the toy's")


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every subject is in the registry that is made up; its 1.1.0 does not build."""

    def obtain(subject: object, version: str, mutant: str | None) -> None:
        if version == "1.1.0":
            raise ValueError("no such compiler\x1b[31m any more")

    monkeypatch.setattr(investigate, "NEIGHBOURS", 0)  # shorter schedules are not looked for
    monkeypatch.setattr(hunt_versions, "released", lambda subject: MadeUp())
    monkeypatch.setattr(hunt_versions, "obtain", obtain)
    monkeypatch.chdir(tmp_path)


def hunt(*words: str) -> int:
    """Run a hunt in this process; its exit code."""
    budget = ("--steps", "300", "--workers", "1", "--only", "OwnTermCommits", "--out", "found")
    with pytest.raises(SystemExit) as ended:
        hunt_command.main([ADAPTER, *budget, *words], standalone_mode=False)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_release_that_broke_it_is_named(
    made_up: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each version is told with what was seen; what breaks has its page, beside the verdict."""
    assert hunt("--set", "version=1.0.0..1.4.0", "--junit", "versions.xml") == Exit.VIOLATION
    said = capsys.readouterr().out
    lines = said.splitlines()
    assert lines[0] == "ADAPTER: 5 versions".replace("ADAPTER", ADAPTER) + (
        " from 1.0.0 to 1.4.0, as pip lists them; seed 0."
    )
    assert [line.split(":")[0] for line in lines[1:6]] == [
        *("1.4.0", "1.0.0", "1.2.0", "1.1.0"),
        "",
    ]
    assert "by the schedule of 1.4.0" in said
    assert "not tried: no such compiler" in said
    assert "\x1b" not in said
    sentence = (
        "OwnTermCommits came with 1.2.0, if not with 1.1.0, which was not tried: in 1.0.0 it "
    )
    assert sentence in " ".join(said.split())
    assert "does not prove that a version is clean" in said
    for version in ("1.2.0", "1.4.0"):
        assert {each.name for each in Path("found", version).iterdir()} >= {
            *("report.html", "schedule.json", "test_regression.py", "trace.txt", "trace.json")
        }
        saved = json.loads(Path("found", version, "schedule.json").read_text())
        assert saved["settings"] == {"version": version}
    result = decode_result(Path("found/versions.json").read_bytes())
    assert result.exit_code == Exit.VIOLATION
    assert result.bisected == Bisected(
        versions=("1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"),
        property="OwnTermCommits",
        broken_since="1.2.0",
        mended_in=None,
        last_before="1.0.0",
        not_tried_between=("1.1.0",),
    )
    assert Path("versions.xml").read_text().count("<testcase") == 4


def test_the_release_that_mended_it_is_named(
    made_up: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """As JSON."""
    assert hunt("--set", "version=1.2.0..1.6.0", "--json") == Exit.VIOLATION
    result = decode_result(capsys.readouterr().out)
    assert result.bisected
    assert result.bisected.mended_in == "1.5.0"
    assert result.bisected.last_before == "1.4.0"
    assert [(each.name.split()[-1], each.outcome) for each in result.cases] == [
        *(("1.2.0", "broken"), ("1.4.0", "broken")),
        *(("1.5.0", "held"), ("1.6.0", "held")),
    ]


def test_nothing_in_both_ends_is_nothing_found(
    made_up: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """What lies between them was not tried, and is not said to be clean."""
    assert hunt("--set", "version=1.0.0..1.6.0") == Exit.NOTHING_FOUND
    said = " ".join(capsys.readouterr().out.split())
    assert "No violation found in 1.0.0 and 1.6.0; 5 versions between them were not tried." in said


def test_an_interrupted_search_keeps_what_it_has(
    made_up: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The version at hand is not tried, and no other is."""

    def obtain(subject: object, version: str, mutant: str | None) -> None:
        if version == "1.0.0":
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(hunt_versions, "obtain", obtain)
    assert hunt("--set", "version=1.0.0..1.4.0") == Exit.VIOLATION
    said = capsys.readouterr().out
    assert "1.0.0:       not tried: interrupted" in said
    assert "Interrupted. OwnTermCommits breaks in all that was tried" in said
    assert Path("found/1.4.0/report.html").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("etcd-raft", "--set", "version=3.6.0..3.7.0"), "a range for etcd-raft, whose releases"),
        (("--set", "version=1.0..2.0"), "a range for reference, whose releases are not searched"),
        (
            ("pysyncobj", "--set", "version=0.3.5..", "--steps", "9"),
            "found '0.3.5..', expected two",
        ),
        (("pysyncobj", "--set", "version=0.3.5..0.3.6", "--all"), "found a range with --all, exp"),
        (("pysyncobj", "--set", "version=0.3.5..0.3.6", "--known", "."), "a range with --known"),
    ],
)
def test_ranges_that_make_no_sense_are_wrong_usage(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    """One line, before anything is asked of a registry."""
    done = raft_oracle(tmp_path, "hunt", *words)
    assert is_refused(done)
    assert said in done.err


@pytest.mark.needs("pypi", "pysyncobj")
def test_a_bug_of_pysyncobj_is_followed_to_the_release_it_came_with(tmp_path: Path) -> None:
    """0.3.12 keeps a commit index that a cut log has left behind; 0.3.16 lets it fall."""
    words = ("--set", "version=0.3.11..0.3.12", "--only", "IndexOrder", "--seed", "2")
    done = raft_oracle(tmp_path, "hunt", "pysyncobj", *words, "--steps", "14000")
    assert done.code == Exit.VIOLATION, done.err
    assert "IndexOrder came with 0.3.12: in 0.3.11 it was not found" in " ".join(done.out.split())


@pytest.mark.needs("pypi", "pysyncobj")
def test_a_published_bug_of_pysyncobj_is_followed_to_its_release(tmp_path: Path) -> None:
    """#166 was mended in 0.3.12."""
    words = ("--set", "version=0.3.9..0.3.14", "--only", "CommitMonotonic", "--steps", "4000")
    done = raft_oracle(tmp_path, "hunt", "pysyncobj", *words)
    assert done.code == Exit.VIOLATION, done.err
    assert "CommitMonotonic is mended in 0.3.12: 0.3.11 breaks" in done.out


@pytest.mark.needs("pypi", "pysyncobj")
def test_a_published_bug_of_pysyncobj_is_followed_to_the_release_it_came_with(
    tmp_path: Path,
) -> None:
    """#197 came with 0.3.8, which stores the commit index beside a journal that is not synced."""
    words = ("--set", "version=0.3.7..0.3.8", "--set", "power_failures=true")
    done = raft_oracle(
        *(tmp_path, "hunt", "pysyncobj", *words, "--only", "IndexOrder", "--steps", "4000")
    )
    assert done.code == Exit.VIOLATION, done.err
    assert "IndexOrder came with 0.3.8: in 0.3.7 it was not found" in " ".join(done.out.split())
