package raft

import "bytes"

// Envelope is what Raft writes before a snapshot.
var envelope = []byte("raft snapshot\n")

func wrapped(snapshot []byte) []byte {
	return append(append([]byte(nil), envelope...), snapshot...)
}

func unwrapped(saved []byte) []byte {
	return bytes.TrimPrefix(saved, envelope)
}

// InstallSnapshotArgs carries a wrapped snapshot, and the entry that it ends with.
type InstallSnapshotArgs struct {
	Term     int64
	LeaderId int32
	Last     Entry
	Data     []byte
}

// InstallSnapshotReply answers InstallSnapshotArgs.
type InstallSnapshotReply struct {
	Term int64
}

// InstallSnapshot is the handler of a leader's snapshot.
func (rf *Raft) InstallSnapshot(args *InstallSnapshotArgs, reply *InstallSnapshotReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if !rf.obey(args.Term, &reply.Term) {
		return
	}
	index := args.Last.Idx
	if index <= rf.commitIndex.Load() {
		return
	}
	tail := []*Entry{}
	if index <= rf.lastIndex() && rf.termAt(index) == args.Last.Term {
		tail = rf.after(index)
	}
	rf.log = append([]*Entry{&args.Last}, tail...)
	rf.snapIdx = index
	rf.commitIndex.Store(index)
	rf.lastApplied.Store(index)
	rf.restored = false
	rf.persister.Save(rf.encoded(), args.Data)
}

// Snapshot is called by the service: its snapshot holds all entries up to index.
func (rf *Raft) Snapshot(index int, snapshot []byte) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	last := int64(index)
	if last <= rf.snapIdx || last > rf.lastApplied.Load() {
		return
	}
	rf.log = rf.after(last - 1)
	rf.snapIdx = last
	rf.persister.Save(rf.encoded(), wrapped(snapshot))
}

func (rf *Raft) sendSnapshot(server int, args *InstallSnapshotArgs) {
	reply := &InstallSnapshotReply{}
	if !rf.peers[server].Call("Raft.InstallSnapshot", args, reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.stillLeads(args.Term, reply.Term) {
		rf.credit(server, args.Last.Idx)
	}
}
