package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/raft"
)

// Mends of known mistakes of the library, so that hunts see past them: the bridge does in the
// library's place what it should have done. docs/bridges.md says which finding each is for.
const (
	mendConflictingLog = "conflicting-log"
	mendLearnerStands  = "learner-stands"
)

// allMends are the names that the setting `mend` takes.
var allMends = []string{mendConflictingLog, mendLearnerStands}

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

// mendInstallation throws a log away that contradicts a snapshot from the leader, before it is
// installed (Figure 13, rule 7).
func (s *server) mendInstallation(request *raft.InstallSnapshotRequest) {
	place, found := s.disk.place(request.LastLogIndex)
	if !chosen.mends[mendConflictingLog] || request.Term < s.raft.CurrentTerm() || !found ||
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

// errNoVote refuses a leadership.
var errNoVote = errors.New("this server has no vote, and stands for no election")

// mendTransfer keeps a server without a vote from standing when a leader hands over to it.
func (s *server) mendTransfer() error {
	for _, each := range s.inside.configurations.latest.Servers {
		if string(each.ID) == s.node.Name && each.Suffrage == raft.Voter {
			return nil
		}
	}
	if !chosen.mends[mendLearnerStands] {
		return nil
	}
	return errNoVote
}
