package bubble

import (
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// A Failure is what ended a goroutine of a server, or will never end.
type Failure struct {
	// What happened, in one line that is the same in every process.
	What string
	// Stack of the goroutine at that moment; it names addresses, which differ.
	Stack string
}

// Failure is the first failure of the bubble; nil if there is none.
func (b *Bubble) Failure() *Failure { return b.failure }

// Fail records a failure that somebody else noticed.
func (b *Bubble) Fail(what, stack string) {
	if b.failure == nil {
		b.failure = &Failure{what, stack}
	}
}

// BusyLoops lists the places where a goroutine went round and round without a pause, and forgets
// them. Each was made to sleep a millisecond of the bubble's time.
func (b *Bubble) BusyLoops() []string {
	found := b.loops
	b.loops = nil
	return found
}

// stopped records why a goroutine of a bubble ends, and lets it wait for ever.
func stopped(what any) {
	b := owner().(*Bubble)
	b.Fail(fmt.Sprintf("%s: %s%s%s", b.name, reason(what), at(place()), logged()), stack())
	select {}
}

// spinning records where a goroutine goes round and round, each place once.
func spinning() {
	b := owner().(*Bubble)
	told := fmt.Sprintf("%s: busy loop%s", b.name, at(place()))
	if !slices.Contains(b.loops, told) {
		b.loops = append(b.loops, told)
	}
}

// reason puts into words what ends a goroutine.
func reason(what any) string {
	if stop, ok := what.(interface{ StopsBubble() string }); ok {
		return stop.StopsBubble()
	}
	text := fmt.Sprint(what)
	if line, _, more := strings.Cut(text, "\n"); more {
		text = line + " ..."
	}
	return "panic: " + text
}

// dated matches how lines of package log begin.
var dated = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\d{4}/\d\d/\d\d )?(\d\d:\d\d:\d\d(\.\d+)? )?`)
})

// logged is what a goroutine says that ends by log.Fatal, or nothing.
func logged() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, "log.Fatal") && log.Writer() == io.Writer(os.Stderr) {
			lines := strings.Split(strings.TrimSpace(string(Printed())), "\n")
			return ": " + dated().ReplaceAllString(lines[len(lines)-1], "")
		}
		if !more {
			return ""
		}
	}
}

// at is a place in words, or nothing.
func at(place string) string {
	if place == "" {
		return ""
	}
	return " at " + place
}

// place is the function and line of the implementation's own code that runs.
func place() string {
	callers := make([]uintptr, 64)
	return placeIn(callers[:runtime.Callers(2, callers)])
}

// placeIn is the function and line of the innermost frame that is neither the standard library's nor
// raft-oracle's; nothing where there is none.
func placeIn(callers []uintptr) string {
	frames := runtime.CallersFrames(callers)
	for {
		frame, more := frames.Next()
		if frame.Function != "" && !isOurs(frame) {
			return placeOf(frame)
		}
		if !more {
			return ""
		}
	}
}

// placeOf is a frame's line and function.
func placeOf(frame runtime.Frame) string {
	name := frame.Function[strings.LastIndex(frame.Function, "/")+1:]
	return fmt.Sprintf("%s:%d (%s)", filepath.Base(frame.File), frame.Line, name)
}

// isOurs says whether a frame is the standard library's, to which this package belongs, or that of
// the small program which raft-oracle adds to a lab.
func isOurs(frame runtime.Frame) bool {
	return strings.HasPrefix(frame.File, libraryFolder) || strings.Contains(frame.File, "zz_raft_oracle")
}

// libraryFolder is where the standard library's sources lay when this was built.
var libraryFolder = func() string {
	_, file, _, _ := runtime.Caller(0)
	return strings.TrimSuffix(file, "raftoracle/bubble/failure.go")
}()

// stack is the stack of the calling goroutine.
func stack() string {
	buffer := make([]byte, 1<<16)
	return string(buffer[:runtime.Stack(buffer, false)])
}
