package raft

// PreVoteArgs asks whether a vote could be had in the next term.
type PreVoteArgs struct {
	NextTerm     int64
	LastLogIndex int64
	LastLogTerm  int64
}

// PreVoteReply answers PreVoteArgs.
type PreVoteReply struct {
	Term    int64
	Granted bool
}

// RequestVoteArgs asks for a vote.
type RequestVoteArgs struct {
	Term         int64
	CandidateId  int
	LastLogIndex int64
	LastLogTerm  int64
}

// RequestVoteReply answers RequestVoteArgs.
type RequestVoteReply struct {
	Term        int64
	VoteGranted bool
}

func (rf *Raft) isAheadOf(index, term int64) bool {
	last := rf.last()
	return last.Term > term || last.Term == term && last.Index > index
}

// PreVote is the handler of a pre-candidate's question. It changes nothing.
func (rf *Raft) PreVote(args *PreVoteArgs, reply *PreVoteReply) {
	rf.mu.RLock()
	defer rf.mu.RUnlock()
	reply.Term = rf.currentTerm
	reply.Granted = args.NextTerm > rf.currentTerm && !rf.isAheadOf(args.LastLogIndex, args.LastLogTerm)
}

// RequestVote is the handler of a candidate's request.
func (rf *Raft) RequestVote(args *RequestVoteArgs, reply *RequestVoteReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if args.Term > rf.currentTerm {
		rf.advance(args.Term)
	}
	reply.Term = rf.currentTerm
	hasVoted := rf.vote.Term == rf.currentTerm && rf.vote.For != args.CandidateId
	if args.Term < rf.currentTerm || hasVoted || rf.isAheadOf(args.LastLogIndex, args.LastLogTerm) {
		return
	}
	rf.vote = Ballot{args.Term, args.CandidateId}
	rf.persist()
	rf.hush()
	reply.VoteGranted = true
}

// Sound asks the others before this server stands; its term and its vote stay as they are.
func (rf *Raft) sound() {
	rf.phase = preCandidate
	rf.agreed = map[int]bool{rf.me: true}
	rf.hush()
	last := rf.last()
	args := &PreVoteArgs{rf.currentTerm + 1, last.Index, last.Term}
	for peer := range rf.peers {
		if peer != rf.me {
			go rf.ask(peer, args)
		}
	}
}

func (rf *Raft) ask(peer int, args *PreVoteArgs) {
	reply := &PreVoteReply{}
	if !rf.peers[peer].Call("Raft.PreVote", args, reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.currentTerm {
		rf.advance(reply.Term)
	}
	if rf.phase == preCandidate && rf.currentTerm+1 == args.NextTerm && reply.Granted {
		rf.agreed[peer] = true
		if len(rf.agreed)*2 > len(rf.peers) {
			rf.stand()
		}
	}
}

func (rf *Raft) stand() {
	rf.phase = candidate
	rf.currentTerm++
	rf.vote = Ballot{rf.currentTerm, rf.me}
	rf.agreed = map[int]bool{rf.me: true}
	rf.persist()
	rf.hush()
	last := rf.last()
	args := &RequestVoteArgs{rf.currentTerm, rf.me, last.Index, last.Term}
	for peer := range rf.peers {
		if peer != rf.me {
			go rf.solicit(peer, args)
		}
	}
}

func (rf *Raft) solicit(peer int, args *RequestVoteArgs) {
	reply := &RequestVoteReply{}
	if !rf.peers[peer].Call("Raft.RequestVote", args, reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.currentTerm {
		rf.advance(reply.Term)
	}
	if rf.phase != candidate || rf.currentTerm != args.Term || !reply.VoteGranted {
		return
	}
	rf.agreed[peer] = true
	if len(rf.agreed)*2 > len(rf.peers) {
		rf.phase = leader
		for i := range rf.peers {
			rf.nextIndex[i], rf.matchIndex[i] = rf.last().Index+1, 0
		}
		rf.replicate()
	}
}
