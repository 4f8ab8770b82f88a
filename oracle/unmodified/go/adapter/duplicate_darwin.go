package adapter

import "syscall"

// duplicate makes one descriptor stand for what another stands for.
func duplicate(from, to int) error { return syscall.Dup2(from, to) }
