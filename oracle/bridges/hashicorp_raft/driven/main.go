// Command driven holds a cluster of hashicorp/raft behind raft-oracle's adapter protocol.
//
// The library starts threads and sleeps; raftoracle/adapter gives each server a clock and threads of
// its own, and lets them go on only when it is told to. What is here is what any user of the library
// has to write: a transport, stores and a state machine, and besides what can be seen of a server.
package main

import "raftoracle/adapter"

func main() {
	adapter.Main(&adapter.Program{
		Name:    "hashicorp-raft",
		Version: libraryVersion(),
		Summary: "github.com/hashicorp/raft, its threads and timers driven message by message",
		Observes: []string{
			"voted_for", "next_index and match_index", "applied_digest", "snapshots", "memberships",
			"message meanings", "client histories",
		},
		Offers:      []string{"ChangeMembership", "Compact", "CrashInside", "Invoke", "TransferLeadership"},
		Settings:    settings,
		Configure:   configure,
		Start:       start,
		CallTimeout: callTimeout,
		RunsLate:    true, // a connection may hold a request for longer than its sender waits
	})
}
