package raft

import "log"

// AppendEntriesArgs replicates entries, or is a heartbeat.
type AppendEntriesArgs struct {
	Term         int64
	LeaderId     int
	PrevLogIndex int64
	PrevLogTerm  int64
	Entries      []Entry
	LeaderCommit int64
}

// AppendEntriesReply answers AppendEntriesArgs.
type AppendEntriesReply struct {
	Term          int64
	Success       bool
	ConflictIndex int64
}

// InstallSnapshotArgs carries a snapshot and the last entry that it covers.
type InstallSnapshotArgs struct {
	Term              int64
	LeaderId          int
	LastIncludedIndex int64
	LastIncludedTerm  int64
	Data              []byte
}

// InstallSnapshotReply answers InstallSnapshotArgs.
type InstallSnapshotReply struct {
	Term int64
}

// Heed looks at a leader's term; it returns whether this server follows it.
func (rf *Raft) heed(term int64) bool {
	if term > rf.currentTerm {
		rf.advance(term)
	}
	if term < rf.currentTerm {
		return false
	}
	if rf.phase == leader {
		log.Fatalf("server %d: two leaders in term %d", rf.me, term)
	}
	rf.phase = follower
	rf.hush()
	return true
}

// AppendEntries is the handler of a leader's request.
func (rf *Raft) AppendEntries(args *AppendEntriesArgs, reply *AppendEntriesReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	follows := rf.heed(args.Term)
	reply.Term = rf.currentTerm
	if !follows {
		return
	}
	if args.PrevLogIndex > rf.last().Index {
		reply.ConflictIndex = rf.last().Index + 1
		return
	}
	if args.PrevLogIndex >= rf.base().Index && rf.entry(args.PrevLogIndex).Term != args.PrevLogTerm {
		reply.ConflictIndex = rf.beginningOf(args.PrevLogIndex)
		return
	}
	rf.take(args.Entries)
	reply.Success = true
	rf.commit(min(args.LeaderCommit, args.PrevLogIndex+int64(len(args.Entries))))
}

// BeginningOf returns where the term of an entry begins, as far as the log reaches.
func (rf *Raft) beginningOf(index int64) int64 {
	term := rf.entry(index).Term
	for index > rf.base().Index+1 && rf.entry(index-1).Term == term {
		index--
	}
	return index
}

func (rf *Raft) take(entries []Entry) {
	for i, entry := range entries {
		if entry.Index <= rf.base().Index {
			continue
		}
		if entry.Index <= rf.last().Index && rf.entry(entry.Index).Term == entry.Term {
			continue
		}
		if entry.Index <= rf.commitIndex {
			log.Fatalf("server %d: entry %d is committed, and to be deleted", rf.me, entry.Index)
		}
		kept := rf.entries[:entry.Index-rf.base().Index-1]
		rf.entries = append(append([]Entry{}, kept...), entries[i:]...)
		rf.persist()
		return
	}
}

// InstallSnapshot is the handler of a leader's snapshot.
func (rf *Raft) InstallSnapshot(args *InstallSnapshotArgs, reply *InstallSnapshotReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	follows := rf.heed(args.Term)
	reply.Term = rf.currentTerm
	if !follows || args.LastIncludedIndex <= rf.commitIndex {
		return
	}
	index := args.LastIncludedIndex
	tail := []Entry{}
	if index <= rf.last().Index && rf.entry(index).Term == args.LastIncludedTerm {
		tail = rf.from(index + 1)
	}
	rf.entries = tail
	rf.covered = &Entry{Index: index, Term: args.LastIncludedTerm}
	rf.commitIndex, rf.lastApplied = index, index
	rf.save(args.Data)
	select {
	case <-rf.arrived: // an older snapshot that the service has not taken
	default:
	}
	rf.arrived <- ApplyMsg{
		SnapshotValid: true,
		Snapshot:      args.Data,
		SnapshotTerm:  int(args.LastIncludedTerm),
		SnapshotIndex: int(index),
	}
}

// Snapshot is called by the service: its snapshot holds all entries up to index.
func (rf *Raft) Snapshot(index int64, snapshot []byte) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if index <= rf.base().Index {
		log.Fatalf("server %d: a snapshot up to %d, after one up to %d", rf.me, index, rf.base().Index)
	}
	tail := rf.from(index + 1)
	rf.covered = &Entry{Index: index, Term: rf.entry(index).Term}
	rf.entries = tail
	rf.save(snapshot)
}

func (rf *Raft) replicate() {
	for peer := range rf.peers {
		if peer == rf.me {
			continue
		}
		if next := rf.nextIndex[peer]; next <= rf.base().Index {
			go rf.sendSnapshot(peer, &InstallSnapshotArgs{rf.currentTerm, rf.me,
				rf.base().Index, rf.base().Term, rf.persister.ReadSnapshot()})
		} else {
			go rf.sendEntries(peer, &AppendEntriesArgs{rf.currentTerm, rf.me,
				next - 1, rf.entry(next - 1).Term, rf.from(next), rf.commitIndex})
		}
	}
}

// StillLeads looks at a reply: whether the question's term is still the term that one leads.
func (rf *Raft) stillLeads(asked, answered int64) bool {
	if answered > rf.currentTerm {
		rf.advance(answered)
	}
	return rf.phase == leader && rf.currentTerm == asked
}

func (rf *Raft) sendSnapshot(peer int, args *InstallSnapshotArgs) {
	reply := &InstallSnapshotReply{}
	if !rf.peers[peer].Call("Raft.InstallSnapshot", args, reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.stillLeads(args.Term, reply.Term) {
		rf.credit(peer, args.LastIncludedIndex)
	}
}

func (rf *Raft) sendEntries(peer int, args *AppendEntriesArgs) {
	reply := &AppendEntriesReply{}
	if !rf.peers[peer].Call("Raft.AppendEntries", args, reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if !rf.stillLeads(args.Term, reply.Term) {
		return
	}
	if reply.Success {
		rf.credit(peer, args.PrevLogIndex+int64(len(args.Entries)))
	} else if rf.nextIndex[peer] == args.PrevLogIndex+1 {
		rf.nextIndex[peer] = max(reply.ConflictIndex, rf.matchIndex[peer]+1)
	}
}

// Credit notes what a follower holds, and commits what a majority holds by now.
func (rf *Raft) credit(peer int, index int64) {
	rf.matchIndex[peer] = max(rf.matchIndex[peer], index)
	rf.nextIndex[peer] = max(rf.nextIndex[peer], index+1)
	if index <= rf.commitIndex || rf.entry(index).Term != rf.currentTerm {
		return
	}
	holders := 1
	for i, match := range rf.matchIndex {
		if i != rf.me && match >= index {
			holders++
		}
	}
	if holders*2 > len(rf.peers) {
		rf.commit(index)
	}
}
