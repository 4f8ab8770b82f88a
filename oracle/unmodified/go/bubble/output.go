package bubble

import _ "unsafe" // for go:linkname

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
}

// Printed is the end of what servers have printed.
func Printed() []byte { return printed[max(0, len(printed)-outputKept):] }

//go:linkname takeOutput
func takeOutput(take func(b []byte))
