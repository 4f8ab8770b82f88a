package raft

import "sync"

// Persister is the disk of one server. It has the older shape, in which Raft's state is saved alone or
// with a snapshot.
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

// SaveRaftState replaces Raft's state, and leaves the snapshot as it is.
func (ps *Persister) SaveRaftState(state []byte) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.raftstate = append([]byte(nil), state...)
}

// SaveStateAndSnapshot replaces both at once.
func (ps *Persister) SaveStateAndSnapshot(state []byte, snapshot []byte) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.raftstate = append([]byte(nil), state...)
	ps.snapshot = append([]byte(nil), snapshot...)
}

// ReadRaftState returns what Raft saved last.
func (ps *Persister) ReadRaftState() []byte {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return append([]byte(nil), ps.raftstate...)
}

// RaftStateSize tells how many bytes Raft's state takes.
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
