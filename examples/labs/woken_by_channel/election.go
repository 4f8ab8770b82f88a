package raft

import (
	"math/rand"
	"time"
)

// RequestVoteArgs is what a candidate asks with.
type RequestVoteArgs struct {
	Term         int
	CandidateId  int
	LastLogIndex int
	LastLogTerm  int
}

// RequestVoteReply is what it is told.
type RequestVoteReply struct {
	Term        int
	VoteGranted bool
}

// randomTimeout is how long a server waits for a leader, or for the end of its election.
func randomTimeout() time.Duration {
	return time.Duration(300+rand.Intn(300)) * time.Millisecond
}

// leaderElection holds an election whenever no leader was heard for a timeout.
func (rf *Raft) leaderElection() {
	for !rf.killed() {
		timeout := randomTimeout()
		time.Sleep(timeout)
		rf.mu.Lock()
		if rf.role == Leader || time.Since(rf.lastHeard) < timeout {
			rf.mu.Unlock()
			continue
		}
		args := rf.becomeCandidate()
		rf.mu.Unlock()
		if rf.holdElection(args) {
			rf.bootstrapLeader(args.Term)
		}
	}
}

// becomeCandidate begins a new term with a vote for itself, and returns what the others are asked.
func (rf *Raft) becomeCandidate() RequestVoteArgs {
	rf.role = Candidate
	rf.currentTerm++
	rf.votedFor = rf.me
	rf.persist()
	return RequestVoteArgs{rf.currentTerm, rf.me, rf.logLength(), rf.termAt(rf.logLength())}
}

// holdElection asks all others at once and waits on a channel: until more than half have said yes, or
// until all have answered, or until the timeout, for some may never answer. It tells whether more than
// half said yes. Only the first goroutine that sees the election decided sends its outcome; the channel
// has room for it, so nobody waits here if the timeout was faster.
func (rf *Raft) holdElection(args RequestVoteArgs) bool {
	outcome := make(chan bool, 1)
	yes, answered, hasNotified := 1, 1, false
	for server := range rf.peers {
		if server == rf.me {
			continue
		}
		go func(server int) {
			granted := rf.sendRequestVote(server, args)
			rf.mu.Lock()
			defer rf.mu.Unlock()
			answered++
			if granted {
				yes++
			}
			won := yes > len(rf.peers)/2
			if !hasNotified && (won || answered == len(rf.peers)) {
				hasNotified = true
				outcome <- won
			}
		}(server)
	}
	select {
	case won := <-outcome:
		return won
	case <-time.After(randomTimeout()):
		return false
	}
}

// sendRequestVote asks one server, and tells whether it got its vote. No answer is none.
func (rf *Raft) sendRequestVote(server int, args RequestVoteArgs) bool {
	reply := RequestVoteReply{}
	if !rf.peers[server].Call("Raft.RequestVote", &args, &reply) {
		return false
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.currentTerm {
		rf.stepDown(reply.Term)
	}
	return reply.VoteGranted
}

// bootstrapLeader lets the winner of an election lead, if it is still a candidate of that very term:
// while this goroutine was on its way here, a newer term may have begun.
func (rf *Raft) bootstrapLeader(term int) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.role != Candidate || rf.currentTerm != term {
		return
	}
	rf.role = Leader
	rf.nextIndex = make([]int, len(rf.peers))
	rf.matchIndex = make([]int, len(rf.peers))
	for server := range rf.peers {
		rf.nextIndex[server] = rf.logLength() + 1
	}
	for server := range rf.peers {
		if server != rf.me {
			go rf.heartBeat(server, term)
		}
	}
}

// RequestVote is the handler: it grants one vote a term, to a candidate whose log lacks nothing.
func (rf *Raft) RequestVote(args *RequestVoteArgs, reply *RequestVoteReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if args.Term > rf.currentTerm {
		rf.stepDown(args.Term)
	}
	reply.Term = rf.currentTerm
	if args.Term < rf.currentTerm || rf.votedFor != -1 && rf.votedFor != args.CandidateId {
		return
	}
	lastTerm := rf.termAt(rf.logLength())
	if args.LastLogTerm < lastTerm || args.LastLogTerm == lastTerm && args.LastLogIndex < rf.logLength() {
		return
	}
	rf.votedFor = args.CandidateId
	rf.persist()
	rf.lastHeard = time.Now()
	reply.VoteGranted = true
}
