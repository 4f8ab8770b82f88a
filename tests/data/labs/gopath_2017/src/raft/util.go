package raft

import "fmt"

// Debug decides whether DPrintf prints.
const Debug = 1

// DPrintf prints to standard output, as labs do while they are written.
func DPrintf(format string, a ...interface{}) {
	if Debug > 0 {
		fmt.Printf(format+"\n", a...)
	}
}
