package raft

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

// RequestVote is the handler: it grants one vote a term, to a candidate whose log lacks nothing.
func (rf *Raft) RequestVote(args *RequestVoteArgs, reply *RequestVoteReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if args.Term > rf.currentTerm {
		rf.becomeFollower(args.Term)
	}
	reply.Term = rf.currentTerm
	free := rf.votedFor == -1 || rf.votedFor == args.CandidateId
	if args.Term < rf.currentTerm || !free || !rf.isUpToDate(args.LastLogIndex, args.LastLogTerm) {
		return
	}
	rf.votedFor = args.CandidateId
	rf.persist()
	rf.receivedHeartbeat = true
	reply.VoteGranted = true
}

// isUpToDate tells whether a log that ends like this has all that this server's log has.
func (rf *Raft) isUpToDate(index int, term int) bool {
	last := rf.lastEntry()
	return term > last.Term || term == last.Term && index >= last.Index
}

// sendRequestVote asks one server for its vote, and adds it to the others. tick looks at their number.
func (rf *Raft) sendRequestVote(server int, args RequestVoteArgs) {
	reply := RequestVoteReply{}
	if !rf.peers[server].Call("Raft.RequestVote", &args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.currentTerm {
		rf.becomeFollower(reply.Term)
	}
	if rf.role == candidate && rf.currentTerm == args.Term && reply.VoteGranted {
		rf.votes++
	}
}
