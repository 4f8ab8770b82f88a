package bubble

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// waitsTold is how many goroutines are told of where nothing goes on any more.
const waitsTold = 3

// An awaited is what a goroutine may wait for that another one has to do.
type awaited struct {
	within string // how Go calls the function that waits, or how that name begins
	words  string
	never  string // of one that waits for ever, with its place
}

var awaiteds = []awaited{
	{"sync.(*Mutex).", "waits for a lock", "waits for a lock that nobody gives back"},
	{"sync.(*RWMutex).", "waits for a lock", "waits for a lock that nobody gives back"},
	{"runtime.chansend", "waits to send", "waits to send%s, and nobody receives"},
	{"runtime.chanrecv", "waits to receive", "waits to receive%s, and nobody sends"},
	{"runtime.selectgo", "waits in a select", "waits in a select%s, and none of its channels becomes ready"},
	{"sync.(*Cond).Wait", "waits for a signal", "waits for a signal%s, and nobody gives it"},
	{"sync.(*WaitGroup).Wait", "waits for other goroutines", "waits for other goroutines%s, and they do not end"},
}

// A wait is a goroutine that waits for another one.
type wait struct {
	awaited
	functions []string // all that led here, the innermost first
	places    []string // in the implementation's own code, likewise
	leaked    bool     // whether nobody who still runs can reach what it waits for
}

// Waits says in words, which are the same in every process, where goroutines wait for others: those first
// that may hold a lock, and then those that are deepest in calls. Who waits for the answer to an RPC is not
// meant, and neither is who came through a function that `except` names.
func (b *Bubble) Waits(except ...string) string {
	var found []wait
	for _, one := range b.waits() {
		isKnown := slices.ContainsFunc(found, func(each wait) bool { return slices.Equal(each.places, one.places) })
		if !isKnown && !slices.ContainsFunc(except, one.cameThrough) {
			found = append(found, one)
		}
	}
	slices.SortStableFunc(found, func(one, other wait) int {
		return cmp.Or(cmp.Compare(one.order(), other.order()), cmp.Compare(len(other.places), len(one.places)))
	})
	told := ""
	for _, each := range found[:min(len(found), waitsTold)] {
		told += "; " + each.inWords()
	}
	return told
}

// WaitThrough says for what the goroutine waits for ever that came through a function of this name.
func (b *Bubble) WaitThrough(function string) string {
	for _, each := range b.waits() {
		if !each.cameThrough(function) {
			continue
		}
		if strings.Contains(each.never, "%s") {
			return fmt.Sprintf(each.never, at(each.places[0]))
		}
		return each.never
	}
	return "does not answer"
}

// waits are the goroutines that wait for another one in the implementation's own code, and not for the
// answer to an RPC.
func (b *Bubble) waits() []wait {
	var found []wait
	callers := make([]uintptr, 64)
	waiting(b, callers, func(_ uintptr, count int, leaked bool) {
		one := wait{leaked: leaked}
		one.read(callers[:count])
		if one.words != "" && len(one.places) > 0 && !waitsForAnswer(callers[:count]) {
			found = append(found, one)
		}
	})
	return found
}

// read looks at the functions in which a goroutine is, the innermost first.
func (w *wait) read(callers []uintptr) {
	frames := runtime.CallersFrames(callers)
	for more := true; more; {
		var frame runtime.Frame
		if frame, more = frames.Next(); frame.Function == "" {
			continue
		}
		w.functions = append(w.functions, frame.Function)
		switch {
		case !isOurs(frame):
			w.places = append(w.places, placeOf(frame))
		case w.words == "" && len(w.places) == 0:
			w.awaited = awaitedIn(frame.Function)
		}
	}
}

// awaitedIn is what waits in a function of Go; nothing where it waits for no other goroutine.
func awaitedIn(function string) awaited {
	for _, each := range awaiteds {
		if strings.HasPrefix(function, each.within) {
			return each
		}
	}
	return awaited{}
}

// cameThrough says whether a function led here whose name ends so.
func (w wait) cameThrough(name string) bool {
	return slices.ContainsFunc(w.functions, func(each string) bool { return strings.HasSuffix(each, name) })
}

// order is the lower the more likely it is that a goroutine keeps others waiting. Many send with a lock
// held; who has a message or a command in hand should be done with it; who waits for a lock rarely holds
// it; and most of the rest wait for work.
func (w wait) order() int {
	isAtWork := slices.ContainsFunc(w.functions, func(each string) bool {
		return strings.HasPrefix(each, "raftoracle/adapter.(*Node).Run")
	})
	switch {
	case w.words == "waits to send":
		return 0
	case w.words == "waits for a lock":
		return 2
	case isAtWork || w.leaked:
		return 1
	default:
		return 3
	}
}

// inWords says where a goroutine waits, and for what.
func (w wait) inWords() string {
	told := w.places[0] + " " + w.words
	if len(w.places) > 1 {
		told += ", called" + at(w.places[1])
	}
	return told
}
