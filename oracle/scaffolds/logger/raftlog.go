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

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"sync"
)

type fact map[string]any

var (
	factsMutex sync.Mutex
	factsFile  = openFacts()
	factsCount = map[int]int{}
)

func openFacts() *os.File {
	name := os.Getenv("RAFT_FACTS")
	if name == "" {
		return nil
	}
	file, err := os.Create(name)
	if err != nil {
		panic(err)
	}
	return file
}

func writeFact(server int, event string, fields fact) {
	if factsFile == nil {
		return
	}
	factsMutex.Lock()
	defer factsMutex.Unlock()
	factsCount[server]++
	fields["server"], fields["event"], fields["seq"] = server, event, factsCount[server]
	line, err := json.Marshal(fields)
	if err == nil {
		_, err = factsFile.Write(append(line, '\n'))
	}
	if err != nil {
		panic(err)
	}
}

func voteOf(votedFor int) any {
	if votedFor < 0 {
		return nil
	}
	return votedFor
}

func digestOf(command any) string {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%T %v", command, command)
	return fmt.Sprintf("%016x", hash.Sum64())
}

func LogStart(me, servers, term, votedFor, lastIndex int) {
	voters := make([]int, servers)
	for server := range voters {
		voters[server] = server
	}
	writeFact(me, "start", fact{"voters": voters, "term": term,
		"voted_for": voteOf(votedFor), "last_index": lastIndex})
}

func LogTerm(me, term, votedFor int) {
	writeFact(me, "term", fact{"term": term, "voted_for": voteOf(votedFor)})
}

func LogRole(me int, role string, term int) {
	writeFact(me, "role", fact{"role": role, "term": term})
}

func LogAppend(me, index, term int, command any) {
	writeFact(me, "append", fact{"index": index, "term": term, "digest": digestOf(command)})
}

func LogTruncate(me, from int) { writeFact(me, "truncate", fact{"from": from}) }

func LogCommit(me, index int) { writeFact(me, "commit", fact{"index": index}) }

func LogApply(me, index, term int, command any) {
	writeFact(me, "apply", fact{"index": index, "term": term, "digest": digestOf(command)})
}

func LogSnapshot(me, index, term int) {
	writeFact(me, "snapshot", fact{"index": index, "term": term})
}
