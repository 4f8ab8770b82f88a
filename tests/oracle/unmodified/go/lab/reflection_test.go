package lab

import (
	"reflect"
	"testing"
)

// A ring is a server with a part that points back to it.
type ring struct {
	term  int
	clock *clock
}

type clock struct {
	ticks int
	*ring
}

func TestAPartThatPointsBackLeadsNowhere(t *testing.T) {
	var found []string
	for _, each := range leaves(reflect.TypeFor[ring]()) {
		found = append(found, each.Name)
	}
	wanted := []string{"term", "clock", "clock.ticks", "clock.ring"}
	if !reflect.DeepEqual(found, wanted) {
		t.Fatalf("found %q, expected %q", found, wanted)
	}
}

func TestAMapIsAListUpToWhereAnIndexIsMissing(t *testing.T) {
	log := map[int]*ring{3: {term: 1}, 4: {term: 2}, 6: {term: 9}}
	list := listIn(reflect.ValueOf(&log))
	if list.Len() != 2 {
		t.Fatalf("found %d entries, expected 2", list.Len())
	}
	for i := range list.Len() {
		if term := list.Index(i).Interface().(*ring).term; term != i+1 {
			t.Fatalf("found term %d at place %d, expected %d", term, i, i+1)
		}
	}
	if empty := listIn(reflect.ValueOf(map[int]*ring{})); empty.Len() != 0 {
		t.Fatalf("found %d entries in an empty map, expected none", empty.Len())
	}
}

// A chain is a node that has an entry.
type chain struct {
	entry *entryOfChain
	next  *chain
}

type entryOfChain struct{ term int }

func TestALinkedListIsAListOfItsEntries(t *testing.T) {
	var log *chain
	for term := 3; term > 0; term-- {
		log = &chain{&entryOfChain{term}, log}
	}
	if kind := reflect.TypeFor[chain](); !isLog(kind) || elementOf(kind) != reflect.TypeFor[entryOfChain]() {
		t.Fatalf("found no entries in a list of %v", kind)
	}
	list := listIn(reflect.ValueOf(&log).Elem())
	for i := range list.Len() {
		if term := list.Index(i).Interface().(*entryOfChain).term; term != i+1 {
			t.Fatalf("found term %d at place %d, expected %d", term, i, i+1)
		}
	}
	if log = nil; list.Len() != 3 || listIn(reflect.ValueOf(&log).Elem()).Len() != 0 {
		t.Fatalf("found %d entries in a list of three, and some in an empty one", list.Len())
	}
	log = &chain{entry: &entryOfChain{}}
	if log.next = log; listIn(reflect.ValueOf(&log).Elem()).Len() != longestList {
		t.Fatal("went round in a ring for ever")
	}
}

// A duty is what a server has to do in its role.
type duty interface{ leads() bool }

type leading struct {
	next []int
	of   *dutiful
}

type following struct{ heard bool }

func (*leading) leads() bool   { return true }
func (*following) leads() bool { return false }

type dutiful struct{ role duty }

func TestAnObjectBehindAnInterfaceIsReadAsLongAsItIsThere(t *testing.T) {
	state := &dutiful{}
	state.role = &leading{[]int{7}, state}
	s := &server{state: reflect.ValueOf(state).Elem()}
	found := leavesHeld(s)
	if len(found) != 2 || found[0].Name != "role.next" || typeAt(s.state.Type(), found[0]) != reflect.TypeFor[[]int]() {
		t.Fatalf("found %v, expected role.next and what points back", found)
	}
	read := recalled((&fields{Paths: map[string]*path{"next_index": &found[0]}}).remembered()).Paths["next_index"]
	if next := read.from(s.state); !next.IsValid() || next.Index(0).Int() != 7 {
		t.Fatalf("found %v, expected 7", next)
	}
	if state.role = (&following{}); read.from(s.state).IsValid() {
		t.Fatal("took a follower's object for a leader's")
	}
	if state.role = nil; read.from(s.state).IsValid() || len(leavesHeld(s)) > 0 {
		t.Fatal("found something where nothing is")
	}
}

func TestAFieldIsCalledAsWhatIsWrappedAroundIt(t *testing.T) {
	for name, word := range map[string]string{
		"term": "term", "log.Term": "Term", "commitIndex.value": "commitIndex", "shared.term.cell.v": "cell", "v": "v",
	} {
		if found := (path{Name: name}).word(); found != word {
			t.Fatalf("found %q for %s, expected %q", found, name, word)
		}
	}
}

func TestANumberMayBeAText(t *testing.T) {
	for text, want := range map[string]int{"2": 2, "-1": -1} {
		if number, ok := integer(reflect.ValueOf(text)); !ok || number != want {
			t.Fatalf("found %d in %q, expected %d", number, text, want)
		}
	}
	if number, ok := integer(reflect.ValueOf("")); ok || isInteger(reflect.TypeFor[string]()) {
		t.Fatalf("found %d where there is no number", number)
	}
}
