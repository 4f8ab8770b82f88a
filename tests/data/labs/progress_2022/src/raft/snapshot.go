package raft

import "time"

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
	rf.Lock()
	defer rf.Unlock()
	if args.Term >= rf.currentTerm {
		rf.becomeFollower(args.Term)
		rf.electionResetAt = time.Now()
	}
	reply.Term = rf.currentTerm
	if args.Term < rf.currentTerm || args.LastIncludedIndex <= rf.commitIndex {
		return
	}
	rf.queue <- ApplyMsg{
		SnapshotValid: true,
		Snapshot:      args.Data,
		SnapshotTerm:  args.LastIncludedTerm,
		SnapshotIndex: args.LastIncludedIndex,
	}
}

// CondInstallSnapshot is called by the service when a snapshot came. The last argument says
// whether the log is to be dropped even where it goes on after the snapshot.
func (rf *Raft) CondInstallSnapshot(lastIncludedTerm int, lastIncludedIndex int, snapshot []byte,
	dropAll bool) bool {
	rf.Lock()
	defer rf.Unlock()
	if lastIncludedIndex <= rf.commitIndex {
		return false
	}
	var tail []LogEntry
	if !dropAll && lastIncludedIndex <= rf.lastIndex() && rf.termOf(lastIncludedIndex) == lastIncludedTerm {
		tail = append(tail, rf.logs[lastIncludedIndex-rf.lastIncludedIndex:]...)
	}
	rf.logs = tail
	rf.lastIncludedIndex, rf.lastIncludedTerm = lastIncludedIndex, lastIncludedTerm
	rf.commitIndex, rf.lastApplied = lastIncludedIndex, lastIncludedIndex
	rf.persister.SaveStateAndSnapshot(rf.encoded(), snapshot)
	return true
}

// Snapshot is called by the service: its snapshot holds all entries up to index.
func (rf *Raft) Snapshot(index int, snapshot []byte) {
	rf.Lock()
	defer rf.Unlock()
	if index <= rf.lastIncludedIndex || index > rf.lastApplied {
		return
	}
	rf.lastIncludedTerm = rf.termOf(index)
	rf.logs = append([]LogEntry{}, rf.logs[index-rf.lastIncludedIndex:]...)
	rf.lastIncludedIndex = index
	rf.persister.SaveStateAndSnapshot(rf.encoded(), snapshot)
}

func (rf *Raft) callInstallSnapshot(peer *progress, args InstallSnapshotArgs) {
	var reply InstallSnapshotReply
	if !peer.end.Call("Raft.InstallSnapshot", &args, &reply) {
		return
	}
	rf.Lock()
	defer rf.Unlock()
	if reply.Term > rf.currentTerm {
		rf.becomeFollower(reply.Term)
	}
	if rf.status == "leader" && rf.currentTerm == args.Term && args.LastIncludedIndex > peer.matchIndex {
		peer.matchIndex = args.LastIncludedIndex
		if peer.nextIndex <= peer.matchIndex {
			peer.nextIndex = peer.matchIndex + 1
		}
	}
}
