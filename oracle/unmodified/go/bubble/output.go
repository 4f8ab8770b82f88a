package bubble

import (
	"runtime"
	"strings"
	"syscall"
	_ "unsafe" // for go:linkname
)

// outputKept is how many bytes of what servers print are kept.
const outputKept = 1 << 16

// printed is what servers printed last.
var printed []byte

// init keeps the end of all that is printed from now on, to standard output and standard error, in
// memory instead: servers print as much as they like, and nobody has to read it.
func init() {
	takeOutput(func(b []byte) {
		printed = append(printed, b[max(0, len(b)-outputKept):]...)
		if len(printed) > 2*outputKept {
			printed = printed[:copy(printed, printed[len(printed)-outputKept:])]
		}
	})
	tellExits(exiting)
}

// exiting says on the true standard error where the implementation's own code ends the process outside of
// bubbles, as at the start of the program, and what it logged: nobody else would.
func exiting(what any) {
	callers := make([]uintptr, 64)
	callers = callers[:runtime.Callers(2, callers)]
	frames := runtime.CallersFrames(callers)
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if strings.HasPrefix(frame.Function, "raftoracle/") {
			return // it is our own code that ends the process
		}
		if frame.Function != "" && !isOurs(frame) {
			break
		}
	}
	said := "raft-oracle: " + reason(what) + at(placeIn(callers)) + logged() + "\n"
	_, _ = syscall.Write(2, []byte(said)) // where nobody listens there is nobody to tell
}

// Printed is the end of what servers have printed.
func Printed() []byte { return printed[max(0, len(printed)-outputKept):] }

//go:linkname takeOutput
func takeOutput(take func(b []byte))

//go:linkname tellExits
func tellExits(exiting func(what any))
