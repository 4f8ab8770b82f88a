"""`init`: every scaffold builds, keeps to the protocol, and is the same toy as the others."""

import contextlib
import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from oracle.commands.init import LANGUAGES, SCAFFOLDS, write_scaffold
from oracle.subjects.naming import absolute, read_subject
from tests.oracle.command import raft_oracle
from tests.oracle.scaffold_project import CACHE, TARGET, replace_once, run_in_project
from tests.require import require

BUILD_SECONDS = 240
AS_USERS_HAVE_IT = {"PYTHONSAFEPATH": ""}
"""Empty is off: a Python adapter imports what lies beside it."""
pytestmark = pytest.mark.once
languages = pytest.mark.parametrize("language", sorted(LANGUAGES))

COMMANDS: list[dict[str, Any]] = [
    {"op": "reset", "servers": ["S1", "S2", "S3"], "settings": {}},
    {"op": "election_timeout", "server": "S1"},
    {"op": "client_request", "server": "S2", "command": "refused"},
    {"op": "deliver", "server": "S2", "from": "S1"},
    {"op": "deliver", "server": "S1", "from": "S2"},
    {"op": "client_request", "server": "S1", "command": 'a "quoted" \\ ü \n\t line'},
    {"op": "deliver", "server": "S2", "from": "S1"},
    {"op": "deliver", "server": "S1", "from": "S2"},
    {"op": "crash", "server": "S2"},
    {"op": "restart", "server": "S2"},
    {"op": "heartbeat_timeout", "server": "S1"},
    {"op": "deliver", "server": "S3", "from": "S1"},
    {"op": "deliver", "server": "S1", "from": "S3"},
    {"op": "deliver", "server": "S3", "from": "S1"},
    {"op": "deliver", "server": "S1", "from": "S3"},
    {"op": "client_request", "server": "S1", "command": "never committed"},
    {"op": "election_timeout", "server": "S2"},
    {"op": "election_timeout", "server": "S2"},
    {"op": "deliver", "server": "S3", "from": "S2"},
    {"op": "deliver", "server": "S3", "from": "S2"},
    {"op": "deliver", "server": "S2", "from": "S3"},
    {"op": "deliver", "server": "S2", "from": "S3"},
    {"op": "deliver", "server": "S1", "from": "S2"},
    {"op": "heartbeat_timeout", "server": "S2"},
    {"op": "deliver", "server": "S1", "from": "S2"},
    {"op": "deliver", "server": "S2", "from": "S1"},
    {"op": "deliver", "server": "S1", "from": "S2"},
    {"op": "crash", "server": "S1"},
    {"op": "restart", "server": "S1"},
]
"""An election, entries, a restart, a rival; each delivery takes the newest message on a link."""


NO_UP_TO_DATE_CHECK = {
    "c": ("raft.c", "is_free && up_to_date", "is_free && (up_to_date || last_term >= 0)"),
    "go": ("raft.go", "&& upToDate\n", "&& (upToDate || last >= 0)\n"),
    "java": ("Raft.java", "isFree && upToDate", "isFree && (upToDate || lastTerm >= 0)"),
    "python": (
        "raft.py",
        "and (asked.last_log_term, asked.last_log_index) >= mine",
        "and mine >= (0, 0)",
    ),
    "rust": ("src/raft.rs", "theirs >= mine", "(theirs >= mine || mine >= (0, 0))"),
}
"""By language: a file of the toy, what stands in it, and what makes a vote go to anyone."""


def built(language: str, directory: Path, is_wrong: bool = False) -> list[str]:
    """The command of a scaffold that was written and built, or a skip that says why not.

    One that is wrong votes for candidates whose logs are not up-to-date.
    """
    if language != "python":
        require(language)
    write_scaffold(language, directory)
    if is_wrong:
        name, right, wrong = NO_UP_TO_DATE_CHECK[language]
        replace_once(directory / name, right, wrong)
    target = f"wrong-{TARGET}" if is_wrong else TARGET
    build = LANGUAGES[language].build
    done = run_in_project(language, build, directory, BUILD_SECONDS, target)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "" or language == "rust", "a build without warnings"
    if language == "rust":
        return [str(CACHE / target / "release" / "adapter")]
    return shlex.split(LANGUAGES[language].command)


