package raft

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
	defer func() { reply.Term = rf.CurrentTerm }()
	if args.Term > rf.CurrentTerm {
		rf.stepDown(args.Term)
	}
	if args.Term < rf.CurrentTerm {
		return
	}
	switch last := rf.last(); {
	case rf.VotedFor == args.CandidateId:
		reply.VoteGranted = true
	case rf.VotedFor != -1:
	case args.LastLogTerm < last.Term:
	case args.LastLogTerm == last.Term && args.LastLogIndex < last.Index:
	default:
		rf.VotedFor = args.CandidateId
		rf.persist()
		rf.election.Reset()
		reply.VoteGranted = true
	}
}

func (rf *Raft) campaign() {
	rf.role = candidate
	rf.CurrentTerm++
	rf.VotedFor = rf.me
	rf.ballots = 1
	rf.persist()
	last := rf.last()
	args := RequestVoteArgs{rf.CurrentTerm, rf.me, last.Index, last.Term}
	for peer := range rf.peers {
		if peer != rf.me {
			go rf.solicit(peer, args)
		}
	}
}

func (rf *Raft) solicit(peer int, args RequestVoteArgs) {
	reply := RequestVoteReply{}
	if !rf.peers[peer].Call("Raft.RequestVote", &args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.CurrentTerm {
		rf.stepDown(reply.Term)
		return
	}
	if !reply.VoteGranted || rf.role != candidate || rf.CurrentTerm != args.Term {
		return
	}
	rf.ballots++
	if rf.ballots == len(rf.peers)/2+1 {
		rf.win()
	}
}

func (rf *Raft) win() {
	rf.role = leader
	rf.lead = &leadership{make([]int, len(rf.peers)), make([]int, len(rf.peers))}
	for peer := range rf.peers {
		rf.lead.next[peer] = rf.last().Index + 1
	}
	go rf.heartbeats(rf.CurrentTerm)
}
