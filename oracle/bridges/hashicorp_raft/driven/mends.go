package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/raft"
)

// Mends of known mistakes of the library, so that hunts see past them: the bridge does in the
// library's place what it should have done. docs/bridges.md says which finding each is for.
const (
	mendConflictingLog = "conflicting-log"
	mendDeposedLoop    = "deposed-loop"
	mendEntryRefused   = "entry-refused"
	mendStrayHandOver  = "stray-hand-over"
	mendOlderAnswers   = "older-answers"
	mendOlderSnapshot  = "older-snapshot"
	mendStaleLog       = "stale-log"
	mendTornVote       = "torn-vote"
)

// allMends are the names that the setting `mend` takes.
var allMends = []string{
	mendConflictingLog, mendDeposedLoop, mendEntryRefused, mendOlderAnswers, mendOlderSnapshot, mendStaleLog, mendStrayHandOver,
	mendTornVote,
}

// mendsIn reads the setting.
func mendsIn(text string) (map[string]bool, error) {
	found := map[string]bool{}
	if text == "none" {
		return found, nil
	}
	if text == "all" {
		text = strings.Join(allMends, "+")
	}
	for _, name := range strings.Split(text, "+") {
		if !strings.Contains(" "+strings.Join(allMends, " ")+" ", " "+name+" ") || name == "" {
			return nil, fmt.Errorf("mend: found %q, expected all, none or some of %s", name, strings.Join(allMends, "+"))
		}
		found[name] = true
	}
	return found, nil
}

// mendInstallation answers for the library where a snapshot from the leader holds nothing that is
// not applied already. It handles a heartbeat in its place, for the term and the leader.
func (s *server) mendInstallation(request *raft.InstallSnapshotRequest) (answered any, err error) {
	if !chosen.mends[mendOlderSnapshot] || request.LastLogIndex > s.raft.AppliedIndex() {
		s.mendConflict(request)
		return nil, nil
	}
	heartbeat := &raft.AppendEntriesRequest{RPCHeader: request.RPCHeader, Term: request.Term, Leader: request.Leader}
	answer, err := s.transport.serve(heartbeat)
	if err != nil {
		return nil, err
	}
	handled := answer.(*raft.AppendEntriesResponse)
	return &raft.InstallSnapshotResponse{Term: handled.Term, Success: handled.Success}, nil
}

// mendConflict throws a log away that contradicts a snapshot from the leader, before it is installed
// (Figure 13, rule 7).
func (s *server) mendConflict(request *raft.InstallSnapshotRequest) {
	place, found := s.disk.place(request.LastLogIndex)
	if !chosen.mends[mendConflictingLog] || request.Term < *s.inside.currentTerm || !found ||
		s.disk.entries[place].Term == request.LastLogTerm {
		return
	}
	last, _ := s.disk.LastIndex()
	s.must(s.disk.DeleteRange(request.LastLogIndex, last))
	*s.inside.logIndex, *s.inside.logTerm = 0, 0
	if place > 0 {
		*s.inside.logIndex, *s.inside.logTerm = s.disk.entries[place-1].Index, s.disk.entries[place-1].Term
	}
}

// mendStale throws a log away that ends before the snapshot (Figure 13, rule 7). The library keeps the
// last entries of it, whatever they are.
func (s *server) mendStale() {
	last, _ := s.disk.LastIndex()
	if !chosen.mends[mendStaleLog] || last == 0 || last >= *s.inside.snapshotIndex {
		return
	}
	first, _ := s.disk.FirstIndex()
	s.must(s.disk.DeleteRange(first, last))
	*s.inside.logIndex, *s.inside.logTerm = 0, 0
}

// errStands refuses a leadership.
var errStands = errors.New("this server leads, has no vote, or has a newer term, and stands for no election")

// mendTransfer keeps a server from standing when somebody hands over to it, if it leads or has no vote,
// or if the leader that asks is of an earlier term.
func (s *server) mendTransfer(term uint64) error {
	votes := false
	for _, each := range s.inside.configurations.latest.Servers {
		votes = votes || string(each.ID) == s.node.Name && each.Suffrage == raft.Voter
	}
	if chosen.mends[mendStrayHandOver] && (!votes || s.raft.State() == raft.Leader || term < *s.inside.currentTerm) {
		return errStands
	}
	return nil
}

// mendRefusal lets the library see, while it handles a request, the entries that its snapshot covers
// and its log store has no more. They are committed, and so the same as the leader's.
func (s *server) mendRefusal(request *raft.AppendEntriesRequest) {
	covered := *s.inside.snapshotIndex
	if !chosen.mends[mendEntryRefused] || request.PrevLogEntry > covered {
		return
	}
	s.disk.lent = map[uint64]raft.Log{
		request.PrevLogEntry: {Index: request.PrevLogEntry, Term: request.PrevLogTerm},
		covered:              {Index: covered, Term: *s.inside.snapshotTerm},
	}
	for _, entry := range request.Entries {
		if entry.Index < covered {
			s.disk.lent[entry.Index] = *entry
		}
	}
}

// mendSuccessor says that a leader must not hand over to a server now: a server that was just added
// looks as if it had come as far as the log, since its next index begins there.
func (s *server) mendSuccessor(target raft.ServerID) bool {
	if !chosen.mends[mendStrayHandOver] || s.raft.State() != raft.Leader {
		return false
	}
	progress, member := (*s.inside.replication)[target]
	match, votes := (*s.inside.commitment).matchIndexes[target]
	return !member || !votes || progress.nextIndex > match+1
}

// mendVerification lets a read wait until all calls that were made before it are over: the library
// takes the answers to them for answers to those that it makes for the read.
func (s *server) mendVerification() {
	if !chosen.mends[mendOlderAnswers] {
		return
	}
	for _, over := range slices.Clone(s.transport.calls) {
		<-over
	}
}

// errDeposed ends a call as a broken connection would.
var errDeposed = errors.New("this leadership is over")

// mendLoop keeps a loop of a leadership that is over from sending, in its old term, what a newer
// leader has put into the log.
func mendLoop(request any) error {
	newest, term := uint64(0), uint64(0)
	switch r := request.(type) {
	case *raft.AppendEntriesRequest:
		newest, term = r.PrevLogTerm, r.Term
		if last := len(r.Entries) - 1; last >= 0 {
			newest = r.Entries[last].Term // terms do not fall along a log
		}
	case *installation:
		newest, term = r.request.LastLogTerm, r.request.Term
	}
	if chosen.mends[mendDeposedLoop] && newest > term {
		return errDeposed
	}
	return nil
}
