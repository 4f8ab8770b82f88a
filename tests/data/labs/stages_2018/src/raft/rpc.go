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

// AppendEntriesArgs replicates entries, or is a heartbeat.
type AppendEntriesArgs struct {
	Term         int
	LeaderId     int
	PrevLogId    int
	PrevLogTerm  int
	Entries      []Entry
	LeaderCommit int
}

// AppendEntriesReply answers AppendEntriesArgs.
type AppendEntriesReply struct {
	Term    int
	Success bool
	LogLen  int
}

// RequestVote is the handler of a candidate's request.
func (rf *Raft) RequestVote(args *RequestVoteArgs, reply *RequestVoteReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if args.Term > rf.currentTerm {
		rf.followTerm(args.Term, -1)
	}
	reply.Term = rf.currentTerm
	last := len(rf.log) - 1
	upToDate := args.LastLogTerm > rf.log[last].Term ||
		args.LastLogTerm == rf.log[last].Term && args.LastLogIndex >= last
	if args.Term == rf.currentTerm && upToDate && (rf.voteFor == -1 || rf.voteFor == args.CandidateId) {
		rf.voteFor = args.CandidateId
		reply.VoteGranted = true
		rf.persist()
		if rf.leader == -1 && rf.votes == 0 {
			rf.enter(rf.following)
		}
	}
}

func (rf *Raft) requestVote(server int, args *RequestVoteArgs) {
	var reply RequestVoteReply
	if !rf.peers[server].Call("Raft.RequestVote", args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.currentTerm {
		rf.followTerm(reply.Term, -1)
	}
	if rf.currentTerm != args.Term || rf.votes == 0 || rf.leader != -1 || !reply.VoteGranted {
		return
	}
	rf.votes++
	if rf.votes > len(rf.peers)/2 {
		rf.leader = rf.me
		for i := range rf.peers {
			rf.nextIndex[i] = len(rf.log)
			rf.matchIndex[i] = 0
		}
		rf.enter(rf.leading)
	}
}

// AppendEntries is the handler of a leader's request.
func (rf *Raft) AppendEntries(args *AppendEntriesArgs, reply *AppendEntriesReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	reply.Term = rf.currentTerm
	if args.Term < rf.currentTerm {
		return
	}
	rf.followTerm(args.Term, args.LeaderId)
	reply.Term = rf.currentTerm
	reply.LogLen = len(rf.log)
	if args.PrevLogId >= len(rf.log) {
		return
	}
	if rf.log[args.PrevLogId].Term != args.PrevLogTerm {
		reply.LogLen = args.PrevLogId
		return
	}
	for i, entry := range args.Entries {
		index := args.PrevLogId + 1 + i
		if index < len(rf.log) && rf.log[index].Term == entry.Term {
			continue
		}
		rf.log = append(append([]Entry{}, rf.log[:index]...), args.Entries[i:]...)
		break
	}
	rf.persist()
	reply.Success = true
	rf.commit(min(args.LeaderCommit, args.PrevLogId+len(args.Entries)))
}

func (rf *Raft) appendEntries(server int, args *AppendEntriesArgs) {
	var reply AppendEntriesReply
	if !rf.peers[server].Call("Raft.AppendEntries", args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.currentTerm {
		rf.followTerm(reply.Term, -1)
	}
	if rf.currentTerm != args.Term || rf.leader != rf.me {
		return
	}
	if !reply.Success {
		if rf.nextIndex[server] == args.PrevLogId+1 {
			rf.nextIndex[server] = max(rf.matchIndex[server]+1, min(args.PrevLogId, reply.LogLen))
		}
		return
	}
	rf.matchIndex[server] = max(rf.matchIndex[server], args.PrevLogId+len(args.Entries))
	rf.nextIndex[server] = max(rf.nextIndex[server], rf.matchIndex[server]+1)
	count := 1
	for i, match := range rf.matchIndex {
		if i != rf.me && match >= rf.matchIndex[server] {
			count++
		}
	}
	if count*2 > len(rf.peers) && rf.log[rf.matchIndex[server]].Term == rf.currentTerm {
		rf.commit(rf.matchIndex[server])
	}
}
