package bubble

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	_ "unsafe" // for go:linkname
)

// What is told of goroutines that wait, all of them counted for one place where they were started.
const (
	// firstSearch is with how many goroutines a bubble is searched for the first time; with twice as
	// many as at the last search it is searched again.
	firstSearch = 64
	// leakedMost is how many may wait for what nobody can reach any more.
	leakedMost = 32
	// waitingMost is how many may wait for what somebody may still do, apart from answers to RPCs.
	waitingMost = 1000
)

// A crowd is all goroutines of a bubble that were started at one place and wait at one place.
type crowd struct {
	started, waits  string
	leaked, waiting int
}

// Leak says in one line, which is the same in every process, where too many goroutines wait; it is
// empty where they do not, or where it was told before.
func (b *Bubble) Leak() string {
	if b.goroutines < max(b.searchAt, firstSearch) {
		return ""
	}
	b.searchAt = 2 * b.goroutines
	crowds := b.crowds()
	slices.SortFunc(crowds, func(one, other *crowd) int {
		if one.leaked != other.leaked {
			return other.leaked - one.leaked
		}
		return other.waiting - one.waiting
	})
	for _, each := range crowds {
		if told := each.inWords(); told != "" {
			return b.name + ": " + told
		}
	}
	return ""
}

// crowds sorts the bubble's goroutines by their places, each place in the order in which it is met.
func (b *Bubble) crowds() []*crowd {
	var found []*crowd
	byPlaces := map[[2]string]*crowd{}
	callers := make([]uintptr, 64)
	waiting(b, callers, func(started uintptr, count int, leaked bool) {
		if waitsForAnswer(callers[:count]) {
			return
		}
		places := [2]string{placeIn([]uintptr{started}), placeIn(callers[:count])}
		each := byPlaces[places]
		if each == nil {
			each = &crowd{started: places[0], waits: places[1]}
			byPlaces[places] = each
			found = append(found, each)
		}
		each.waiting++
		if leaked {
			each.leaked++
		}
	})
	return found
}

// inWords says of a crowd that is too large what it does.
func (c *crowd) inWords() string {
	switch {
	case c.started == "":
		return ""
	case c.leaked > leakedMost:
		return fmt.Sprintf("goroutine leak: %d started%s wait for ever%s", c.leaked, at(c.started), at(c.waits))
	case c.waiting > waitingMost:
		return fmt.Sprintf("goroutine leak: %d started%s wait%s", c.waiting, at(c.started), at(c.waits))
	}
	return ""
}

// waitsForAnswer says whether a goroutine waits for the answer to an RPC, which comes or times out.
func waitsForAnswer(callers []uintptr) bool {
	frames := runtime.CallersFrames(callers)
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, "raftoracle/adapter.(*Node).Call") {
			return true
		}
		if !more {
			return false
		}
	}
}

//go:linkname waiting
func waiting(owner any, callers []uintptr, each func(started uintptr, count int, leaked bool))
