"""Small labs in all shapes that have to be recognised, written where a test wants them.

Their Raft does nothing: it is there to be recognised, and to compile.
"""

import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

LABRPC: Final = """// Package labrpc is a network within a process.
package labrpc

// ClientEnd is one end of a connection.
type ClientEnd struct{ name interface{} }

// Call sends a request and waits for its reply: func (e *ClientEnd) Call( of the handout.
func (e *ClientEnd) Call(svcMeth string, args interface{}, reply interface{}) bool {
	return false
}
"""
RAFT: Final = """package raft

import "{labrpc}"

// ApplyMsg is what a server hands to its service.
type ApplyMsg struct {{
	CommandValid bool
	Command      interface{{}}
	CommandIndex int
}}

// Persister is the disk of a server.
type Persister struct {{ state, snapshot []byte }}

// Raft is a server.
type Raft struct {{
	peers []*labrpc.ClientEnd
	term  int
}}

// GetState tells term and leadership.
func (rf *Raft) GetState() (int, bool) {{ return rf.term, false }}

// Start asks for a command.
func (rf *Raft) Start(command interface{{}}) (int, int, bool) {{ return -1, rf.term, false }}

// Make makes a server.
func Make(peers []*labrpc.ClientEnd, me int,
	persister *Persister, applyCh chan ApplyMsg) *Raft {{
	return &Raft{{peers: peers}}
}}
"""


def write_tree(root: Path, files: Mapping[str, str]) -> Path:
    """Write files, by their paths below a folder, which is returned."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def raft(labrpc: str) -> str:
    """A server of Raft that imports labrpc by this path."""
    return RAFT.format(labrpc=labrpc)


def module(root: Path, name: str = "6.5840", go_mod: str = "") -> Path:
    """A module with a lab; the folder of its Raft is returned."""
    write_tree(
        root,
        {
            "go.mod": go_mod or f"module {name}\n\ngo 1.22\n",
            "labrpc/labrpc.go": LABRPC,
            "raft/raft.go": raft(f"{name}/labrpc"),
        },
    )
    return root / "raft"


def tree(root: Path, source: str = "src") -> Path:
    """A GOPATH tree with a lab; the folder of its Raft is returned."""
    write_tree(root / source, {"labrpc/labrpc.go": LABRPC, "raft/raft.go": raft("labrpc")})
    return root / source / "raft"


def relative(root: Path) -> Path:
    """A lab that imports "../labrpc"; the folder of its Raft is returned."""
    write_tree(root, {"labrpc/labrpc.go": LABRPC, "raft/raft.go": raft("../labrpc")})
    return root / "raft"


@cache
def cache_of_go() -> str:
    """Where Go keeps what it has built, which depends on the variable that the tests set."""
    return subprocess.run(
        ("go", "env", "GOCACHE"), capture_output=True, text=True, check=True
    ).stdout.strip()
