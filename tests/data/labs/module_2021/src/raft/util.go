package raft

import "log"

// Debug decides whether DPrintf prints.
const Debug = false

// DPrintf prints to standard error.
func DPrintf(format string, a ...interface{}) {
	if Debug {
		log.Printf(format, a...)
	}
}

func max(a, b int) int {
	if a > b {
		return a
	}
	return b
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}
