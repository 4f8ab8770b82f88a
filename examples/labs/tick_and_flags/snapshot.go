package raft

// InstallSnapshotArgs carries a whole snapshot to a server that lacks entries which the leader has
// given up.
type InstallSnapshotArgs struct {
	Term              int
	LeaderId          int
	LastIncludedIndex int
	LastIncludedTerm  int
	Data              []byte
}

// InstallSnapshotReply tells the leader whether it is still one.
type InstallSnapshotReply struct {
	Term int
}

// Snapshot is called by the service: it holds everything up to an index, so the log may begin after it.
func (rf *Raft) Snapshot(index int, snapshot []byte) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if index <= rf.log[0].Index || index > rf.lastApplied {
		return
	}
	rf.startLogAt(index, rf.at(index).Term)
	rf.save(snapshot)
}

// startLogAt lets the log begin after an index, and keeps what comes after if the entry of that index
// is the one that the snapshot ends with. The new first entry stands for all before.
func (rf *Raft) startLogAt(index int, term int) {
	first := LogEntry{Term: term, Index: index}
	var rest []LogEntry
	if index <= rf.lastEntry().Index && rf.at(index).Term == term {
		rest = rf.log[index-rf.log[0].Index+1:]
	}
	rf.log = append([]LogEntry{first}, rest...)
}

// snapshotArgs is this leader's snapshot, ready to be sent.
func (rf *Raft) snapshotArgs() InstallSnapshotArgs {
	return InstallSnapshotArgs{
		Term: rf.currentTerm, LeaderId: rf.me,
		LastIncludedIndex: rf.log[0].Index, LastIncludedTerm: rf.log[0].Term,
		Data: rf.persister.ReadSnapshot(),
	}
}

// sendInstallSnapshot calls the handler of one server. Whatever it had before, afterwards it has all
// that the snapshot covers.
func (rf *Raft) sendInstallSnapshot(server int, args InstallSnapshotArgs) {
	reply := InstallSnapshotReply{}
	if !rf.peers[server].Call("Raft.InstallSnapshot", &args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.role != leader || rf.currentTerm != args.Term {
		return
	}
	if reply.Term > args.Term {
		rf.becomeFollower(reply.Term)
		return
	}
	if args.LastIncludedIndex > rf.matchIndex[server] {
		rf.matchIndex[server] = args.LastIncludedIndex
		rf.nextIndex[server] = max(rf.nextIndex[server], args.LastIncludedIndex+1)
	}
}

// InstallSnapshot is the handler. A snapshot of what this server has committed already changes nothing.
func (rf *Raft) InstallSnapshot(args *InstallSnapshotArgs, reply *InstallSnapshotReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	reply.Term = rf.currentTerm
	if args.Term < rf.currentTerm {
		return
	}
	rf.becomeFollower(args.Term)
	rf.receivedHeartbeat = true
	reply.Term = rf.currentTerm
	if args.LastIncludedIndex <= rf.commitIndex {
		return
	}
	rf.startLogAt(args.LastIncludedIndex, args.LastIncludedTerm)
	rf.save(args.Data)
	rf.commitIndex = args.LastIncludedIndex
	rf.arrived = &ApplyMsg{
		SnapshotValid: true, Snapshot: args.Data,
		SnapshotTerm: args.LastIncludedTerm, SnapshotIndex: args.LastIncludedIndex,
	}
}
