package raft

// VoteRequest asks for a vote.
type VoteRequest struct {
	Term      int64
	Candidate int32
	LastIdx   int64
	LastTerm  int64
}

// VoteAnswer answers VoteRequest.
type VoteAnswer struct {
	Term int64
	Yes  bool
}

// AppendRequest replicates entries, or is a heartbeat.
type AppendRequest struct {
	Term     int64
	Leader   int32
	PrevIdx  int64
	PrevTerm int64
	Entries  []Entry
	Commit   int64
}

// AppendAnswer answers AppendRequest. After a refusal, TryIdx is where to go on.
type AppendAnswer struct {
	Term   int64
	Done   bool
	TryIdx int64
}

// Vote is the handler of a candidate's request.
func (rf *Raft) Vote(args *VoteRequest, reply *VoteAnswer) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if args.Term > rf.term.Load() {
		rf.adopt(args.Term)
	}
	reply.Term = rf.term.Load()
	if args.Term < reply.Term {
		return
	}
	lastTerm := rf.termAt(rf.lastIndex())
	if args.LastTerm < lastTerm || args.LastTerm == lastTerm && args.LastIdx < rf.lastIndex() {
		return
	}
	if rf.votedFor.CompareAndSwap(0, args.Candidate) {
		rf.persist()
		rf.touch()
	}
	reply.Yes = rf.votedFor.Load() == args.Candidate
}

func (rf *Raft) stand() {
	rf.role.Store(standing)
	rf.term.Add(1)
	rf.votedFor.Store(rf.id)
	rf.votes.Store(1)
	rf.persist()
	rf.touch()
	args := &VoteRequest{rf.term.Load(), rf.id, rf.lastIndex(), rf.termAt(rf.lastIndex())}
	for server := range rf.peers {
		if server != int(rf.id-1) {
			go rf.canvass(server, args)
		}
	}
}

func (rf *Raft) canvass(server int, args *VoteRequest) {
	reply := &VoteAnswer{}
	if !rf.peers[server].Call("Raft.Vote", args, reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.term.Load() {
		rf.adopt(reply.Term)
	}
	if !reply.Yes || rf.term.Load() != args.Term || rf.role.Load() != standing {
		return
	}
	if int(rf.votes.Add(1)) > len(rf.peers)/2 {
		rf.role.Store(leading)
		for i := range rf.nextIndex {
			rf.nextIndex[i].Store(rf.lastIndex() + 1)
			rf.matchIndex[i].Store(0)
		}
		rf.sendToAll()
	}
}

// Obey looks at a request of a leader; it returns whether its term is not over.
func (rf *Raft) obey(term int64, answer *int64) bool {
	if term > rf.term.Load() {
		rf.adopt(term)
	}
	*answer = rf.term.Load()
	if term < *answer {
		return false
	}
	rf.role.Store(following)
	rf.touch()
	return true
}

// Append is the handler of a leader's request.
func (rf *Raft) Append(args *AppendRequest, reply *AppendAnswer) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if !rf.obey(args.Term, &reply.Term) {
		return
	}
	if args.PrevIdx > rf.lastIndex() {
		reply.TryIdx = rf.lastIndex() + 1
		return
	}
	if args.PrevIdx > rf.snapIdx && rf.termAt(args.PrevIdx) != args.PrevTerm {
		reply.TryIdx = args.PrevIdx
		return
	}
	changed := false
	for i := range args.Entries {
		entry := args.Entries[i]
		if entry.Idx <= rf.snapIdx || entry.Idx <= rf.lastIndex() && rf.termAt(entry.Idx) == entry.Term {
			continue
		}
		rf.log = append(rf.log[:rf.position(entry.Idx)], &entry)
		changed = true
	}
	if changed {
		rf.persist()
	}
	reply.Done = true
	if known := min(args.Commit, args.PrevIdx+int64(len(args.Entries))); known > rf.commitIndex.Load() {
		rf.commitIndex.Store(known)
	}
}

func (rf *Raft) sendToAll() {
	for server := range rf.peers {
		if server == int(rf.id-1) {
			continue
		}
		prev := rf.nextIndex[server+1].Load() - 1
		if prev < rf.snapIdx {
			go rf.sendSnapshot(server, &InstallSnapshotArgs{
				rf.term.Load(), rf.id, *rf.log[0], rf.persister.ReadSnapshot()})
			continue
		}
		args := &AppendRequest{rf.term.Load(), rf.id, prev, rf.termAt(prev), []Entry{}, rf.commitIndex.Load()}
		for _, entry := range rf.after(prev) {
			args.Entries = append(args.Entries, *entry)
		}
		go rf.sendAppend(server, args)
	}
}

// StillLeads looks at a reply: whether the question's term is still the term that one leads.
func (rf *Raft) stillLeads(asked, answered int64) bool {
	if answered > rf.term.Load() {
		rf.adopt(answered)
	}
	return rf.role.Load() == leading && rf.term.Load() == asked
}

func (rf *Raft) sendAppend(server int, args *AppendRequest) {
	reply := &AppendAnswer{}
	if !rf.peers[server].Call("Raft.Append", args, reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if !rf.stillLeads(args.Term, reply.Term) {
		return
	}
	if reply.Done {
		rf.credit(server, args.PrevIdx+int64(len(args.Entries)))
	} else if next := &rf.nextIndex[server+1]; next.Load() == args.PrevIdx+1 {
		next.Store(max(reply.TryIdx, rf.matchIndex[server+1].Load()+1))
	}
}

// Credit notes what a follower holds, and commits what a majority holds by now.
func (rf *Raft) credit(server int, index int64) {
	match, next := &rf.matchIndex[server+1], &rf.nextIndex[server+1]
	match.Store(max(match.Load(), index))
	next.Store(max(next.Load(), index+1))
	if index <= rf.commitIndex.Load() || rf.termAt(index) != rf.term.Load() {
		return
	}
	holders := 1
	for i := range rf.peers {
		if i != int(rf.id-1) && rf.matchIndex[i+1].Load() >= index {
			holders++
		}
	}
	if holders > len(rf.peers)/2 {
		rf.commitIndex.Store(index)
	}
}
