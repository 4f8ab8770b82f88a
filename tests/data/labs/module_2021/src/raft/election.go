package raft

import "time"

// RequestVoteArgs asks for a vote.
type RequestVoteArgs struct {
	Term         int
	CandidateId  int
	LastLogIndex int
	LastLogTerm  int
}

// RequestVoteReply answers RequestVoteArgs.
type RequestVoteReply struct {
	Term        int
	VoteGranted bool
}

// RequestVote is the handler of a candidate's request.
func (rf *Raft) RequestVote(args *RequestVoteArgs, reply *RequestVoteReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if args.Term > rf.currentTerm {
		rf.newTerm(args.Term)
	}
	reply.Term = rf.currentTerm
	if args.Term < rf.currentTerm || rf.votedFor != -1 && rf.votedFor != args.CandidateId {
		return
	}
	if rf.isNewerThan(args.LastLogIndex, args.LastLogTerm) {
		return
	}
	rf.votedFor = args.CandidateId
	rf.persist()
	rf.resetDeadline()
	reply.VoteGranted = true
}

// IsNewerThan compares one's own log with a candidate's.
func (rf *Raft) isNewerThan(index, term int) bool {
	own := rf.log.term(rf.log.last())
	return own > term || own == term && rf.log.last() > index
}

func (rf *Raft) campaign() {
	rf.currentTerm++
	rf.votedFor = rf.me
	rf.role = Candidate
	rf.votes = map[int]bool{rf.me: true}
	rf.persist()
	rf.resetDeadline()
	args := &RequestVoteArgs{rf.currentTerm, rf.me, rf.log.last(), rf.log.term(rf.log.last())}
	for server := range rf.peers {
		if server != rf.me {
			go rf.sendRequestVote(server, args)
		}
	}
}

func (rf *Raft) sendRequestVote(server int, args *RequestVoteArgs) {
	reply := &RequestVoteReply{}
	if !rf.peers[server].Call("Raft.RequestVote", args, reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.currentTerm {
		rf.newTerm(reply.Term)
		return
	}
	if rf.role != Candidate || rf.currentTerm != args.Term || !reply.VoteGranted {
		return
	}
	rf.votes[server] = true
	if len(rf.votes) <= len(rf.peers)/2 {
		return
	}
	DPrintf("%d leads in term %d", rf.me, rf.currentTerm)
	rf.role = Leader
	for i := range rf.peers {
		rf.nextIndex[i] = rf.log.last() + 1
		rf.matchIndex[i] = 0
	}
	rf.beat = time.Time{}
	rf.broadcast()
}