def conversation(command: list[str], directory: Path) -> list[Any]:
    """What an adapter replies to COMMANDS, without the messages' own form."""
    mailbox: dict[tuple[str, str], list[str]] = {}
    replies = []
    with subprocess.Popen(
        command, cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for each in COMMANDS:
            asked = dict(each)
            if asked["op"] == "deliver":
                link = (asked["from"], asked["server"])
                asked |= {"op": "receive", "message": mailbox[link].pop()}
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            reply = json.loads(process.stdout.readline())
            for sent in reply.get("sent", []):
                mailbox.setdefault((sent["from"], sent["to"]), []).append(sent.pop("message"))
            replies.append({name: value for name, value in reply.items() if value})
    return replies


@languages
def test_scaffold_keeps_to_the_protocol(language: str, tmp_path: Path) -> None:
    """What `init` writes builds without warnings and passes check-adapter."""
    command = built(language, tmp_path / "mine")
    done = raft_oracle(
        tmp_path / "mine", "check-adapter", "--", *command, variables=AS_USERS_HAVE_IT
    )
    assert done.code == 0, done.out + done.err
    assert "15 ok" in done.out


@languages
def test_rules_judge_a_scaffold_as_it_is(language: str, tmp_path: Path) -> None:
    """Its messages say what they mean: the report lists Conforms, and the toy breaks no rule."""
    command = built(language, tmp_path / "mine")
    words = ("hunt", "--steps", "3000", "--", *command)
    done = raft_oracle(tmp_path / "mine", *words, variables=AS_USERS_HAVE_IT)
    assert done.code == 0, done.out + done.err
    assert re.search(r"^Checked: [^:]*\bConforms$", done.out, flags=re.MULTILINE)


@languages
def test_a_wrong_rule_in_a_scaffold_is_named(language: str, tmp_path: Path) -> None:
    """A vote for a candidate whose log is not up-to-date is found where it is given."""
    command = built(language, tmp_path / "mine", is_wrong=True)
    words = ("hunt", "--steps", "60000", "--", *command)
    done = raft_oracle(tmp_path / "mine", *words, variables=AS_USERS_HAVE_IT)
    assert done.code == 1, done.out + done.err
    assert "VoteToUpToDate violated at step" in done.out


@languages
def test_every_scaffold_is_the_same_toy(language: str, tmp_path: Path) -> None:
    """All languages reply alike, label by label and view by view."""
    command = built(language, tmp_path / "mine")
    write_scaffold("python", tmp_path / "python")
    expected = conversation(["python3", "adapter.py"], tmp_path / "python")
    assert not any("error" in reply for reply in expected)
    assert conversation(command, tmp_path / "mine") == expected


@languages
def test_readme_names_the_three_commands(language: str) -> None:
    """Build, check, hunt: the README says what `init` says."""
    text = (SCAFFOLDS / language / "README.md").read_text(encoding="utf-8")
    chosen = LANGUAGES[language]
    assert f"\n{chosen.build}\n" in text
    assert f"\nraft-oracle check-adapter -- {chosen.command}\n" in text
    assert f"\nraft-oracle hunt -- {chosen.command}\n" in text


@languages
def test_schedule_of_a_scaffold_replays_elsewhere(language: str, tmp_path: Path) -> None:
    """The command that `init` prints names its program by a file, which is found from anywhere."""
    write_scaffold(language, tmp_path / "mine")
    program = shlex.split(LANGUAGES[language].command)[-1]
    made = tmp_path / "mine" / program
    made.parent.mkdir(parents=True, exist_ok=True)
    made.touch()
    with contextlib.chdir(tmp_path / "mine"):
        named = absolute(read_subject(f"-- {LANGUAGES[language].command}"))
    assert named.text.endswith(f" {made}")


def test_init_says_how_to_go_on(tmp_path: Path) -> None:
    """A scaffold goes into a new directory or an empty one, and the next commands are printed."""
    (tmp_path / "empty").mkdir()
    for name in ("empty", "new place"):
        done = raft_oracle(tmp_path, "init", "--lang", "python", name)
        assert done.code == 0
        assert done.out.splitlines()[0] == f"cd {shlex.quote(name)}"
        assert done.out.splitlines()[-1] == "raft-oracle hunt -- python3 adapter.py"
        assert (tmp_path / name / "adapter.py").is_file()


def test_a_mistake_in_the_toy_is_found(tmp_path: Path) -> None:
    """The mistake that the README proposes, a vote that is not persisted, breaks VoteOnce."""
    write_scaffold("python", tmp_path)
    toy = tmp_path / "raft.py"
    right = "self.voted_for = source\n            self.persist()\n"
    text = toy.read_text(encoding="utf-8")
    assert text.count(right) == 1
    toy.write_text(text.replace(right, "self.voted_for = source\n"), encoding="utf-8")
    words = ["hunt", "--steps", "5000", "--workers", "1", "--", "python3", "adapter.py"]
    done = raft_oracle(tmp_path, *words, variables=AS_USERS_HAVE_IT)
    assert done.code == 1, done.err
    assert "VoteOnce violated at step 3" in done.out
