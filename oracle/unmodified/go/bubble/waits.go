package bubble

import (
	"cmp"
	"runtime"
	"slices"
	"strings"
)

// waitsTold is how many goroutines are told of where nothing goes on any more.
const waitsTold = 2

// A wait is a goroutine that waits for a lock, or for somebody to take what it sends.
type wait struct {
	sends  bool
	places []string // in the implementation's own code, the innermost first
}

// Waits says in words, which are the same in every process, where goroutines wait for a lock, or for
// somebody to take what they send: those that send first, for they may hold the lock; then those that
// are deepest in calls, for they may hold it themselves. Goroutines that came through a function of
// raft-oracle's that `except` names are not meant.
func (b *Bubble) Waits(except ...string) string {
	var found []wait
	callers := make([]uintptr, 64)
	waiting(b, callers, func(_ uintptr, count int, _ bool) {
		one, ok := waitIn(callers[:count], except)
		if ok && !slices.ContainsFunc(found, func(each wait) bool { return slices.Equal(each.places, one.places) }) {
			found = append(found, one)
		}
	})
	slices.SortStableFunc(found, func(one, other wait) int {
		if one.sends != other.sends {
			return map[bool]int{true: -1, false: 1}[one.sends]
		}
		return cmp.Compare(len(other.places), len(one.places))
	})
	told := ""
	for _, each := range found[:min(len(found), waitsTold)] {
		told += "; " + each.inWords()
	}
	return told
}

// inWords says where a goroutine waits, and for what.
func (w wait) inWords() string {
	told := w.places[0] + " waits for a lock"
	if w.sends {
		told = w.places[0] + " waits to send"
	}
	if len(w.places) > 1 {
		told += ", called" + at(w.places[1])
	}
	return told
}

// waitIn is what a goroutine waits for, if that is a lock or a receiver, and it does so in the
// implementation's own code.
func waitIn(callers []uintptr, except []string) (found wait, ok bool) {
	isMeant := false
	frames := runtime.CallersFrames(callers)
	for {
		frame, more := frames.Next()
		switch name := frame.Function; {
		case name == "":
		case slices.ContainsFunc(except, func(each string) bool { return strings.HasSuffix(name, each) }):
			return wait{}, false
		case !isOurs(frame):
			found.places = append(found.places, placeOf(frame))
		case len(found.places) > 0:
		case strings.HasPrefix(name, "sync.(*Mutex).") || strings.HasPrefix(name, "sync.(*RWMutex)."):
			isMeant = true
		case strings.HasPrefix(name, "runtime.chansend"):
			isMeant, found.sends = true, true
		}
		if !more {
			return found, isMeant && len(found.places) > 0
		}
	}
}
