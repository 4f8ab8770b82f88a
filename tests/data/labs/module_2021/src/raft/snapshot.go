package raft

// InstallSnapshotArgs carries a snapshot to a follower that is far behind.
type InstallSnapshotArgs struct {
	Term              int
	LeaderId          int
	LastIncludedIndex int
	LastIncludedTerm  int
	Data              []byte
}

// InstallSnapshotReply answers InstallSnapshotArgs.
type InstallSnapshotReply struct {
	Term int
}

// InstallSnapshot is the handler of a leader's snapshot, which goes to the service first.
func (rf *Raft) InstallSnapshot(args *InstallSnapshotArgs, reply *InstallSnapshotReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	reply.Term = max(rf.currentTerm, args.Term)
	if args.Term < rf.currentTerm {
		return
	}
	rf.obey(args.Term)
	if args.LastIncludedIndex <= max(rf.commitIndex, rf.log.Base) {
		return
	}
	rf.arrived = &ApplyMsg{
		SnapshotValid: true,
		Snapshot:      args.Data,
		SnapshotTerm:  args.LastIncludedTerm,
		SnapshotIndex: args.LastIncludedIndex,
	}
	rf.cond.Broadcast()
}

// CondInstallSnapshot is called by the service when a snapshot came; false tells it to ignore it.
func (rf *Raft) CondInstallSnapshot(lastIncludedTerm int, lastIncludedIndex int, snapshot []byte) bool {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if lastIncludedIndex <= max(rf.commitIndex, rf.log.Base) {
		return false
	}
	rf.log.compact(lastIncludedIndex, lastIncludedTerm)
	rf.commitIndex, rf.lastApplied = lastIncludedIndex, lastIncludedIndex
	rf.persister.SaveStateAndSnapshot(rf.encoded(), snapshot)
	return true
}

// Snapshot is called by the service: its snapshot holds all entries up to index.
func (rf *Raft) Snapshot(index int, snapshot []byte) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if index <= rf.log.Base || index > rf.lastApplied {
		return
	}
	rf.log.compact(index, rf.log.term(index))
	rf.persister.SaveStateAndSnapshot(rf.encoded(), snapshot)
}

func (rf *Raft) sendSnapshot(server int, args *InstallSnapshotArgs) {
	reply := &InstallSnapshotReply{}
	if !rf.peers[server].Call("Raft.InstallSnapshot", args, reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.stillLeads(args.Term, reply.Term) {
		rf.matchIndex[server] = max(rf.matchIndex[server], args.LastIncludedIndex)
		rf.nextIndex[server] = max(rf.nextIndex[server], rf.matchIndex[server]+1)
	}
}
