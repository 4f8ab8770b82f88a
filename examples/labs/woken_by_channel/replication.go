package raft

import (
	"sort"
	"time"
)

// heartBeatInterval is between two messages to one follower.
const heartBeatInterval = 60 * time.Millisecond

// AppendEntriesArgs is a heartbeat, with all entries that the follower seems to lack.
type AppendEntriesArgs struct {
	Term         int
	LeaderId     int
	PrevLogIndex int
	PrevLogTerm  int
	Entries      []LogEntry
	LeaderCommit int
}

// AppendEntriesReply tells a leader that was refused from which index on to send.
type AppendEntriesReply struct {
	Term      int
	Success   bool
	NextIndex int
}

// heartBeat serves one follower for as long as this server leads in the term that it was started in.
func (rf *Raft) heartBeat(server int, term int) {
	for !rf.killed() {
		rf.mu.Lock()
		if rf.role != Leader || rf.currentTerm != term {
			rf.mu.Unlock()
			return
		}
		if rf.nextIndex[server] <= rf.lastIncludedIndex {
			go rf.sendInstallSnapshot(server, rf.snapshotArgs())
		} else {
			go rf.sendAppendEntries(server, rf.appendArgs(server), rf.logLength())
		}
		rf.mu.Unlock()
		time.Sleep(heartBeatInterval)
	}
}

// appendArgs is what one follower gets now: all entries from its next index on.
func (rf *Raft) appendArgs(server int) AppendEntriesArgs {
	previous := rf.nextIndex[server] - 1
	missing := rf.log[previous-rf.lastIncludedIndex:]
	return AppendEntriesArgs{
		Term:         rf.currentTerm,
		LeaderId:     rf.me,
		PrevLogIndex: previous,
		PrevLogTerm:  rf.termAt(previous),
		Entries:      append([]LogEntry(nil), missing...),
		LeaderCommit: rf.commitIndex,
	}
}

// sendAppendEntries calls the handler of one follower. The log may have grown when the reply comes,
// and so logLength is what it was when the entries were taken: so far the logs agree, and not further.
func (rf *Raft) sendAppendEntries(server int, args AppendEntriesArgs, logLength int) {
	reply := AppendEntriesReply{}
	if !rf.peers[server].Call("Raft.AppendEntries", &args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.currentTerm {
		rf.stepDown(reply.Term)
	}
	if rf.role != Leader || rf.currentTerm != args.Term {
		return
	}
	if reply.Success {
		rf.matchIndex[server] = max(rf.matchIndex[server], logLength)
		rf.nextIndex[server] = max(rf.nextIndex[server], logLength+1)
		rf.commitWhatMostHave()
	} else if reply.NextIndex < rf.nextIndex[server] {
		rf.nextIndex[server] = max(reply.NextIndex, rf.matchIndex[server]+1)
	}
}

// commitWhatMostHave sorts the match indexes: that in the middle is reached by more than half. It is
// committed if it is of this term.
func (rf *Raft) commitWhatMostHave() {
	matches := append([]int(nil), rf.matchIndex...)
	matches[rf.me] = rf.logLength()
	sort.Ints(matches)
	reached := matches[(len(matches)-1)/2]
	if reached > rf.commitIndex && rf.termAt(reached) == rf.currentTerm {
		rf.commitIndex = reached
		rf.wakeApplier()
	}
}

// AppendEntries is the handler of heartbeats and entries.
func (rf *Raft) AppendEntries(args *AppendEntriesArgs, reply *AppendEntriesReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if args.Term < rf.currentTerm {
		reply.Term = rf.currentTerm
		return
	}
	rf.stepDown(args.Term)
	rf.lastHeard = time.Now()
	reply.Term = rf.currentTerm
	if next := rf.whereToGoOn(args.PrevLogIndex, args.PrevLogTerm); next <= args.PrevLogIndex {
		reply.NextIndex = next
		return
	}
	rf.appendMissing(args.PrevLogIndex, args.Entries)
	reply.Success = true
	if reached := min(args.LeaderCommit, args.PrevLogIndex+len(args.Entries)); reached > rf.commitIndex {
		rf.commitIndex = reached
		rf.wakeApplier()
	}
}

// whereToGoOn is the index after the previous one if that is there. If not, it is the one after the end
// of a log that is too short, or the first of the whole term that differs.
func (rf *Raft) whereToGoOn(previous int, term int) int {
	if previous > rf.logLength() {
		return rf.logLength() + 1
	}
	if previous <= rf.lastIncludedIndex || rf.termAt(previous) == term {
		return previous + 1
	}
	next := previous
	for next > rf.lastIncludedIndex+1 && rf.termAt(next-1) == rf.termAt(previous) {
		next--
	}
	return next
}

// appendMissing puts entries after the previous index. What agrees stays; the first that does not goes,
// with all after it.
func (rf *Raft) appendMissing(previous int, entries []LogEntry) {
	for i, entry := range entries {
		index := previous + 1 + i
		if index <= rf.lastIncludedIndex || index <= rf.logLength() && rf.termAt(index) == entry.Term {
			continue
		}
		agreeing := rf.log[:index-rf.lastIncludedIndex-1]
		rf.log = append(append([]LogEntry(nil), agreeing...), entries[i:]...)
		rf.persist()
		return
	}
}
