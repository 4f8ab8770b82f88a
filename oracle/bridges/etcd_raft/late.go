package main

import (
	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
)

// later keeps what the library wants written until the schedule lets it complete, in
// order, as etcd's documentation allows with AsyncStorageWrites. Where nothing is under way, what
// writes nothing is done already; a snapshot of a leader is installed at once, with all before it.
func (s *server) later(message *pb.Message) {
	if len(message.GetEntries()) > 0 {
		s.shown.changedFrom(message.GetEntries()[0].GetIndex())
	}
	s.queue = append(s.queue, message)
	if len(s.queue) == 1 && writesNothing(message) {
		s.completeWrite()
	}
	if !raft.IsEmptySnap(message.GetSnapshot()) {
		s.completeAll()
	}
}

func (s *server) completeAll() {
	for len(s.queue) > 0 {
		s.completeWrite()
	}
}

func writesNothing(message *pb.Message) bool {
	isHard := message.Term != nil || message.Vote != nil || message.Commit != nil
	return len(message.GetEntries()) == 0 && !isHard && raft.IsEmptySnap(message.GetSnapshot())
}

// completeWrite does the oldest of what is under way, and sends what waited for it.
func (s *server) completeWrite() {
	if len(s.queue) == 0 {
		return
	}
	message := s.queue[0]
	s.queue = s.queue[1:]
	s.isLate = true
	s.store(message)
	s.isLate = false
}

// log is the library's log from an index on: what its storage holds, and what is under way to it.
func (s *server) log(from uint64) []*pb.Entry {
	last, err := s.LastIndex()
	must(err)
	var found []*pb.Entry
	if from <= last {
		found, err = s.Entries(from, last+1, noLimit)
		must(err)
	}
	for _, message := range s.queue {
		entries := message.GetEntries()
		if len(entries) == 0 {
			continue
		}
		first := entries[0].GetIndex()
		if first < from {
			entries = entries[min(from-first, uint64(len(entries))):]
			first = from
		}
		kept := min(first-from, uint64(len(found)))
		found = append(found[:kept:kept], entries...)
	}
	return found
}
