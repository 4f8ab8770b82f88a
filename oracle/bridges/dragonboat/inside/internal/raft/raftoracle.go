package raft

import (
	pb "github.com/lni/dragonboat/v4/raftpb"
)

// What the library keeps to itself, for raft-oracle to see: this file lies in a copy of it. Nothing
// here decides anything.

// LimitEntries says how many bytes of entries go into one message; one entry always does.
func LimitEntries(bytes uint64) { maxEntrySize = bytes }

// ElectionTimeout lets the election timer of a server that does not lead run out.
func (p *Peer) ElectionTimeout() error {
	p.raft.electionTick = p.raft.randomizedElectionTimeout
	return p.Tick()
}

// Role is what the server takes itself for.
func (p *Peer) Role() string { return p.raft.state.String() }

// Leads says whether the server takes itself for the leader.
func (p *Peer) Leads() bool { return p.raft.isLeader() }

// HandsOver says whether a leader waits for another server to take over.
func (p *Peer) HandsOver() bool { return p.raft.leaderTransfering() }

// State is term, vote and commit index.
func (p *Peer) State() pb.State { return p.raft.raftState() }

// FirstIndex is the index of the first entry in the log.
func (p *Peer) FirstIndex() uint64 { return p.raft.log.firstIndex() }

// TermAt is the term of the entry at an index, or of the last one that was compacted.
func (p *Peer) TermAt(index uint64) (uint64, error) { return p.raft.log.term(index) }

// EntriesFrom is the log from an index on.
func (p *Peer) EntriesFrom(index uint64) ([]pb.Entry, error) {
	return p.raft.log.entries(index, noLimit)
}

// Progress is what a leader knows of another server.
type Progress struct {
	Match, Next uint64
	// InSnapshot says whether the leader waits to hear what became of a snapshot that it sent.
	InSnapshot bool
}

// EachProgress visits what a leader knows of all servers, itself among them, in no order.
func (p *Peer) EachProgress(visit func(replica uint64, progress Progress)) {
	for _, group := range []map[uint64]*remote{p.raft.remotes, p.raft.nonVotings, p.raft.witnesses} {
		for replica, each := range group {
			visit(replica, Progress{each.match, each.next, each.state == remoteSnapshot})
		}
	}
}
