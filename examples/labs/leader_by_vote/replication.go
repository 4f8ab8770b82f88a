package raft

import "time"

// heartbeatInterval is a good deal shorter than the shortest election timeout.
const heartbeatInterval = 50 * time.Millisecond

// AppendEntriesArgs is a heartbeat if it has no entries.
type AppendEntriesArgs struct {
	Term         int
	LeaderId     int
	PrevLogIndex int
	PrevLogTerm  int
	Entries      []Entry
	LeaderCommit int
}

// AppendEntriesReply tells, where the previous entry is missing or another, where to go on.
type AppendEntriesReply struct {
	Term          int
	Success       bool
	ConflictIndex int
}

// heart beats for as long as the server lives. Each beat reaches the others only while it leads.
func (rf *Raft) heart() {
	for !rf.killed() {
		select {
		case <-rf.won:
		case <-time.After(heartbeatInterval):
		}
		rf.mu.Lock()
		if rf.isLeader() {
			rf.sendToAll()
		}
		rf.mu.Unlock()
	}
}

// sendToAll sends every other server what it lacks, and a heartbeat where that is nothing.
func (rf *Raft) sendToAll() {
	for server := range rf.peers {
		if server != rf.me {
			rf.sendTo(server)
		}
	}
}

// sendTo sends one server the entries that it lacks.
func (rf *Raft) sendTo(server int) {
	previous := rf.nextIndex[server] - 1
	go rf.sendAppendEntries(server, AppendEntriesArgs{
		Term:         rf.currentTerm,
		LeaderId:     rf.me,
		PrevLogIndex: previous,
		PrevLogTerm:  rf.log.at(previous).Term,
		Entries:      rf.log.from(previous + 1),
		LeaderCommit: rf.commitIndex,
	})
}

// sendAppendEntries calls the handler of one server and learns from its reply.
func (rf *Raft) sendAppendEntries(server int, args AppendEntriesArgs) {
	var reply AppendEntriesReply
	if !rf.peers[server].Call("Raft.AppendEntries", &args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	rf.observe(reply.Term)
	if !rf.isLeader() || args.Term != rf.currentTerm {
		return
	}
	if reply.Success {
		match := args.PrevLogIndex + len(args.Entries)
		rf.matchIndex[server] = max(rf.matchIndex[server], match)
		rf.nextIndex[server] = max(rf.nextIndex[server], match+1)
		rf.commit()
	} else if reply.ConflictIndex < rf.nextIndex[server] && reply.ConflictIndex > rf.matchIndex[server] {
		rf.nextIndex[server] = reply.ConflictIndex
		rf.sendTo(server)
	}
}

// commit moves commitIndex to the last entry of this term that a majority has.
func (rf *Raft) commit() {
	for index := rf.log.lastIndex(); index > rf.commitIndex; index-- {
		if rf.log.at(index).Term != rf.currentTerm {
			return // and none before it is of this term
		}
		count := 1
		for server := range rf.peers {
			if server != rf.me && rf.matchIndex[server] >= index {
				count++
			}
		}
		if count > len(rf.peers)/2 {
			rf.commitIndex = index
			rf.committed.Signal()
			return
		}
	}
}

// AppendEntries is the handler. It comes from the leader of its term, so there is no doubt who leads.
func (rf *Raft) AppendEntries(args *AppendEntriesArgs, reply *AppendEntriesReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	rf.observe(args.Term)
	reply.Term = rf.currentTerm
	if args.Term < rf.currentTerm {
		return
	}
	rf.update()
	if !rf.log.has(args.PrevLogIndex) {
		reply.ConflictIndex = rf.log.lastIndex() + 1
		return
	}
	if rf.log.at(args.PrevLogIndex).Term != args.PrevLogTerm {
		reply.ConflictIndex = rf.log.firstOf(args.PrevLogIndex)
		return
	}
	rf.store(args.PrevLogIndex+1, args.Entries)
	reply.Success = true
	if known := min(args.LeaderCommit, args.PrevLogIndex+len(args.Entries)); known > rf.commitIndex {
		rf.commitIndex = known
		rf.committed.Signal()
	}
}

// store puts entries into the log from an index on. What is there already stays, unless it is of
// another term: then it goes, with all that follows.
func (rf *Raft) store(index int, entries []Entry) {
	for len(entries) > 0 && rf.log.has(index) && rf.log.at(index).Term == entries[0].Term {
		index++
		entries = entries[1:]
	}
	if len(entries) == 0 {
		return
	}
	rf.log.cutAt(index)
	rf.log.append(entries...)
	rf.persist()
}
