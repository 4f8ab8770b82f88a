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
	compacted int // the last index that it was asked to make a snapshot of

	shown shownVote
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
	if term, ok := f.said(requestVote, "term", reflect.ValueOf(args)); ok {
		s.known.stood, s.known.voteTerm, s.known.voteFor = term, term, s.node.Index
	}
}

// noteReply remembers what a reply says about its sender.
func (s *server) noteReply(from string, request requestOf, reply any) {
	f := s.harness.fields
	if f == nil {
		return
	}
	kind := f.Kinds[request.Kind]
	asked, ok := f.askedTerm(s, request)
	if !ok {
		return
	}
	switch {
	case kind == requestVote && f.isTrue(kind, "vote_granted", reflect.ValueOf(reply)):
		s.known.voteTerm, s.known.voteFor = asked, s.placeOf(from)
	case kind == appendEntries && f.isTrue(kind, "success", reflect.ValueOf(reply)):
		s.known.obeyed = asked
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
