package raft

import "sync"

// Persister is the disk of one server: the state of its Raft, and the snapshot of its service. Both
// are replaced together, so that a crash finds either the old pair or the new one.
type Persister struct {
	mu        sync.Mutex
	raftstate []byte
	snapshot  []byte
}

// MakePersister makes an empty disk.
func MakePersister() *Persister {
	return &Persister{}
}

// Copy makes a disk with the same content, for the next life of the server.
func (ps *Persister) Copy() *Persister {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return &Persister{raftstate: ps.raftstate, snapshot: ps.snapshot}
}

// Save replaces both.
func (ps *Persister) Save(raftstate []byte, snapshot []byte) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.raftstate = append([]byte(nil), raftstate...)
	ps.snapshot = append([]byte(nil), snapshot...)
}

// ReadRaftState returns what Raft saved last.
func (ps *Persister) ReadRaftState() []byte {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return append([]byte(nil), ps.raftstate...)
}

// RaftStateSize tells how many bytes Raft's state takes, so that a service knows when to compact it.
func (ps *Persister) RaftStateSize() int {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return len(ps.raftstate)
}

// ReadSnapshot returns the service's snapshot.
func (ps *Persister) ReadSnapshot() []byte {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return append([]byte(nil), ps.snapshot...)
}
