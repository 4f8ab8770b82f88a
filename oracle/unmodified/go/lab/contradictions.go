package lab

import "fmt"

// What was learned of a lab's fields is compared with what the lab shows by itself as long as it
// runs. Where the two contradict each other, the guess was wrong: that is told as such, and a hunt
// goes on without it.

// guess is how a report begins that a field was taken for what it is not.
const guess = "guess: "

// contradicts reports that a field is not what it was taken for.
func (s *server) contradicts(what, format string, values ...any) {
	if at := s.harness.fields.path(what); at != nil && s.harness.lesson == nil && !s.node.Failed() {
		s.node.Fail(guess + what + "=" + at.Name + ": " + fmt.Sprintf(format, values...))
	}
}

// compareVote compares the field of the vote with the vote that was granted this very moment. A lab
// may leave it at nobody, by mistake; another server is no vote.
func (s *server) compareVote() {
	_, place := s.rawVote()
	if place != noVote && place != s.known.voteFor && s.known.voteTerm == s.Term() {
		s.contradicts("vote", "it says %s when %s gets the vote", s.node.Peers[place], s.node.Peers[s.known.voteFor])
	}
}

// compareCommit compares the commit index with what came out of applyCh.
func (s *server) compareCommit(commit int) {
	s.known.committed = max(s.known.committed, commit, s.base())
	if s.applied.index > s.known.committed {
		s.contradicts("commit", "it says %d when %d is applied", s.known.committed, s.applied.index)
	}
}

// compareBase compares where the log begins with the snapshot on the disk with which a life began. A
// lab that has forgotten it holds that index nowhere; one that does holds it in another field than
// the one that was taken for it.
func (s *server) compareBase() {
	begun, at := s.begun, s.harness.fields.path("snapshot_index")
	s.begun = 0 // that was the first look
	if begun <= s.base() || at == nil || s.harness.lesson != nil || s.node.Failed() || s.holds(begun) {
		return
	}
	number, _ := integerAt(s, *at)
	s.node.Fail(fmt.Sprintf("starts again with a snapshot up to index %d on its disk, and %s says %d", begun, at.Name, number))
}

// holds says whether any number of a server may say that a snapshot reaches up to this index: one that
// is not known to be something else.
func (s *server) holds(index int) bool {
	known := map[string]bool{"me": true}
	for _, each := range s.harness.fields.Paths {
		known[each.Name] = true
	}
	for _, each := range append(leaves(s.state.Type()), leavesHeld(s)...) {
		if number, ok := integerAt(s, each); ok && number > 0 && !known[each.Name] && index-1 <= number && number <= index+1 {
			return true
		}
	}
	return false
}
