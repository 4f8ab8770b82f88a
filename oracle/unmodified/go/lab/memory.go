package lab

import "reflect"

// A memory is what a server has shown through its own interface so far.
type memory struct {
	term      int // by GetState
	leader    bool
	started   []started
	voteTerm  int // the last vote that was seen: in which term, for whom
	voteFor   int
	stood     int // the last term in which it asked for votes
	obeyed    int // the last term in which it accepted entries of a leader
	committed int // the highest commit index that its field has shown
	compacted int // the last index that it was asked to make a snapshot of

	shown    shownVote
	promised promise
	spoke    int // the term in which it has sent something last
}

// A promise is what a server has told others, by messages that they may count: the latest term, and
// its vote in that term.
type promise struct{ term, vote int }

// add takes a promise: a newer term, or a vote in the same one.
func (p *promise) add(term, vote int) {
	switch {
	case term > p.term:
		*p = promise{term, vote}
	case term == p.term && vote != noVote:
		p.vote = vote
	}
}

// Owed is the term and the vote that others may count on, of what was shown last. Where the lab's
// messages are not understood, that is all of it, once anything was sent in that term.
func (s *server) Owed(term int, vote *string) (int, *string) {
	promised := s.known.promised
	if !s.harness.fields.understands(s) && s.harness.fields.path("term") != nil && s.known.spoke < term {
		return s.known.spoke, nil
	}
	if !s.harness.fields.understands(s) || promised.term > term {
		return term, vote
	}
	if promised.vote == noVote {
		return promised.term, nil
	}
	if promised.term < term || vote == nil { // a vote that was forgotten may come back
		vote = &s.node.Peers[promised.vote]
	}
	return promised.term, vote
}

// understands says whether it is known which messages promise something: votes, and what a leader
// is told.
func (f *fields) understands(s *server) bool {
	flags := map[string]string{requestVote: "vote_granted", appendEntries: "success"}
	for name, kind := range f.Kinds {
		flag, ok := flags[kind]
		if !ok {
			continue
		}
		args, reply := pointedAt(s.method(name).Type().In(0)), s.method(name).Type().In(1).Elem()
		place := fieldNamed(reply, replyWords[flag])
		if fieldNamed(args, words[kind]["term"]) == nil || place == nil || reply.FieldByIndex(place).Type.Kind() != reflect.Bool {
			return false
		}
		delete(flags, kind)
	}
	return len(flags) == 0
}

// shownVote is the vote as the last view had it: the term, the field's value, the server.
type shownVote struct {
	known            bool
	term, raw, place int
}

// started is a command that Start accepted.
type started struct {
	index, term int
	content     string
}

// noVote stands for a vote for nobody.
const noVote = -1

// noteRequest remembers what a request says about its sender.
func (s *server) noteRequest(method string, args any) {
	f := s.harness.fields
	if f == nil || f.Kinds[method] != requestVote {
		return
	}
	term, ok := f.said(requestVote, "term", reflect.ValueOf(args))
	if !ok || f.path("term") != nil && term > s.Term() || asksBefore(reflect.ValueOf(args)) {
		return
	}
	s.known.stood, s.known.voteTerm, s.known.voteFor = term, term, s.node.Index
	s.known.promised.add(term, s.node.Index)
}

// noteReply remembers what a reply says about its sender.
func (s *server) noteReply(from string, request requestOf, reply any) {
	f := s.harness.fields
	if f == nil {
		return
	}
	kind, args, said := f.Kinds[request.Kind], s.argsOf(request), reflect.ValueOf(reply)
	asked, ok := f.said(kind, "term", args)
	if !ok || kind == preVote || asksBefore(args) {
		return
	}
	switch {
	case kind == requestVote && f.isTrue(kind, "vote_granted", said):
		s.known.voteTerm, s.known.voteFor = asked, s.placeOf(from)
		s.known.promised.add(asked, s.known.voteFor)
		s.compareVote()
	case kind == appendEntries && f.isTrue(kind, "success", said):
		s.known.obeyed = asked
		s.known.promised.add(asked, noVote)
	case kind == installSnapshot || kind == heartbeat:
		s.known.promised.add(asked, noVote)
	}
}

// placeOf is a server's place among the peers.
func (s *server) placeOf(name string) int {
	for place, peer := range s.node.Peers {
		if peer == name {
			return place
		}
	}
	return noVote
}
