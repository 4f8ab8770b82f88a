package bubble

import _ "unsafe" // for go:linkname

// outputKept is how many bytes of what servers print are kept.
const outputKept = 1 << 16

// printed is what servers printed last.
var printed []byte

// TakeOutput keeps the end of all that is printed from now on, to standard output and standard
// error, in memory instead: servers print as much as they like, and nobody has to read it.
func TakeOutput() {
	takeOutput(func(b []byte) {
		printed = append(printed, b...)
		if len(printed) > 2*outputKept {
			printed = append([]byte(nil), printed[len(printed)-outputKept:]...)
		}
	})
}

func init() { TakeOutput() }

// Printed is the end of what servers have printed.
func Printed() []byte { return printed[max(0, len(printed)-outputKept):] }

//go:linkname takeOutput
func takeOutput(take func(b []byte))
