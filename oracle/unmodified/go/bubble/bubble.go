// Package bubble gives each server of a Raft that owns its threads and timers a life of its own:
// a clock, randomness and scheduling that nothing outside can touch, and a moment after every event
// at which all of its goroutines wait.
//
// It builds on testing/synctest. The goroutines of a bubble see a clock that moves only while all of
// them are blocked. The bubble's first goroutine waits for work on a channel from outside, which is
// no such block: so between two pieces of work time stands still. A piece of work is done, then
// the bubble is waited for, then it is quiescent.
//
// It works only where the standard library has the patches beside this package: raft-oracle
// builds programs with them (`go build -overlay`), and nothing is installed anywhere.
package bubble

import (
	"internal/synctest"
	"runtime"
	"time"
	_ "unsafe"
)

// A Bubble is one life of a server. It is not for use by several goroutines at once.
type Bubble struct {
	name    string
	work    chan func()
	done    chan struct{}
	gone    bool
	failure *Failure
	loops   []string
	// goroutines is how many there were when the bubble was last quiescent, apart from the two that
	// belong to it; searchAt is with how many it is searched for leaks again.
	goroutines, searchAt int
	activity             int
}

// Start makes a bubble, whose random numbers follow from the seed, and whose clock stands at
// midnight of 2000-01-01 UTC and so much more.
func Start(name string, seed uint64, clock time.Duration) *Bubble {
	tellStops(stopped)
	b := &Bubble{name: name, work: make(chan func()), done: make(chan struct{})}
	prepare(seed, b, spinning)
	go b.live()
	b.Do(func() { time.Sleep(clock) })
	return b
}

// live runs the bubble until it is abandoned; then its goroutines stay where they are.
func (b *Bubble) live() {
	defer func() {
		if reason := recover(); reason != nil && !b.gone {
			panic(reason)
		}
	}()
	synctest.Run(func() {
		for f := range b.work {
			f()
			synctest.Wait()
			b.goroutines = goroutines() - 2
			b.done <- struct{}{}
		}
	})
}

// Do runs f in the bubble and returns when all goroutines of the bubble wait. The function must
// not block itself: what may block, it starts with `go`.
func (b *Bubble) Do(f func()) {
	b.activity++
	b.work <- f
	<-b.done
}

// Activity is how often something may have happened in the bubble.
func (b *Bubble) Activity() int { return b.activity }

// Pass lets the bubble's clock go on from one timer to the next until something is so, at most for
// the time given, and says whether it became so. The bubble is quiescent before each question.
func (b *Bubble) Pass(limit time.Duration, until func() bool) (became bool) {
	b.Do(func() {
		end := time.Now().Add(limit).UnixNano()
		for b.failure == nil {
			next := nextTimer()
			if next == 0 || next > end {
				return
			}
			wait := max(next-time.Now().UnixNano(), 1) // what is due already runs while this waits, too
			time.Sleep(time.Duration(wait))
			synctest.Wait()
			if until() {
				became = true
				return
			}
		}
	})
	return became
}

// Advance lets the bubble's clock go on by so much.
func (b *Bubble) Advance(span time.Duration) {
	b.Do(func() { time.Sleep(span) })
}

// Abandon ends the life: nothing runs in the bubble any more.
func (b *Bubble) Abandon() {
	b.gone = true
	close(b.work)
}

// IsGone says whether the bubble was abandoned. A goroutine of it that still runs, because
// another bubble woke it, asks this before it touches anything.
func (b *Bubble) IsGone() bool { return b.gone }

// Stacks are the stacks of all goroutines of the process, as the runtime prints them.
func Stacks() []byte {
	buffer := make([]byte, 1<<20)
	return buffer[:runtime.Stack(buffer, true)]
}

//go:linkname prepare
func prepare(random uint64, owner any, spinner func())

//go:linkname owner
func owner() any

//go:linkname nextTimer
func nextTimer() int64

//go:linkname goroutines
func goroutines() int

//go:linkname tellStops
func tellStops(stopped func(what any))
