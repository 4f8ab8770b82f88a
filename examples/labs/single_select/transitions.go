package raft

import (
	"math/rand"
	"time"
)

const heartbeatInterval = 100 * time.Millisecond

// electionTimeout is drawn anew each time that the timer starts.
func electionTimeout() time.Duration {
	return time.Duration(400+rand.Intn(300)) * time.Millisecond
}

// The three transitions below say which variables each of them resets, and which clock runs after it.

// toFollower is for a server that has seen a newer term, or the leader of its own: its heartbeat stops,
// and its election timer starts.
func (rf *Raft) toFollower(term int) {
	if term > rf.CurrentTerm {
		rf.CurrentTerm = term
		rf.VotedFor = -1
		rf.persist()
	}
	rf.state = followerState
	rf.heartbeatTicker.Stop()
	rf.electionTicker.Reset(electionTimeout())
}

// toCandidate begins an election: a new term, a vote for itself, and no other yet. The election timer
// starts again, in case that nobody wins.
func (rf *Raft) toCandidate() {
	rf.state = candidateState
	rf.CurrentTerm++
	rf.VotedFor = rf.me
	rf.voteCount = 0
	rf.voteCount++
	rf.persist()
	rf.electionTicker.Reset(electionTimeout())
}

// toLeader stops the election timer and starts the heartbeat.
func (rf *Raft) toLeader() {
	rf.state = leaderState
	for server := range rf.peers {
		rf.nextIndex[server] = rf.lastIndex() + 1
		rf.matchIndex[server] = 0
	}
	rf.electionTicker.Stop()
	rf.heartbeatTicker.Reset(heartbeatInterval)
}
