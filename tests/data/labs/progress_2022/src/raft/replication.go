package raft

import "time"

// AppendEntriesArgs replicates entries, or is a heartbeat.
type AppendEntriesArgs struct {
	Term         int
	LeaderId     int
	PrevLogIndex int
	PrevLogTerm  int
	Entries      []LogEntry
	LeaderCommit int
}

// AppendEntriesReply answers AppendEntriesArgs: MatchIndex after an agreement, NextIndex after a
// refusal.
type AppendEntriesReply struct {
	Term       int
	Success    bool
	MatchIndex int
	NextIndex  int
}

// AppendEntries is the handler of a leader's request.
func (rf *Raft) AppendEntries(args *AppendEntriesArgs, reply *AppendEntriesReply) {
	rf.Lock()
	defer rf.Unlock()
	if args.Term >= rf.currentTerm {
		rf.becomeFollower(args.Term)
		rf.electionResetAt = time.Now()
	}
	reply.Term = rf.currentTerm
	if args.Term < rf.currentTerm {
		return
	}
	if args.PrevLogIndex > rf.lastIndex() {
		reply.NextIndex = rf.lastIndex() + 1
		return
	}
	if args.PrevLogIndex >= rf.lastIncludedIndex && rf.termOf(args.PrevLogIndex) != args.PrevLogTerm {
		reply.NextIndex = args.PrevLogIndex
		return
	}
	for at, entry := range args.Entries {
		isCovered := entry.Index <= rf.lastIncludedIndex
		if isCovered || entry.Index <= rf.lastIndex() && rf.termOf(entry.Index) == entry.Term {
			continue
		}
		kept := rf.logs[:entry.Index-rf.lastIncludedIndex-1]
		rf.logs = append(append([]LogEntry{}, kept...), args.Entries[at:]...)
		break
	}
	reply.Success = true
	reply.MatchIndex = args.PrevLogIndex + len(args.Entries)
	commit := args.LeaderCommit
	if commit > reply.MatchIndex {
		commit = reply.MatchIndex
	}
	if commit > rf.commitIndex {
		rf.commitIndex = commit
	}
	rf.persist()
	rf.apply()
}

func (rf *Raft) sendHeartbeats() {
	for id, peer := range rf.peers {
		if id == rf.me {
			continue
		}
		prev := peer.nextIndex - 1
		if prev < rf.lastIncludedIndex {
			args := InstallSnapshotArgs{rf.currentTerm, rf.me, rf.lastIncludedIndex,
				rf.lastIncludedTerm, rf.persister.ReadSnapshot()}
			go rf.callInstallSnapshot(peer, args)
			continue
		}
		entries := append([]LogEntry{}, rf.logs[prev-rf.lastIncludedIndex:]...)
		args := AppendEntriesArgs{rf.currentTerm, rf.me, prev, rf.termOf(prev), entries, rf.commitIndex}
		go rf.callAppendEntries(peer, args)
	}
}

func (rf *Raft) callAppendEntries(peer *progress, args AppendEntriesArgs) {
	var reply AppendEntriesReply
	if !peer.end.Call("Raft.AppendEntries", &args, &reply) {
		return
	}
	rf.Lock()
	defer rf.Unlock()
	if reply.Term > rf.currentTerm {
		rf.becomeFollower(reply.Term)
	}
	if rf.status != "leader" || rf.currentTerm != args.Term {
		return
	}
	if reply.Success {
		rf.advance(peer, reply.MatchIndex)
	} else if peer.nextIndex == args.PrevLogIndex+1 && reply.NextIndex > peer.matchIndex {
		peer.nextIndex = reply.NextIndex
	}
}

// Advance notes what a peer holds, and commits the newest entry that a majority holds by now.
func (rf *Raft) advance(peer *progress, match int) {
	if match <= peer.matchIndex {
		return
	}
	peer.matchIndex = match
	if peer.nextIndex <= match {
		peer.nextIndex = match + 1
	}
	for index := match; index > rf.commitIndex && rf.termOf(index) == rf.currentTerm; index-- {
		holders := 1
		for id, each := range rf.peers {
			if id != rf.me && each.matchIndex >= index {
				holders++
			}
		}
		if holders > len(rf.peers)/2 {
			rf.commitIndex = index
			rf.persist()
			rf.apply()
		}
	}
}
