package raft

// RequestVoteArgs is what a candidate asks with.
type RequestVoteArgs struct {
	Term         int
	CandidateID  int
	LastLogIndex int
	LastLogTerm  int
}

// RequestVoteReply is what it is told.
type RequestVoteReply struct {
	Term        int
	VoteGranted bool
}

// voteRequest is such a request on its way through the loop.
type voteRequest struct {
	args  *RequestVoteArgs
	reply *RequestVoteReply
	done  chan struct{}
}

// voteAnswer is a reply that came back, with the term that the request was sent in.
type voteAnswer struct {
	term  int
	reply RequestVoteReply
}

// RequestVote is the handler: the loop does the work.
func (rf *Raft) RequestVote(args *RequestVoteArgs, reply *RequestVoteReply) {
	request := voteRequest{args, reply, make(chan struct{})}
	select {
	case rf.voteRequests <- request:
		<-request.done
	case <-rf.stopped:
	}
}

// onElectionTimeout begins an election. A tick that was under way when this server won is ignored.
func (rf *Raft) onElectionTimeout() {
	if rf.state == leaderState {
		return
	}
	rf.toCandidate()
	args := RequestVoteArgs{rf.CurrentTerm, rf.me, rf.lastIndex(), rf.Log[rf.lastIndex()].Term}
	for server := range rf.peers {
		if server != rf.me {
			go rf.askForVote(server, args)
		}
	}
}

// askForVote asks one server, and hands its reply to the loop.
func (rf *Raft) askForVote(server int, args RequestVoteArgs) {
	var reply RequestVoteReply
	if !rf.call(server, "Raft.RequestVote", &args, &reply) {
		return
	}
	select {
	case rf.voteAnswers <- voteAnswer{args.Term, reply}:
	case <-rf.stopped:
	}
}

// onVoteRequest grants one vote a term, to a candidate whose log lacks nothing.
func (rf *Raft) onVoteRequest(args *RequestVoteArgs, reply *RequestVoteReply) {
	if args.Term > rf.CurrentTerm {
		rf.toFollower(args.Term)
	}
	reply.Term = rf.CurrentTerm
	if args.Term < rf.CurrentTerm {
		return
	}
	if rf.VotedFor != -1 && rf.VotedFor != args.CandidateID {
		return
	}
	lastTerm := rf.Log[rf.lastIndex()].Term
	if args.LastLogTerm < lastTerm || args.LastLogTerm == lastTerm && args.LastLogIndex < rf.lastIndex() {
		return
	}
	rf.VotedFor = args.CandidateID
	rf.persist()
	reply.VoteGranted = true
	rf.electionTicker.Reset(electionTimeout())
}

// onVoteAnswer counts a vote of this term. With a majority the candidate leads, and says so at once.
func (rf *Raft) onVoteAnswer(answer voteAnswer) {
	if answer.reply.Term > rf.CurrentTerm {
		rf.toFollower(answer.reply.Term)
		return
	}
	if rf.state != candidateState || answer.term != rf.CurrentTerm || !answer.reply.VoteGranted {
		return
	}
	rf.voteCount++
	if rf.voteCount > len(rf.peers)/2 {
		rf.toLeader()
		rf.sendHeartbeats()
	}
}
