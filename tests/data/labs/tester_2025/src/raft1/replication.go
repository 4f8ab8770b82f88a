package raft

import (
	"slices"

	"6.5840/raftapi"
)

// AppendEntriesArgs replicates entries, or is a heartbeat.
type AppendEntriesArgs struct {
	Term         int
	LeaderId     int
	PrevLogIndex int
	PrevLogTerm  int
	Entries      []Slot
	LeaderCommit int
}

// AppendEntriesReply answers AppendEntriesArgs; after a refusal, Hint is the index to go on with.
type AppendEntriesReply struct {
	Term    int
	Success bool
	Hint    int
}

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

// AppendEntries is the handler of a leader's request.
func (rf *Raft) AppendEntries(args *AppendEntriesArgs, reply *AppendEntriesReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	reply.Term = rf.CurrentTerm
	if args.Term < rf.CurrentTerm {
		return
	}
	rf.stepDown(args.Term)
	reply.Term = rf.CurrentTerm
	rf.election.Reset()
	if args.PrevLogIndex > rf.last().Index {
		reply.Hint = rf.last().Index + 1
		return
	}
	if args.PrevLogIndex >= rf.first().Index && rf.at(args.PrevLogIndex).Term != args.PrevLogTerm {
		reply.Hint = rf.beginOfTerm(args.PrevLogIndex)
		return
	}
	reply.Success = true
	for position, slot := range args.Entries {
		if slot.Index <= rf.first().Index {
			continue
		}
		if slot.Index > rf.last().Index || rf.at(slot.Index).Term != slot.Term {
			rf.keep(rf.Log[:slot.Index-rf.first().Index], args.Entries[position:])
			rf.persist()
			break
		}
	}
	verified := args.PrevLogIndex + len(args.Entries)
	if commit := min(args.LeaderCommit, verified); commit > rf.now.committed {
		rf.now.committed = commit
		rf.tellApplier()
	}
}

// BeginOfTerm returns the first index of the term that is at an index, as far as the log reaches.
func (rf *Raft) beginOfTerm(index int) int {
	term := rf.at(index).Term
	for index > rf.first().Index+1 && rf.at(index-1).Term == term {
		index--
	}
	return index
}

// InstallSnapshot is the handler of a leader's snapshot.
func (rf *Raft) InstallSnapshot(args *InstallSnapshotArgs, reply *InstallSnapshotReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	reply.Term = rf.CurrentTerm
	if args.Term < rf.CurrentTerm {
		return
	}
	rf.stepDown(args.Term)
	reply.Term = rf.CurrentTerm
	rf.election.Reset()
	if args.LastIncludedIndex <= rf.now.committed {
		return
	}
	dummy := []Slot{{Index: args.LastIncludedIndex, Term: args.LastIncludedTerm}}
	if args.LastIncludedIndex < rf.last().Index && rf.at(args.LastIncludedIndex).Term == args.LastIncludedTerm {
		rf.keep(dummy, rf.Log[args.LastIncludedIndex-rf.first().Index+1:])
	} else {
		rf.keep(dummy)
	}
	rf.save(args.Data)
	rf.now = volatile{args.LastIncludedIndex, args.LastIncludedIndex}
	rf.received = &raftapi.ApplyMsg{
		SnapshotValid: true,
		Snapshot:      args.Data,
		SnapshotTerm:  args.LastIncludedTerm,
		SnapshotIndex: args.LastIncludedIndex,
	}
	rf.tellApplier()
}

// Snapshot is called by the service: its snapshot holds all entries up to index.
func (rf *Raft) Snapshot(index int, snapshot []byte) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if index > rf.first().Index && index <= rf.now.applied {
		rf.keep(rf.Log[index-rf.first().Index:])
		rf.save(snapshot)
	}
}

// Replicate sends a follower what it lacks: entries, or a snapshot where they are gone.
func (rf *Raft) replicate(peer int) {
	prev := rf.lead.next[peer] - 1
	if prev < rf.first().Index {
		go rf.sendSnapshot(peer, InstallSnapshotArgs{
			rf.CurrentTerm, rf.me, rf.first().Index, rf.first().Term, rf.persister.ReadSnapshot()})
		return
	}
	slots := slices.Clone(rf.Log[prev-rf.first().Index+1:])
	go rf.sendEntries(peer, AppendEntriesArgs{
		rf.CurrentTerm, rf.me, prev, rf.at(prev).Term, slots, rf.now.committed})
}

// Leads looks at a reply: whether this server leads on in the term of its question.
func (rf *Raft) leads(asked, answered int) bool {
	if answered > rf.CurrentTerm {
		rf.stepDown(answered)
	}
	return rf.role == leader && rf.CurrentTerm == asked
}

func (rf *Raft) sendSnapshot(peer int, args InstallSnapshotArgs) {
	reply := InstallSnapshotReply{}
	if !rf.peers[peer].Call("Raft.InstallSnapshot", &args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.leads(args.Term, reply.Term) {
		rf.acknowledge(peer, args.LastIncludedIndex)
	}
}

func (rf *Raft) sendEntries(peer int, args AppendEntriesArgs) {
	reply := AppendEntriesReply{}
	if !rf.peers[peer].Call("Raft.AppendEntries", &args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if !rf.leads(args.Term, reply.Term) {
		return
	}
	if reply.Success {
		rf.acknowledge(peer, args.PrevLogIndex+len(args.Entries))
	} else if rf.lead.next[peer] == args.PrevLogIndex+1 {
		rf.lead.next[peer] = max(reply.Hint, rf.lead.match[peer]+1)
	}
}

// Acknowledge notes what a follower holds, and commits what a majority holds by now.
func (rf *Raft) acknowledge(peer, index int) {
	if index <= rf.lead.match[peer] {
		return
	}
	rf.lead.match[peer] = index
	rf.lead.next[peer] = max(rf.lead.next[peer], index+1)
	held := slices.Clone(rf.lead.match)
	held[rf.me] = rf.last().Index
	slices.Sort(held)
	common := held[(len(held)-1)/2]
	if common > rf.now.committed && rf.at(common).Term == rf.CurrentTerm {
		rf.now.committed = common
		rf.tellApplier()
	}
}
