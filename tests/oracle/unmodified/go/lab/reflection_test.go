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
