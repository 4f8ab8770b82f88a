"""`raft-oracle figure16`: the same bytes everywhere, whole files, and clean ends."""

import math
import os
import signal
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from model.figure16.published import BOTTOM, LINES, TOP
from model.figure16.trial import block
from model.runs.render import WIDTH
from oracle.commands import main as cli
from oracle.commands.figure16 import Done, claims, run, summary, table, text_of
from oracle.pictures.figure16 import GRAPHS, Axis, Results, quantile, svg, text_plot
from tests.oracle.command import ROOT, raft_oracle

FEW = 12
DOCUMENT = ROOT / "docs/figure16.md"


@pytest.fixture(scope="module")
def results() -> Results:
    """A few trials of every line; of the slow one none."""
    return {line: sorted(each or math.inf for each in block(line, 0, 0, FEW)) for line in LINES[1:]}


def test_same_bytes_with_any_workers_and_hash_seed(tmp_path: Path) -> None:
    """The table and the plot depend on --trials and --seed alone."""
    done = []
    for workers, hash_seed in (("1", "1"), ("2", "2")):
        folder = tmp_path / workers
        folder.mkdir()
        words = ("figure16", "--trials", "8", "--workers", workers, "--out", "plot.svg")
        done.append(raft_oracle(folder, *words, variables={"PYTHONHASHSEED": hash_seed}))
    assert done[0].code == done[1].code == 0, done[0].err
    assert done[0].out == done[1].out
    assert "150-155 ms, median in ms" in done[0].out
    plots = [(tmp_path / workers / "plot.svg").read_bytes() for workers in ("1", "2")]
    assert plots[0] == plots[1]


def test_plot_is_written_into_a_folder(tmp_path: Path) -> None:
    """A folder that is not there is made; nothing else is left behind."""
    done = raft_oracle(tmp_path, "figure16", "--trials", "1", "--out", "new/folder", "--seed", "1")
    assert done.code == 0, done.err
    assert [each.name for each in (tmp_path / "new/folder").iterdir()] == ["figure16.svg"]
    assert done.out.endswith("Plot: new/folder/figure16.svg\n")


def test_plot_is_well_formed_and_small(results: Results) -> None:
    """XML, one curve for each line of each graph, all within the picture."""
    text = svg(results)
    root = ElementTree.fromstring(text)
    name = "{http://www.w3.org/2000/svg}polyline"
    curves = list(root.iter(name))
    assert len(curves) == len(TOP) - 1 + len(BOTTOM)
    assert len(text) < 60_000
    for curve in curves:
        places = [
            float(each) for point in curve.attrib["points"].split() for each in point.split(",")
        ]
        assert min(places) >= 0
        assert max(places) <= 560


def test_text_fits_a_page(results: Results) -> None:
    """No line is wider than a trace, and every character is plain ASCII."""
    text = text_of(results, FEW, 0)
    assert text.isascii()
    assert max(len(line) for line in text.splitlines()) <= WIDTH


def test_documented_numbers_are_those_that_come_out() -> None:
    """The line of 12-24 ms in docs/figure16.md is what a thousand trials give."""
    line = BOTTOM[0]
    times = sorted(each or math.inf for each in block(line, 0, 0, 1000))
    row = next(each for each in table({line: times}).splitlines() if "ours" in each)
    assert f"\n{row}\n" in DOCUMENT.read_text()


def test_text_plot_rises_from_the_least_to_the_worst(results: Results) -> None:
    """A line's letter moves to the left, or stays, from row to row downwards."""
    rows = text_plot(GRAPHS[1], {BOTTOM[0]: results[BOTTOM[0]]}).splitlines()[1:-3]
    places = [row.index("a") for row in rows]
    assert places == sorted(places, reverse=True)


def test_quantiles_are_times_that_occurred() -> None:
    """The least time that so many percent do not exceed."""
    times = [1.0, 2.0, 3.0, 4.0]
    assert [quantile(times, percent) for percent in (0, 25, 26, 50, 99, 100)] == [1, 1, 2, 2, 4, 4]


def test_axes_hold_what_lies_beyond_at_their_ends() -> None:
    """A trial that was given up is at the right end of the logarithmic axis."""
    axis = Axis(100, 10_000, (100,), is_logarithmic=True)
    places = [axis.place(time) for time in (1, 100, 1000, math.inf)]
    assert places == [0, 0, pytest.approx(0.5), 1]


def test_trials_that_were_given_up_are_told() -> None:
    """They have no time, so neither the worst nor the mean has one."""
    given_up = {TOP[0]: [20_000.0, math.inf], TOP[2]: [200.0, math.inf]}
    text = text_of(given_up, 20, 0)
    assert "given up" in text
    assert "2 of 2 trials" in text
    assert summary(given_up[TOP[0]]).mean == math.inf


def test_number_that_is_off_is_called_so() -> None:
    """A median twice the paper's is not reported as reproduced."""
    off = claims({TOP[2]: [574.0]})
    assert "2.00  NOT within 25%" in off
    assert "within 25%" in claims({TOP[2]: [290.0]})
    assert "NOT" not in claims({TOP[2]: [290.0]})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_keeps_what_was_done(number: int) -> None:
    """The trials that are done when a signal comes are told, and told not to be all."""

    def report(done: Done) -> None:
        if done.trials:
            os.kill(os.getpid(), number)

    results, is_whole = run(100_000, 0, 1, report)
    assert not is_whole
    assert 0 < sum(len(times) for times in results.values()) < 1000
    assert results[TOP[0]] == sorted(results[TOP[0]])


def test_interrupted_run_prints_its_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Table and plot of what there is, then the word and the exit code of an interruption."""
    monkeypatch.setattr("oracle.commands.figure16.run", lambda *_: ({TOP[2]: [287.0]}, False))
    monkeypatch.setattr(sys, "argv", ["raft-oracle", "figure16", "--out", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    assert ended.value.code == 2
    assert "150-155 ms" in out
    assert "150-151 ms" not in out
    assert err == "raft-oracle: interrupted\n"
    assert (tmp_path / "figure16.svg").exists()


def test_plot_that_cannot_be_written_does_not_cost_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Said on standard error, for the numbers are still to come; the exit code says so, too."""
    (tmp_path / "folder").write_text("in the way")
    monkeypatch.setattr("oracle.commands.figure16.run", lambda *_: ({TOP[2]: [287.0]}, True))
    monkeypatch.setattr("oracle.commands.figure16.read_out", lambda _: tmp_path / "folder/plot.svg")
    monkeypatch.setattr(sys, "argv", ["raft-oracle", "figure16"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    assert ended.value.code == 2
    assert "150-155 ms" in out
    assert "Plot:" not in out
    assert "cannot write" in err
