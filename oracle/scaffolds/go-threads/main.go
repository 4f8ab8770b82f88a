// Command toy puts a Raft under raft-oracle that has goroutines, timers and locks of its own:
// put yours in the place of the toy.
//
// raft-oracle builds this program (`raft-oracle hunt .`) with a standard library in which each
// server has a clock and a scheduler of its own. There is no clock to replace and no loop to turn
// inside out: transport.go carries messages, view.go shows what there is to see.
package main

import "raftoracle/adapter"

func main() {
	adapter.Main(&adapter.Program{
		Name:     "toy",
		Version:  "1",
		Summary:  "the toy of the Go scaffold with threads",
		Observes: []string{"voted_for", "next_index and match_index", "message meanings"},
		Offers:   []string{"CrashInside"},
		Start:    start,
		// Raft has to stand requests that arrive twice, or when nobody waits for the answer. Leave
		// these out if your transport rules it out.
		RunsTwice: true,
		RunsLate:  true,
	})
}

// start begins a life of a server: the first one, or one after a crash.
func start(node *adapter.Node) adapter.Server {
	disk := &memory{node: node}
	if saved, ok := node.Disk.(Saved); ok {
		disk.saved = saved
	}
	raft := NewRaft(node.Name, peersOf(node), transport{node}, disk)
	return &server{node: node, raft: raft, disk: disk}
}

// peersOf lists all servers but the node's own.
func peersOf(node *adapter.Node) (others []string) {
	for _, each := range node.Peers {
		if each != node.Name {
			others = append(others, each)
		}
	}
	return others
}
