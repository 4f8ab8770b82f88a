package main

import (
	"fmt"

	"github.com/hashicorp/raft"

	"raftoracle/adapter"
)

// keys under which the library stores its vote.
var (
	keyVoteTerm      = []byte("LastVoteTerm")
	keyVoteCandidate = []byte("LastVoteCand")
)

// View shows the server.
func (s *server) View() adapter.View {
	index := *s.inside.snapshotIndex
	view := adapter.View{
		Role: "follower", Term: s.Term(), Vote: s.vote(),
		// The library does not raise its commit index when it takes a snapshot of what is committed.
		Commit:  int(max(*s.inside.commitIndex, index)),
		Applied: int(s.raft.AppliedIndex()), Digest: fmt.Sprintf("%016x", s.machine.digest),
	}
	if index > 0 {
		view.Snapshot = &adapter.Snapshot{Index: int(index), Term: int(*s.inside.snapshotTerm)}
	}
	log, err := s.disk.after(index)
	if err != nil {
		s.gap(err)
	}
	view.Log = log
	s.showMembers(&view)
	switch s.raft.State() {
	case raft.Leader:
		view.Role = "leader"
		s.showProgress(&view)
	case raft.Candidate: // from PreVote on; after a transfer also while it takes entries from a leader
		if view.Vote != nil && *view.Vote == s.node.Name && s.followed != *s.inside.currentTerm {
			view.Role = "candidate"
		}
	}
	return view
}

// vote is the vote that was given in the current term.
func (s *server) vote() *string {
	term, _ := s.disk.GetUint64(keyVoteTerm)
	candidate, _ := s.disk.Get(keyVoteCandidate)
	if term != *s.inside.currentTerm || candidate == nil {
		return nil
	}
	name := string(candidate)
	return &name
}

// StoredVote is the term and the vote on the disk; the library stores a term before it goes by it.
func (s *server) StoredVote() (term int, vote *string) { return s.Term(), s.vote() }

// showMembers shows the configuration in force, which is the latest one in the log, and those that
// came and went since the last view.
func (s *server) showMembers(view *adapter.View) {
	latest := s.inside.configurations
	shown := shownMembers(latest.latest, latest.latestIndex)
	view.Configuration = &shown
	for _, each := range s.passed {
		if each.Since != shown.Since {
			view.Earlier = append(view.Earlier, each)
		}
	}
	s.passed = nil
}

// progress is what a leader of a term knew of servers that did not vote: the library forgets it.
type progress struct {
	term   int
	match  map[string]int
	lowest map[string]int
}

// showProgress shows what a leader knows of the others. A server without a vote has no match index at
// the library, and starts from 0 when it gets a vote again; here it keeps what it had.
func (s *server) showProgress(view *adapter.View) {
	if s.known.term != view.Term {
		s.known = progress{term: view.Term, match: map[string]int{}, lowest: map[string]int{}}
	}
	view.Next, view.Match = map[string]int{}, map[string]int{}
	matches := (*s.inside.commitment).matchIndexes
	for id, each := range *s.inside.replication {
		name := string(id)
		match, votes := matches[id]
		if !votes {
			s.known.lowest[name] = s.known.match[name]
		}
		s.known.match[name] = max(int(match), s.known.lowest[name])
		view.Next[name], view.Match[name] = int(each.nextIndex), s.known.match[name]
	}
}
