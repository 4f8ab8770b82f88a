package raft

// Writes what happens inside a lab's Raft (6.5840, 6.824) as facts, for `raft-oracle check-trace`.
//
// Copy this file beside raft.go, call these functions where the state changes, with rf.mu held, and
// run one test at a time, as servers of several tests would share their numbers:
//
//	RAFT_FACTS=facts.jsonl go test -run TestBackup3B && raft-oracle check-trace facts.jsonl
//
//	in Make, after readPersist        LogStart(me, len(peers), rf.currentTerm, rf.votedFor, last index)
//	where currentTerm or votedFor     LogTerm(rf.me, rf.currentTerm, rf.votedFor)
//	  has changed (both at once)
//	on becoming leader, candidate     LogRole(rf.me, "leader", rf.currentTerm)
//	for each new entry of the log     LogAppend(rf.me, index, term, command)
//	before entries are deleted        LogTruncate(rf.me, index of the first that goes)
//	where commitIndex has changed     LogCommit(rf.me, rf.commitIndex)
//	before an entry goes to applyCh   LogApply(rf.me, index, term, command)
//	after taking or installing one    LogSnapshot(rf.me, last included index, its term)
//
// Without RAFT_FACTS nothing is written. votedFor is -1 for nobody; indexes begin with 1.
// No lock is needed: each line is one Write, and those of an os.File do not mix.

import (
	"encoding/json"
	"fmt"
	"os"
)

type fact map[string]any

var factsFile = openFacts()

func openFacts() *os.File {
	name := os.Getenv("RAFT_FACTS")
	file, err := os.Create(name)
	if err != nil && name != "" {
		panic(err)
	}
	return file
}

func writeFact(me int, event string, fields fact) {
	if factsFile == nil {
		return
	}
	fields["server"], fields["event"] = me, event
	if vote, told := fields["voted_for"].(int); told && vote < 0 {
		fields["voted_for"] = nil
	}
	if err := json.NewEncoder(factsFile).Encode(fields); err != nil {
		panic(err)
	}
}

func LogStart(me, servers, term, votedFor, last int) {
	voters := make([]int, servers)
	for server := range voters {
		voters[server] = server
	}
	writeFact(me, "start", fact{"voters": voters, "term": term, "voted_for": votedFor, "last_index": last})
}

func LogTerm(me, term, votedFor int) {
	writeFact(me, "term", fact{"term": term, "voted_for": votedFor})
}

func LogRole(me int, role string, term int) { writeFact(me, "role", fact{"role": role, "term": term}) }

func LogAppend(me, index, term int, command any) { logEntry(me, "append", index, term, command) }

func LogTruncate(me, from int) { writeFact(me, "truncate", fact{"from": from}) }

func LogCommit(me, index int) { writeFact(me, "commit", fact{"index": index}) }

func LogApply(me, index, term int, command any) { logEntry(me, "apply", index, term, command) }

func LogSnapshot(me, index, term int) { writeFact(me, "snapshot", fact{"index": index, "term": term}) }

func logEntry(me int, event string, index, term int, command any) {
	writeFact(me, event, fact{"index": index, "term": term, "digest": fmt.Sprintf("%T %v", command, command)})
}
