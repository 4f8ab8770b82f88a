package raft

import "time"

// AppendEntriesArgs replicates entries, or is a heartbeat.
type AppendEntriesArgs struct {
	Term         int
	LeaderId     int
	PrevLogIndex int
	PrevLogTerm  int
	Entries      []Entry
	LeaderCommit int
}

// AppendEntriesReply answers AppendEntriesArgs; XTerm, XIndex and XLen say where logs part.
type AppendEntriesReply struct {
	Term    int
	Success bool
	XTerm   int
	XIndex  int
	XLen    int
}

// AppendEntries is the handler of a leader's request.
func (rf *Raft) AppendEntries(args *AppendEntriesArgs, reply *AppendEntriesReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	reply.Term = max(rf.currentTerm, args.Term)
	if args.Term < rf.currentTerm {
		return
	}
	rf.obey(args.Term)
	prev, entries := args.PrevLogIndex, args.Entries
	if prev < rf.log.Base { // what the snapshot covers is the same everywhere
		covered := min(rf.log.Base-prev, len(entries))
		prev, entries = prev+covered, entries[covered:]
		if prev < rf.log.Base {
			reply.Success = true
			return
		}
	} else if prev > rf.log.last() {
		reply.XTerm, reply.XLen = -1, rf.log.last()+1
		return
	} else if term := rf.log.term(prev); term != args.PrevLogTerm {
		reply.XTerm, reply.XIndex = term, prev
		for reply.XIndex > rf.log.Base+1 && rf.log.term(reply.XIndex-1) == term {
			reply.XIndex--
		}
		return
	}
	rf.merge(prev, entries)
	reply.Success = true
	if known := min(args.LeaderCommit, prev+len(entries)); known > rf.commitIndex {
		rf.commitIndex = known
		rf.cond.Broadcast()
	}
}

// Merge appends what is missing; only what contradicts the leader is deleted.
func (rf *Raft) merge(prev int, entries []Entry) {
	for i, entry := range entries {
		index := prev + 1 + i
		if index <= rf.log.last() && rf.log.term(index) == entry.Term {
			continue
		}
		rf.log.keepUntil(index - 1)
		rf.log.Entries = append(rf.log.Entries, entries[i:]...)
		rf.persist()
		return
	}
}

func (rf *Raft) broadcast() {
	rf.beat = time.Now()
	for server := range rf.peers {
		if server == rf.me {
			continue
		}
		prev := rf.nextIndex[server] - 1
		if prev < rf.log.Base {
			go rf.sendSnapshot(server, &InstallSnapshotArgs{
				rf.currentTerm, rf.me, rf.log.Base, rf.log.BaseTerm, rf.persister.ReadSnapshot()})
			continue
		}
		go rf.sendAppendEntries(server, &AppendEntriesArgs{
			rf.currentTerm, rf.me, prev, rf.log.term(prev), rf.log.after(prev), rf.commitIndex})
	}
}

func (rf *Raft) sendAppendEntries(server int, args *AppendEntriesArgs) {
	reply := &AppendEntriesReply{}
	if !rf.peers[server].Call("Raft.AppendEntries", args, reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if !rf.stillLeads(args.Term, reply.Term) {
		return
	}
	if reply.Success {
		rf.matchIndex[server] = max(rf.matchIndex[server], args.PrevLogIndex+len(args.Entries))
		rf.nextIndex[server] = max(rf.nextIndex[server], rf.matchIndex[server]+1)
		rf.commit()
	} else if rf.nextIndex[server] == args.PrevLogIndex+1 {
		rf.nextIndex[server] = max(rf.backUp(args, reply), rf.matchIndex[server]+1)
	}
}

// BackUp finds where to go on after a refusal.
func (rf *Raft) backUp(args *AppendEntriesArgs, reply *AppendEntriesReply) int {
	if reply.XTerm == -1 {
		return reply.XLen
	}
	for index := min(args.PrevLogIndex, rf.log.last()); index > rf.log.Base; index-- {
		if rf.log.term(index) == reply.XTerm {
			return min(index+1, args.PrevLogIndex)
		}
	}
	return reply.XIndex
}

// Commit counts who holds the newest entries, but only those of one's own term.
func (rf *Raft) commit() {
	for index := rf.log.last(); index > max(rf.commitIndex, rf.log.Base); index-- {
		if rf.log.term(index) != rf.currentTerm {
			return
		}
		holders := 1
		for server := range rf.peers {
			if server != rf.me && rf.matchIndex[server] >= index {
				holders++
			}
		}
		if holders*2 > len(rf.peers) {
			rf.commitIndex = index
			rf.cond.Broadcast()
			return
		}
	}
}
