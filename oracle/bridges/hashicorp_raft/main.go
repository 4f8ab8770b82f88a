// A cluster of hashicorp/raft in one process, whose facts are written to standard output.
//
// The library runs by the clock and in threads of its own, so it is not driven step by step: faults
// are drawn from a seed, and raft-oracle judges what the servers did of themselves.
package main

import (
	"fmt"
	"os"

	"raft-oracle/bridges/hashicorp-raft/facts"
)

const (
	failed     = 1
	wrongUsage = 64
)

func main() {
	chosen, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(wrongUsage)
	}
	if err := run(chosen); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(failed)
	}
}

func run(chosen options) error {
	tracer := facts.NewTracer(os.Stdout)
	made, err := newCluster(chosen, tracer)
	if err == nil {
		err = made.run()
	}
	if closing := tracer.Close(); err == nil {
		err = closing
	}
	return err
}
