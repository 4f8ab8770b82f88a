package raft

import (
	"math/rand"
	"time"
)

// An election timeout lies between these two, as in the paper.
const (
	shortestTimeout = 150 * time.Millisecond
	longestTimeout  = 300 * time.Millisecond
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

// update restarts the election timer, with a new random timeout.
func (rf *Raft) update() {
	rf.lastUpdated = time.Now()
	rf.timeout = shortestTimeout + time.Duration(rand.Int63n(int64(longestTimeout-shortestTimeout)))
}

// monitor starts an election whenever the timeout has gone by without an update.
func (rf *Raft) monitor() {
	for !rf.killed() {
		rf.mu.Lock()
		if time.Since(rf.lastUpdated) >= rf.timeout {
			if !rf.isLeader() {
				rf.startElection()
			}
			rf.update()
		}
		rest := time.Until(rf.lastUpdated.Add(rf.timeout))
		rf.mu.Unlock()
		time.Sleep(rest)
	}
}

// startElection begins a new term with a vote for itself, and asks all others for theirs.
func (rf *Raft) startElection() {
	rf.currentTerm++
	rf.votedFor = rf.me
	rf.votes = map[int]bool{rf.me: true}
	rf.persist()
	last := rf.log.lastIndex()
	args := RequestVoteArgs{rf.currentTerm, rf.me, last, rf.log.at(last).Term}
	for server := range rf.peers {
		if server != rf.me {
			go rf.sendRequestVote(server, args)
		}
	}
}

// sendRequestVote asks one server for its vote.
func (rf *Raft) sendRequestVote(server int, args RequestVoteArgs) {
	var reply RequestVoteReply
	if !rf.peers[server].Call("Raft.RequestVote", &args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	rf.observe(reply.Term)
	if args.Term != rf.currentTerm || rf.isLeader() || !reply.VoteGranted {
		return
	}
	rf.votes[server] = true
	if len(rf.votes) > len(rf.peers)/2 {
		rf.win()
	}
}

// win makes this server the leader, and lets its heart tell the others at once.
func (rf *Raft) win() {
	rf.wonTerm = rf.currentTerm
	for server := range rf.peers {
		rf.nextIndex[server] = rf.log.lastIndex() + 1
		rf.matchIndex[server] = 0
	}
	select {
	case rf.won <- true:
	default: // it is about to beat anyway
	}
}

// observe adopts a newer term, in which this server has voted for nobody, and so does not lead.
func (rf *Raft) observe(term int) {
	if term > rf.currentTerm {
		rf.currentTerm = term
		rf.votedFor = nobody
		rf.persist()
	}
}

// RequestVote is the handler: it grants one vote a term, to a candidate whose log lacks nothing.
func (rf *Raft) RequestVote(args *RequestVoteArgs, reply *RequestVoteReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	rf.observe(args.Term)
	reply.Term = rf.currentTerm
	if args.Term < rf.currentTerm {
		return
	}
	if rf.votedFor != nobody && rf.votedFor != args.CandidateId {
		return
	}
	if !rf.log.isBehind(args.LastLogIndex, args.LastLogTerm) {
		return
	}
	rf.votedFor = args.CandidateId
	rf.persist()
	rf.update()
	reply.VoteGranted = true
}
