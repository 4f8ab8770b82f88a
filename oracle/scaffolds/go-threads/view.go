package main

// What there is to see of a server, what a client asks of it, and what a crash leaves.

import "raftoracle/adapter"

// server is one life of a server, as raft-oracle sees it.
type server struct {
	node *adapter.Node
	raft *Raft
	disk *memory
}

// View shows the server. Nothing runs in it at this moment, so no lock has to be taken; but whoever
// holds one now sleeps with it, or waits for ever.
func (s *server) View() adapter.View {
	r := s.raft
	if !r.mutex.TryLock() {
		s.node.Fail("the lock is held while every goroutine waits")
		return adapter.View{}
	}
	defer r.mutex.Unlock()
	view := adapter.View{
		Role: r.role, Term: r.term, Commit: r.commitIndex, Applied: r.lastApplied,
		Log: shownEntries(r.log),
	}
	if r.votedFor != "" {
		vote := r.votedFor
		view.Vote = &vote
	}
	if r.role == "leader" {
		view.Next, view.Match = copied(r.nextIndex), copied(r.matchIndex)
	}
	return view
}

// Term is looked at while the server's clock goes on, to see when an election has begun.
func (s *server) Term() int { return s.raft.term }

// Propose hands the server a client's command.
func (s *server) Propose(command string) { s.raft.Propose(command) }

// Crash returns what is on the disk; the next life finds it as Node.Disk.
func (s *server) Crash() any { return s.disk.saved }

// Stored is what the disk holds at a crash inside a step, when memory may be ahead of it.
func (s *server) Stored() ([]adapter.Entry, *adapter.Snapshot) {
	return shownEntries(s.disk.saved.Log), nil
}

// memory is a disk in memory. What is saved is a copy already, and never changed again.
type memory struct {
	node  *adapter.Node
	saved Saved
}

// Save may be where the server crashes inside a step: then it does not return.
func (m *memory) Save(saved Saved) {
	m.node.Operation()
	m.saved = saved
}

func (m *memory) Load() Saved { return m.saved }

func shownEntries(log []Entry) []adapter.Entry {
	shown := make([]adapter.Entry, len(log))
	for position, entry := range log {
		shown[position] = adapter.Entry{Term: entry.Term, Content: entry.Command}
	}
	return shown
}

func copied(indexes map[string]int) map[string]int {
	copy := make(map[string]int, len(indexes))
	for peer, index := range indexes {
		copy[peer] = index
	}
	return copy
}
