"""Tests of what shells complete."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from oracle.commands.completion import SHELLS, answer_shell, completion_command
from oracle.commands.main import cli
from oracle.terminal.usage import ASKING, PROGRAM, UsageError
from tests.oracle.command import environment, raft_oracle


def offered(*words: str) -> list[str]:
    """What the program offers bash for the last of these words."""
    asked = BashComplete(cli, {}, PROGRAM, ASKING)
    found = asked.get_completions(list(words[:-1]), words[-1])
    return [asked.format_completion(each) for each in found]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("check-",), ["plain,check-adapter", "plain,check-history", "plain,check-trace"]),
        (("hunt", "py"), ["plain,pysyncobj"]),
        (("hunt", "./my"), ["file,./my"]),
        (("hunt", "--mutant", "double-"), ["plain,double-vote"]),
        (("hunt", "etcd-raft", "--mutant", "half"), ["plain,half-quorum"]),
        (("hunt", "--only", "ElectionS"), ["plain,ElectionSafety"]),
        (("hunt", "pysyncobj", "--set", "batch"), ["plain,batch_bytes="]),
        (("hunt", "openraft", "--set", "v"), ["plain,version="]),
        (("hunt", "etcd-raft", "--set", "s"), ["plain,source="]),
        (("check-trace", "--ignore", "VoteO"), ["plain,VoteOnce"]),
        (("trace", "--ignore", "VoteO"), ["plain,VoteOnce"]),
        (("trace", "--ignore", "Linearizab"), []),  # a property, which judges no trace
        (("explore", "--property", "LogM"), ["plain,LogMatching"]),
        (("play", "split"), ["plain,split-vote"]),
        (("trace", "hash"), ["plain,hashicorp-raft"]),
        (("bridge", "lib"), ["plain,libraft"]),
        (("hunt", "--nothing-like", "it"), ["file,it"]),
    ],
)
def test_names_that_begin_so_are_offered(words: tuple[str, ...], expected: list[str]) -> None:
    """Commands, subjects, mutants of the subject, properties, settings, scenarios, bridges."""
    assert offered(*words) == expected


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_a_script_that_asks_the_program(shell: str, tmp_path: Path) -> None:
    """The script names the variable by which the program knows that a shell asks."""
    done = raft_oracle(tmp_path, "completion", shell)
    assert done.code == 0, done
    assert f"_RAFT_ORACLE_COMPLETE={shell}_complete" in done.out
    assert "raft-oracle" in done.out


def test_bash_completes_by_its_script(tmp_path: Path) -> None:
    """The function that the script defines asks the program, and fills in what it answers."""
    script = raft_oracle(tmp_path, "completion", "bash").out
    program = tmp_path / PROGRAM
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m oracle "$@"\n')
    program.chmod(0o755)
    asks = "COMP_WORDS=(raft-oracle hunt pysy); COMP_CWORD=2; _raft_oracle_completion raft-oracle"
    asked = subprocess.run(
        ["bash", "--norc", "-c", f'{script}\n{asks}\necho "${{COMPREPLY[@]}}"'],
        env=environment(PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout == "pysyncobj\n"


@pytest.mark.parametrize(
    ("asked", "words", "place"),
    [
        ("bash_complete", "raft-oracle hu", "x"),
        ("zsh_complete", "raft-oracle hu", "9" * 20_000),
        ("bash_complete", "raft-oracle hu", None),
        ("bash_complete", None, "1"),
        ("fish_complete", "raft-oracle", " "),
        ("bash_nonsense", "raft-oracle hu", "1"),
        ("csh_source", "raft-oracle hu", "1"),
    ],
)
def test_what_no_shell_would_set_is_wrong_usage(
    asked: str, words: str | None, place: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the environment of a command anybody may say anything; that is no mistake of ours."""
    for name, text in (("COMP_WORDS", words), ("COMP_CWORD", place)):
        monkeypatch.delenv(name, raising=False)
        if text is not None:
            monkeypatch.setenv(name, text)
    with pytest.raises(UsageError, match=f"^{ASKING}: found "):
        answer_shell(cli, asked)


def test_the_bash_that_is_asked_for_its_version_is_not_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PATH may name that folder, which may be a stranger's."""
    planted = tmp_path / "bash"
    planted.write_text("#!/bin/sh\ntouch ran\n")
    planted.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.environ['PATH']}")
    completion_command.main(["bash"], standalone_mode=False)
    answer_shell(cli, "bash_source")
    assert not (tmp_path / "ran").exists()
