package lab

import (
	"reflect"
	"testing"
)

func TestWhatWasLearnedIsRecalled(t *testing.T) {
	learned := emptyFields()
	learned.Paths["log"] = &path{[]int{1, 0, 12}, "state.Log; with 3;signs", []string{"", "raft.keeper"}}
	learned.Paths["none"] = nil
	learned.Shift["vote"], learned.PeerFirst["next_index"] = -1, 1
	learned.Follower, learned.Fresh, learned.Part, learned.Compacts = "é;", noValue, 'D', true
	learned.Mistaken["request_vote.term"], learned.Mistaken["other"] = true, false
	learned.Places["AppendEntries"] = "raft.go:12"
	learned.Notes = []string{"", "One; two.\n"}
	if found := recalled(learned.remembered()); !reflect.DeepEqual(found, learned) {
		t.Errorf("found %+v, expected %+v", found, learned)
	}
	if again := recalled(learned.remembered()).remembered(); again != learned.remembered() {
		t.Errorf("found %q, expected the same text again", again)
	}
}
