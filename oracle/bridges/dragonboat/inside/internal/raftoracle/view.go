//go:build go1.23

package main

import (
	"math"
	"reflect"

	"github.com/lni/dragonboat/v4/internal/raft"
	pb "github.com/lni/dragonboat/v4/raftpb"
)

// observes is what views show beyond what every view does.
var observes = []string{"voted_for", "next_index and match_index", "applied_digest", "snapshots", "memberships",
	"client histories", "message meanings"}

// view is one server as the protocol shows it.
type view struct {
	Role     string            `json:"role"`
	Term     uint64            `json:"term"`
	Vote     *string           `json:"vote"`
	Commit   uint64            `json:"commit"`
	Applied  uint64            `json:"applied"`
	Snapshot *[2]uint64        `json:"snapshot,omitempty"`
	Log      *logView          `json:"log,omitempty"`
	Match    map[string]uint64 `json:"match,omitempty"`
	Next     map[string]uint64 `json:"next,omitempty"`
	Digest   string            `json:"digest"`
	membership
	Earlier []membership `json:"earlier,omitempty"`
}

// membership is a configuration in the protocol's words.
type membership struct {
	Voters []string `json:"voters"`
	Since  uint64   `json:"voters_since,omitempty"`
}

// logView is the log from an index on; before that it is as it was shown last.
type logView struct {
	From    uint64   `json:"from"`
	Entries [][2]any `json:"entries"`
}

// shown is what the last view of a server held, and from where on its log has changed since.
type shown struct {
	last  *view
	dirty uint64
}

func (s *shown) changedFrom(index uint64) { s.dirty = min(s.dirty, index) }
func (s *shown) forgetLog()               { s.dirty = 0 }

// changedView is the server's view if it differs from the last one, else nil.
func (s *server) changedView(names []string) *view {
	if s.peer == nil {
		return nil
	}
	found := s.plainView(names)
	first := s.peer.FirstIndex()
	if before := first - 1; before > 0 {
		term, err := s.peer.TermAt(before)
		must(err)
		found.Snapshot = &[2]uint64{before, term}
	}
	if s.shown.last != nil && s.shown.dirty == math.MaxUint64 && reflect.DeepEqual(found, s.shown.last) {
		return nil
	}
	s.shown.last = found
	changed := *found
	for place := 0; place+1 < len(s.passed); place++ {
		changed.Earlier = append(changed.Earlier, shownMembers(s.passed[place], names))
	}
	s.passed = nil
	if s.shown.dirty < math.MaxUint64 {
		from := max(first, s.shown.dirty)
		entries, err := s.peer.EntriesFrom(from)
		must(err)
		changed.Log = &logView{From: from, Entries: shownEntries(entries)}
		s.shown.dirty = math.MaxUint64
	}
	return &changed
}

// crashedView is the last view with the log that the disk holds now: others may count on what a
// server wrote and acknowledged before it crashed.
func (s *server) crashedView() *view {
	found := *s.shown.last
	s.disk.sync()
	found.Snapshot = &[2]uint64{s.disk.snapshot.Index, s.disk.snapshot.Term}
	found.Log = &logView{From: s.disk.snapshot.Index + 1, Entries: shownEntries(s.disk.entries)}
	return &found
}

// plainView is the view without its log.
func (s *server) plainView(names []string) *view {
	state := s.peer.State()
	found := &view{
		Role:       roles[s.peer.Role()],
		Term:       state.Term,
		Commit:     state.Commit,
		Applied:    s.applied,
		Digest:     s.machine.Digest,
		membership: shownMembers(s.members, names),
	}
	if state.Vote != raft.NoNode {
		found.Vote = &names[state.Vote-1]
	}
	if s.peer.Leads() {
		found.Match, found.Next = map[string]uint64{}, map[string]uint64{}
		s.peer.EachProgress(func(replica uint64, progress raft.Progress) {
			if replica != s.id {
				found.Match[names[replica-1]] = progress.Match
				found.Next[names[replica-1]] = progress.Next
			}
		})
	}
	return found
}

func shownEntries(entries []pb.Entry) [][2]any {
	found := [][2]any{}
	for _, entry := range entries {
		found = append(found, [2]any{entry.Term, content(entry)})
	}
	return found
}

func shownMembers(members configuration, names []string) membership {
	found := membership{Since: members.since}
	for _, id := range members.voters {
		found.Voters = append(found.Voters, names[id-1])
	}
	return found
}
