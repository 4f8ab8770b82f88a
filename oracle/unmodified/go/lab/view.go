package lab

import (
	"encoding/hex"

	"raftoracle/adapter"
)

// View shows the server: role, term and what is applied by its own interface, the rest by its fields.
func (s *server) View() adapter.View {
	f := s.harness.fields
	term, leader := s.asked()
	if s.node.Failed() {
		return adapter.View{}
	}
	s.known.term, s.known.leader = term, leader
	view := adapter.View{
		Role: "follower", Term: max(term+f.termShift(), 0), Applied: s.applied.index,
		Digest: hex.EncodeToString(s.applied.digest[:6]),
	}
	switch {
	case leader:
		view.Role = "leader"
	case s.isCandidate(view.Term):
		view.Role = "candidate"
	}
	view.Commit = s.applied.index
	if f == nil {
		return view
	}
	s.compareBase()
	if commit, ok := f.number(s, "commit"); ok {
		view.Commit = max(commit, 0)
		s.compareCommit(commit)
	}
	view.Vote = s.vote(view.Term)
	s.showLog(&view)
	if leader {
		view.Next, _ = f.peers(s, "next_index")
		view.Match, _ = f.peers(s, "match_index")
	}
	if wrong := s.applied.disorder(); wrong != "" {
		s.applied.wrong = wrong
		if s.harness.lesson == nil {
			s.node.Fail(wrong)
		}
	}
	s.applied.shown = s.applied.index
	return view
}

// termShift is what is added to the lab's terms.
func (f *fields) termShift() int {
	if f == nil {
		return 0
	}
	return f.TermShift
}

// isCandidate says whether a server that does not lead stands for election. One that has obeyed a
// leader of its term follows it, whatever its field still says.
func (s *server) isCandidate(term int) bool {
	f := s.harness.fields
	if s.known.obeyed == term && s.known.stood == term {
		return false
	}
	if f.path("role") == nil || f.Candidate == "" {
		return s.known.stood == term && term > 0
	}
	return f.text(s, "role") == f.Candidate
}

// showLog shows the log, and the snapshot before it.
func (s *server) showLog(view *adapter.View) {
	f := s.harness.fields
	if f.path("log") == nil {
		return
	}
	base := s.base()
	view.Log, _ = s.entries(base)
	if base == 0 {
		return
	}
	term := -1
	if log := f.list(s); f.Entry.SnapshotDummies == 1 && log.IsValid() && log.Len() > 0 {
		if dummy, ok := f.entry(log.Index(0)); ok && dummy.Term > 0 {
			term = dummy.Term
		}
	}
	if number, ok := f.number(s, "snapshot_term"); ok && term < 0 && number > 0 {
		term = number
	}
	view.Snapshot = &adapter.Snapshot{Index: base, Term: term}
	view.Commit = max(view.Commit, base) // what a snapshot holds is committed
}

// vote is whom the server has voted for in this term, or nil.
//
// A field that still holds an older term's vote shows none: what counts is a vote that was seen in
// this term, or a field that has changed since the term began.
func (s *server) vote(term int) *string {
	if s.harness.fields.path("vote") == nil {
		return nil
	}
	raw, place := s.rawVote()
	last := s.known.shown
	if !last.known && raw != s.harness.fields.Fresh {
		last = s.before.shown // what was saved goes on meaning what it meant
	}
	seen := noVote
	if s.known.voteTerm == term && term > 0 {
		seen = s.known.voteFor
	}
	switch {
	case !last.known:
		place = s.keptVote(term, raw, place)
	case raw != last.raw: // the field speaks for itself
	case term == last.term && last.place != noVote:
		place = last.place
	case place != seen: // an older term's
		place = noVote
	}
	s.known.shown = shownVote{true, term, raw, place}
	if place < 0 || place >= len(s.node.Peers) {
		return nil
	}
	return &s.node.Peers[place]
}

// rawVote is the value of the vote's field, and the server that it stands for.
func (s *server) rawVote() (raw, place int) {
	value := s.harness.fields.raw(s, "vote")
	if !value.IsValid() {
		return noValue, noVote
	}
	raw, ok := integer(value)
	if !ok {
		return noValue, noVote
	}
	place = raw + s.harness.fields.Shift["vote"]
	if place < 0 || place >= len(s.node.Peers) {
		place = noVote
	}
	return raw, place
}

// noValue stands for a vote behind a pointer that is nil.
const noValue = -1 << 40

// keptVote is the vote with which a life begins. Where its field looks as in a new server, and would
// also stand for a vote, the life before decides in favour of the lab.
func (s *server) keptVote(term, raw, place int) int {
	if raw != s.harness.fields.Fresh {
		return place
	}
	if before := s.before.shown; before.known && before.term == term && before.place == place {
		return place
	}
	return noVote
}
