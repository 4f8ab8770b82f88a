package raft

import "time"

// InstallSnapshotArgs carries a whole snapshot to a follower that is far behind.
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

// Snapshot is called by the service, whose snapshot holds everything up to an index.
func (rf *Raft) Snapshot(index int, snapshot []byte) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if index <= rf.lastIncludedIndex || index > rf.lastApplied {
		return
	}
	rf.compactTo(index, rf.termAt(index), snapshot)
}

// compactTo lets a snapshot stand for all entries up to its index. Those after it stay if the one at
// that index is the snapshot's last; otherwise they belong to another history, and go.
func (rf *Raft) compactTo(index int, term int, snapshot []byte) {
	var rest []LogEntry
	if index < rf.logLength() && rf.termAt(index) == term {
		rest = append(rest, rf.log[index-rf.lastIncludedIndex:]...)
	}
	rf.log = rest
	rf.lastIncludedIndex = index
	rf.lastIncludedTerm = term
	rf.persister.SaveStateAndSnapshot(rf.encodedState(), snapshot)
}

// CondInstallSnapshot is called by the service, about a snapshot that it was offered. If this returns
// true, the service has to install it; if not, Raft knows better by now, and it must not.
func (rf *Raft) CondInstallSnapshot(lastIncludedTerm int, lastIncludedIndex int, snapshot []byte) bool {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	rf.offerPending = false
	rf.wakeApplier()
	if lastIncludedIndex <= rf.commitIndex {
		return false
	}
	rf.compactTo(lastIncludedIndex, lastIncludedTerm, snapshot)
	rf.commitIndex = lastIncludedIndex
	rf.lastApplied = lastIncludedIndex
	return true
}

// snapshotArgs is this leader's snapshot, ready to be sent.
func (rf *Raft) snapshotArgs() InstallSnapshotArgs {
	return InstallSnapshotArgs{
		Term:              rf.currentTerm,
		LeaderId:          rf.me,
		LastIncludedIndex: rf.lastIncludedIndex,
		LastIncludedTerm:  rf.lastIncludedTerm,
		Data:              rf.persister.ReadSnapshot(),
	}
}

// sendInstallSnapshot calls the handler of one follower. A reply says that the follower got the snapshot,
// and not that its service has installed it: so only the next index moves, and the match index waits
// for entries that are accepted after it.
func (rf *Raft) sendInstallSnapshot(server int, args InstallSnapshotArgs) {
	reply := InstallSnapshotReply{}
	if !rf.peers[server].Call("Raft.InstallSnapshot", &args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.currentTerm {
		rf.stepDown(reply.Term)
	}
	if rf.role == Leader && rf.currentTerm == args.Term {
		rf.nextIndex[server] = max(rf.nextIndex[server], args.LastIncludedIndex+1)
	}
}

// InstallSnapshot is the handler: it lets the service be offered what this server has not committed yet.
func (rf *Raft) InstallSnapshot(args *InstallSnapshotArgs, reply *InstallSnapshotReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if args.Term < rf.currentTerm {
		reply.Term = rf.currentTerm
		return
	}
	rf.stepDown(args.Term)
	rf.lastHeard = time.Now()
	reply.Term = rf.currentTerm
	if args.LastIncludedIndex <= rf.commitIndex {
		return
	}
	rf.offer = &ApplyMsg{
		SnapshotValid: true,
		Snapshot:      args.Data,
		SnapshotTerm:  args.LastIncludedTerm,
		SnapshotIndex: args.LastIncludedIndex,
	}
	rf.wakeApplier()
}
