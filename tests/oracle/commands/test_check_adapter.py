"""`raft-oracle check-adapter`: an adapter that does as the protocol says, and ones that do not."""

import sys
from pathlib import Path

import pytest

from tests.oracle.command import ADAPTERS, Done, flat, is_refused, raft_oracle

REFERENCE = (sys.executable, str(ADAPTERS / "reference_child.py"))
FAULTY = (sys.executable, str(ADAPTERS / "faulty_child.py"))
IMPATIENT = {"RAFT_ORACLE_PATIENCE": "3"}


def check(cwd: Path, *words: str) -> Done:
    """Check an adapter."""
    return raft_oracle(cwd, "check-adapter", *words, variables=IMPATIENT)


def test_all_claims_hold_for_the_reference(tmp_path: Path) -> None:
    """Nothing fails; what is not offered is skipped, and what stays unchecked is said."""
    done = check(tmp_path, "--", *REFERENCE)
    assert (done.code, done.err) == (0, ""), done
    assert "FAILED   " not in done.out
    assert "skipped  replies to Compact: it is not offered" in done.out
    assert "ok       shows message meanings" in done.out
    assert "Progress, Conforms" in done.out
    assert "Not checked: MachinesAgree (not observed: applied_digest)" in done.out
    assert "Not offered: ChangeMembership, Compact" in done.out


@pytest.mark.parametrize("servers", ["1", "2", "5"])
def test_all_claims_hold_with_every_feature(servers: str, tmp_path: Path) -> None:
    """Every optional command is tried, in clusters of any size."""
    settings = ("--set", "features=on", "--set", "async_writes=on")
    done = check(tmp_path, "--servers", servers, "--", *REFERENCE, *settings)
    assert done.code == 0, done
    assert "skipped  replies to" not in done.out
    assert "ok       shows applied_digest" in done.out


@pytest.mark.parametrize(
    ("fault", "where", "failed"),
    [
        ("garbage", "hello", "says hello: hello: found 'panic!'"),
        ("exits", "crash", "replies to every command: ProcessDiedError: crash: the adapter ended"),
        ("none", "never", "by deliveries alone: on a fair schedule, the servers are"),
        ("none", "never", "answers an unsupported command with an error"),
        ("none", "never", "answers a setting that it does not know with an error"),
        ("by-time", "election_timeout", "does the same again in the same process: command"),
        ("by-time", "election_timeout", "does the same in a new process: command"),
        ("keeps", "reset", "forgets everything in a reset: command"),
        ("forgets", "restart", "keeps term, vote and log in a crash: term of"),
        ("one-label", "election_timeout", "labels tell messages apart: 'm' from"),
        ("stays", "hello", "ends when its input ends: found it running"),
    ],
)
def test_claim_that_fails_says_why(fault: str, where: str, failed: str, tmp_path: Path) -> None:
    """The exit code is 1, and the line says what was found."""
    done = check(tmp_path, "--", *FAULTY, fault, where)
    assert (done.code, done.err) == (1, ""), done
    lines = [line for line in flat(done.out).split("FAILED ") if failed in line]
    assert lines, done.out


def test_what_is_no_adapter_is_wrong_usage(tmp_path: Path) -> None:
    """A name, a program that is not there, a setting that is not listed."""
    assert is_refused(check(tmp_path, "reference"))
    assert is_refused(check(tmp_path, "--", "./no-such-program"))
    assert is_refused(check(tmp_path, "--set", "no=1", "--", *REFERENCE))
    assert is_refused(check(tmp_path, "--servers", "10", "--", *REFERENCE))


def test_a_setting_that_does_not_fit_is_wrong_usage(tmp_path: Path) -> None:
    """Its value is refused once, in the words in which a hunt refuses it."""
    refused = check(tmp_path, "--set", "max_entries=x", "--", *REFERENCE)
    assert is_refused(refused)
    assert "max_entries: found 'x', expected a whole number" in refused.err
    assert refused == raft_oracle(tmp_path, "hunt", "--set", "max_entries=x", "--", *REFERENCE)


def test_an_adapter_that_refuses_every_reset_fails_its_claims(tmp_path: Path) -> None:
    """Without settings it is the adapter's own mistake."""
    done = check(tmp_path, "--", *FAULTY, "error", "reset")
    assert (done.code, done.err) == (1, ""), done
    assert "FAILED   replies to every command" in done.out
