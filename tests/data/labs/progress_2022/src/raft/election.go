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
	rf.Lock()
	defer rf.Unlock()
	if args.Term > rf.currentTerm {
		rf.becomeFollower(args.Term)
	}
	reply.Term = rf.currentTerm
	if args.Term < rf.currentTerm || rf.votedFor != nil && *rf.votedFor != args.CandidateId {
		return
	}
	lastTerm := rf.termOf(rf.lastIndex())
	if args.LastLogTerm < lastTerm || args.LastLogTerm == lastTerm && args.LastLogIndex < rf.lastIndex() {
		return
	}
	rf.votedFor = &args.CandidateId
	rf.persist()
	rf.electionResetAt = time.Now()
	reply.VoteGranted = true
}

func (rf *Raft) campaign() {
	rf.status = "candidate"
	rf.currentTerm++
	rf.votedFor = &rf.me
	rf.persist()
	rf.electionResetAt = time.Now()
	args := RequestVoteArgs{rf.currentTerm, rf.me, rf.lastIndex(), rf.termOf(rf.lastIndex())}
	for id, peer := range rf.peers {
		peer.granted = id == rf.me
		if id != rf.me {
			go rf.callRequestVote(peer, args)
		}
	}
}

func (rf *Raft) callRequestVote(peer *progress, args RequestVoteArgs) {
	var reply RequestVoteReply
	if !peer.end.Call("Raft.RequestVote", &args, &reply) {
		return
	}
	rf.Lock()
	defer rf.Unlock()
	if reply.Term > rf.currentTerm {
		rf.becomeFollower(reply.Term)
	}
	if rf.status != "candidate" || rf.currentTerm != args.Term {
		return
	}
	peer.granted = peer.granted || reply.VoteGranted
	votes := 0
	for _, each := range rf.peers {
		if each.granted {
			votes++
		}
	}
	if votes > len(rf.peers)/2 {
		rf.status = "leader"
		for _, each := range rf.peers {
			each.nextIndex, each.matchIndex = rf.lastIndex()+1, 0
		}
		rf.persist()
		rf.sendHeartbeats()
	}
}
