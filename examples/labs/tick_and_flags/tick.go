package raft

import (
	"math/rand"
	"time"
)

const (
	heartbeatInterval = 100 * time.Millisecond // ten a second
	votesInterval     = 10 * time.Millisecond  // how often a candidate counts its votes
	applyInterval     = 10 * time.Millisecond
)

// electionTimeout is between 500 and 800 milliseconds, drawn anew each time.
func electionTimeout() time.Duration {
	return time.Duration(500+rand.Intn(301)) * time.Millisecond
}

// tick is the background loop. In each round it does what this server's role asks for, which takes
// as long as it takes until there is something to look at again.
func (rf *Raft) tick() {
	for !rf.killed() {
		rf.mu.Lock()
		role := rf.role
		rf.mu.Unlock()
		switch role {
		case follower:
			rf.tickFollower()
		case candidate:
			rf.tickCandidate()
		case leader:
			rf.tickLeader()
		}
	}
}

// tickFollower waits for an election timeout, and starts an election if no heartbeat came meanwhile.
func (rf *Raft) tickFollower() {
	time.Sleep(electionTimeout())
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.role == follower && !rf.receivedHeartbeat {
		rf.startElection()
	}
	rf.receivedHeartbeat = false
}

// tickCandidate counts the votes until there are enough, and starts the next election if there are
// not within an election timeout.
func (rf *Raft) tickCandidate() {
	deadline := time.Now().Add(electionTimeout())
	for time.Now().Before(deadline) {
		time.Sleep(votesInterval)
		if rf.decided() {
			return
		}
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.role == candidate {
		rf.startElection()
	}
}

// decided makes a candidate with a majority of the votes the leader, and tells whether this server is
// no candidate any more.
func (rf *Raft) decided() bool {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.role == candidate && rf.votes > len(rf.peers)/2 {
		rf.becomeLeader()
	}
	return rf.role != candidate
}

// tickLeader sends heartbeats, or entries to those that lack some, and waits.
func (rf *Raft) tickLeader() {
	rf.mu.Lock()
	if rf.role == leader {
		rf.broadcast()
	}
	rf.mu.Unlock()
	time.Sleep(heartbeatInterval)
}

// startElection begins a new term with a vote for itself, and asks all others for theirs.
func (rf *Raft) startElection() {
	rf.role = candidate
	rf.currentTerm++
	rf.votedFor = rf.me
	rf.votes = 1
	rf.persist()
	args := RequestVoteArgs{rf.currentTerm, rf.me, rf.lastEntry().Index, rf.lastEntry().Term}
	for server := range rf.peers {
		if server != rf.me {
			go rf.sendRequestVote(server, args)
		}
	}
}

// becomeFollower adopts a newer term, or gives up a candidacy in this one, whose vote then stays.
func (rf *Raft) becomeFollower(term int) {
	rf.role = follower
	if term > rf.currentTerm {
		rf.currentTerm = term
		rf.votedFor = -1
		rf.persist()
	}
}

// becomeLeader initialises what a leader knows of the others.
func (rf *Raft) becomeLeader() {
	rf.role = leader
	for server := range rf.peers {
		rf.nextIndex[server] = rf.lastEntry().Index + 1
		rf.matchIndex[server] = 0
	}
}
