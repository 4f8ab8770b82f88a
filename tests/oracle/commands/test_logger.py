"""The logger for lab Rafts: check-trace accepts what it writes of a right Raft, and only that."""

import os
import shutil
import subprocess
from pathlib import Path

from oracle.commands.init import SCAFFOLDS
from tests.oracle.command import Done, raft_oracle
from tests.require import require

CALLS = [
    (
        "func (s *Server) persist() {\n",
        "func (s *Server) persist() {\n\tLogTerm(number(s.name), s.term, number(s.votedFor))\n",
    ),
    (
        "s.log = append(s.log, Entry{s.term, command})\n",
        "s.log = append(s.log, Entry{s.term, command})\n"
        "\t\tLogAppend(number(s.name), len(s.log), s.term, command)\n",
    ),
    (
        "s.log = append(s.log, entry)\n",
        "s.log = append(s.log, entry)\n"
        "\t\t\tLogAppend(number(s.name), len(s.log), entry.Term, entry.Command)\n",
    ),
    (
        "s.log = s.log[:index-1]\n",
        "LogTruncate(number(s.name), index)\n\t\t\ts.log = s.log[:index-1]\n",
    ),
    (
        's.role = "leader"\n',
        's.role = "leader"\n\tLogRole(number(s.name), "leader", s.term)\n',
    ),
    (
        "s.commitIndex = max(s.commitIndex, index)\n",
        "if index > s.commitIndex {\n\t\tLogCommit(number(s.name), index)\n\t}\n"
        "\ts.commitIndex = max(s.commitIndex, index)\n",
    ),
]
"""Where a lab Raft would call the logger, in the toy of the Go scaffold."""

MAIN = """
package main

import (
	"fmt"
	"math/rand"
)

func number(name string) int {
	if name == "" {
		return -1
	}
	return int(name[1] - '1')
}

func main() {
	dice := rand.New(rand.NewSource(1))
	names := []string{"S1", "S2", "S3"}
	disks, running := map[string]*Disk{}, map[string]*Server{}
	start := func(position int) {
		name := names[position]
		peers := append(append([]string{}, names[:position]...), names[position+1:]...)
		disk := disks[name]
		LogStart(position, 3, disk.term, number(disk.votedFor), len(disk.log))
		running[name] = NewServer(name, peers, disk)
	}
	for position, name := range names {
		disks[name] = &Disk{}
		start(position)
	}
	var network []struct{ from string; Envelope }
	for step := 0; step < 3000; step++ {
		position := dice.Intn(3)
		server := running[names[position]]
		switch choice := dice.Intn(100); {
		case choice < 4:
			server.ElectionTimeout()
		case choice < 10:
			server.HeartbeatTimeout()
		case choice < 20:
			server.Propose(fmt.Sprint("v", step))
		case choice < 22:
			start(position)
		case len(network) > 0:
			at := dice.Intn(len(network))
			each := network[at]
			network = append(network[:at], network[at+1:]...)
			server = running[each.to]
			server.Receive(each.from, each.message)
		}
		for _, each := range server.outbox {
			network = append(network, struct{ from string; Envelope }{server.name, each})
		}
		server.outbox = nil
	}
}
"""


def judged(directory: Path, right: str = "", wrong: str = "") -> Done:
    """What check-trace says of a run of the toy, in which something may have been made wrong."""
    require("go")
    toy = (SCAFFOLDS / "go" / "raft.go").read_text(encoding="utf-8")
    for before, after in CALLS:
        assert toy.count(before) == 1
        toy = toy.replace(before, after)
    assert right in toy
    logger = (SCAFFOLDS / "logger" / "raftlog.go").read_text(encoding="utf-8")
    (directory / "raft.go").write_text(toy.replace(right, wrong) if right else toy, "utf-8")
    (directory / "raftlog.go").write_text(logger.replace("package raft\n", "package main\n"))
    (directory / "main.go").write_text(MAIN, encoding="utf-8")
    shutil.copy(SCAFFOLDS / "go" / "go.mod", directory)
    variables = {**os.environ, "RAFT_FACTS": "facts.jsonl"}
    subprocess.run(["go", "run", "."], cwd=directory, env=variables, check=True, timeout=120)
    return raft_oracle(directory, "check-trace", "facts.jsonl")


def test_a_right_raft_is_accepted(tmp_path: Path) -> None:
    """Elections, overtaken messages and restarts of the toy are all as Raft permits."""
    done = judged(tmp_path)
    facts = (tmp_path / "facts.jsonl").read_text(encoding="utf-8")
    for event in ("start", "term", "role", "append", "truncate", "commit"):
        assert f'"event":"{event}"' in facts, event
    assert done.code == 0, done.out + done.err


def test_a_mistake_in_the_raft_is_rejected(tmp_path: Path) -> None:
    """A leader that commits what one server alone holds does not pass."""
    done = judged(tmp_path, "held[s.majority()-1]", "held[0]")
    assert done.code == 1, done.out + done.err


def test_the_logger_is_short_and_formatted() -> None:
    """It is read before it is copied: fewer than 50 lines of code, as gofmt writes them."""
    path = SCAFFOLDS / "logger" / "raftlog.go"
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    assert len([line for line in lines if line and not line.startswith("//")]) < 50
    require("go")
    done = subprocess.run(["gofmt", "-l", path], capture_output=True, check=True)
    assert done.stdout == b""


def test_the_logger_is_printed(tmp_path: Path) -> None:
    """Who has installed raft-oracle without its repository gets the file from the command."""
    stored = (SCAFFOLDS / "logger" / "raftlog.go").read_text(encoding="utf-8")
    assert raft_oracle(tmp_path, "logger") == Done(0, stored, "")
