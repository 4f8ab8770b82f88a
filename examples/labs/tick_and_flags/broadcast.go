package raft

import "time"

// AppendEntriesArgs is a heartbeat, or entries that follow the previous one.
type AppendEntriesArgs struct {
	Term         int
	LeaderId     int
	PrevLogIndex int
	PrevLogTerm  int
	Entries      []LogEntry
	LeaderCommit int
}

// AppendEntriesReply tells whether the previous entry was there.
type AppendEntriesReply struct {
	Term    int
	Success bool
}

// broadcast sends each server what it lacks: entries, a snapshot, or nothing but a heartbeat.
func (rf *Raft) broadcast() {
	for server := range rf.peers {
		if server != rf.me {
			rf.sendTo(server)
		}
	}
}

// sendTo sends one server what it lacks.
func (rf *Raft) sendTo(server int) {
	next := rf.nextIndex[server]
	if next <= rf.log[0].Index {
		go rf.sendInstallSnapshot(server, rf.snapshotArgs())
		return
	}
	previous := rf.at(next - 1)
	args := AppendEntriesArgs{
		Term: rf.currentTerm, LeaderId: rf.me,
		PrevLogIndex: previous.Index, PrevLogTerm: previous.Term, LeaderCommit: rf.commitIndex,
	}
	if rf.lastEntry().Index >= next {
		args.Entries = append(args.Entries, rf.log[next-rf.log[0].Index:]...)
	}
	go rf.sendAppendEntries(server, args)
}

// sendAppendEntries calls the handler of one server and learns from its reply. A refusal in the
// leader's own term means that the logs differ, so the next try begins one entry earlier.
func (rf *Raft) sendAppendEntries(server int, args AppendEntriesArgs) {
	reply := AppendEntriesReply{}
	if !rf.peers[server].Call("Raft.AppendEntries", &args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.role != leader || rf.currentTerm != args.Term {
		return
	}
	if reply.Success {
		rf.acknowledge(server, args.PrevLogIndex+len(args.Entries))
		return
	}
	if reply.Term > args.Term {
		rf.becomeFollower(reply.Term)
		return
	}
	if rf.nextIndex[server] == args.PrevLogIndex+1 && args.PrevLogIndex > rf.matchIndex[server] {
		rf.nextIndex[server]--
		rf.sendTo(server)
	}
}

// acknowledge notes that a server's log agrees with this one up to an index.
func (rf *Raft) acknowledge(server int, match int) {
	if match <= rf.matchIndex[server] {
		return
	}
	rf.matchIndex[server] = match
	rf.nextIndex[server] = max(rf.nextIndex[server], match+1)
	if match > rf.commitIndex && rf.at(match).Term == rf.currentTerm && rf.onMajority(match) {
		rf.commitIndex = match
	}
}

// onMajority tells whether a majority has the entry of an index, this server included.
func (rf *Raft) onMajority(index int) bool {
	count := 1
	for server, match := range rf.matchIndex {
		if server != rf.me && match >= index {
			count++
		}
	}
	return count > len(rf.peers)/2
}

// AppendEntries is the handler of heartbeats and entries.
func (rf *Raft) AppendEntries(args *AppendEntriesArgs, reply *AppendEntriesReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	reply.Term = rf.currentTerm
	if args.Term < rf.currentTerm {
		return
	}
	rf.becomeFollower(args.Term)
	rf.receivedHeartbeat = true
	reply.Term = rf.currentTerm
	if !rf.hasPrevious(args.PrevLogIndex, args.PrevLogTerm) {
		return
	}
	rf.appendNew(args.Entries)
	lastNew := args.PrevLogIndex + len(args.Entries)
	rf.commitIndex = max(rf.commitIndex, min(args.LeaderCommit, lastNew))
	reply.Success = true
}

// hasPrevious tells whether the log has an entry of this index and term. What a snapshot covers is
// committed, and so it is the same everywhere.
func (rf *Raft) hasPrevious(index int, term int) bool {
	if index < rf.log[0].Index {
		return true
	}
	return index <= rf.lastEntry().Index && rf.at(index).Term == term
}

// appendNew adds the entries that are not there yet. Only an entry of another term at the same index
// makes the old one and all after it go.
func (rf *Raft) appendNew(entries []LogEntry) {
	for i, entry := range entries {
		if entry.Index <= rf.log[0].Index {
			continue
		}
		if entry.Index <= rf.lastEntry().Index && rf.at(entry.Index).Term == entry.Term {
			continue
		}
		kept := rf.log[:entry.Index-rf.log[0].Index]
		rf.log = append(append([]LogEntry(nil), kept...), entries[i:]...)
		rf.persist()
		return
	}
}

// apply is the second background loop: it looks from time to time whether something is committed that
// the service has not got yet.
func (rf *Raft) apply() {
	for !rf.killed() {
		for _, message := range rf.due() {
			rf.applyCh <- message
		}
		time.Sleep(applyInterval)
	}
}

// due returns what the service has to get now: a snapshot, or the next commands.
func (rf *Raft) due() []ApplyMsg {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.arrived != nil {
		message := *rf.arrived
		rf.arrived = nil
		rf.lastApplied = message.SnapshotIndex
		return []ApplyMsg{message}
	}
	var messages []ApplyMsg
	for rf.lastApplied < rf.commitIndex {
		rf.lastApplied++
		entry := rf.at(rf.lastApplied)
		messages = append(messages, ApplyMsg{CommandValid: true, Command: entry.Command, CommandIndex: entry.Index})
	}
	return messages
}
