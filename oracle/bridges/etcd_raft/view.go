package main

import (
	"math"
	"reflect"
	"slices"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"
)

// observes is what views show beyond what every view does.
var observes = []string{"voted_for", "next_index and match_index", "applied_digest", "snapshots", "memberships", "message meanings", "client histories"}

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
	Writes   int               `json:"writes,omitempty"`
	membership
	Earlier []membership `json:"earlier,omitempty"`
}

// membership is a configuration in the protocol's words: voters are those of C_old while it is joint.
type membership struct {
	Voters   []string `json:"voters"`
	Learners []string `json:"learners,omitempty"`
	Joining  []string `json:"new_voters,omitempty"`
	Since    uint64   `json:"voters_since,omitempty"`
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
	if s.node == nil {
		return nil
	}
	found := s.plainView(names)
	first, err := s.FirstIndex()
	must(err)
	if before := first - 1; before > 0 {
		term, err := s.Term(before)
		must(err)
		found.Snapshot = &[2]uint64{before, term}
	}
	if s.shown.last != nil && s.shown.dirty == math.MaxUint64 && reflect.DeepEqual(found, s.shown.last) {
		return nil
	}
	s.shown.last = found
	changed := *found
	for place := 0; place+1 < len(s.passed); place++ {
		changed.Earlier = append(changed.Earlier, shownMembership(s.passed[place], names))
	}
	s.passed = nil
	if s.shown.dirty < math.MaxUint64 {
		changed.Log = s.logFrom(max(first, s.shown.dirty))
		s.shown.dirty = math.MaxUint64
	}
	return &changed
}

// crashedView is the last view with the log that the disk holds now: others may count on what a
// server wrote and acknowledged before it crashed.
func (s *server) crashedView(names []string) *view {
	s.disk.sync()
	found := s.owedView(names)
	metadata := s.disk.snapshot.GetMetadata()
	found.Snapshot = &[2]uint64{metadata.GetIndex(), metadata.GetTerm()}
	found.Log = &logView{From: metadata.GetIndex() + 1, Entries: shownEntries(s.disk.entries)}
	return found
}

// owedView is the last view of a server that is down, with the term and the vote of its disk: it has
// told nobody of what was still under way.
func (s *server) owedView(names []string) *view {
	found := *s.shown.last
	if s.options.late {
		found.Term, found.Vote, found.Writes = s.disk.saved().GetTerm(), nil, 0
		if vote := s.disk.saved().GetVote(); vote != raft.None {
			found.Vote = &names[vote-1]
		}
	}
	return &found
}

// plainView is the view without its log.
func (s *server) plainView(names []string) *view {
	status := s.node.BasicStatus()
	found := &view{
		Role:    roles[status.RaftState],
		Term:    status.HardState.GetTerm(),
		Commit:  status.HardState.GetCommit(),
		Applied: s.applied,
		Digest:  s.machine.Digest,
		Writes:  len(s.queue),
	}
	if vote := status.HardState.GetVote(); vote != raft.None {
		found.Vote = &names[vote-1]
	}
	found.membership = shownMembership(configuration{s.conf, s.since}, names)
	if status.RaftState == raft.StateLeader {
		found.Match, found.Next = map[string]uint64{}, map[string]uint64{}
		s.node.WithProgress(func(id uint64, _ raft.ProgressType, progress tracker.Progress) {
			if id != s.id {
				found.Match[names[id-1]] = progress.Match
				found.Next[names[id-1]] = progress.Next
			}
		})
	}
	return found
}

func (s *server) logFrom(from uint64) *logView {
	return &logView{From: from, Entries: shownEntries(s.log(from))}
}

func shownEntries(entries []*pb.Entry) [][2]any {
	found := [][2]any{}
	for _, entry := range entries {
		found = append(found, [2]any{entry.GetTerm(), content(entry)})
	}
	return found
}

func shownMembership(one configuration, names []string) membership {
	named := func(groups ...[]uint64) []string {
		ids := slices.Concat(groups...)
		slices.Sort(ids)
		var found []string
		for _, id := range ids {
			found = append(found, names[id-1])
		}
		return found
	}
	conf := one.conf
	found := membership{
		Voters:   named(conf.GetVoters()),
		Learners: named(conf.GetLearners(), conf.GetLearnersNext()),
		Since:    one.since,
	}
	if len(conf.GetVotersOutgoing()) > 0 {
		found.Voters, found.Joining = named(conf.GetVotersOutgoing()), found.Voters
	}
	return found
}
