// Package raftapi stands where the course's raftapi stands: what a service knows of Raft.
package raftapi

// Raft is a server, as its service sees it.
type Raft interface {
	Start(command interface{}) (int, int, bool)
	GetState() (int, bool)
	Snapshot(index int, snapshot []byte)
	PersistBytes() int
}

// ApplyMsg tells the service of a committed entry, or of a snapshot.
type ApplyMsg struct {
	CommandValid bool
	Command      interface{}
	CommandIndex int

	SnapshotValid bool
	Snapshot      []byte
	SnapshotTerm  int
	SnapshotIndex int
}
