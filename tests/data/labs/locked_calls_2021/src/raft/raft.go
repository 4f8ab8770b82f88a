// Package raft is a lab Raft that holds its lock while it waits for a reply. That is slow: two
// servers that ask each other wait until one gives up. It is not wrong.
package raft

import (
	"bytes"
	"math/rand"
	"sync"
	"time"

	"6.824/labgob"
	"6.824/labrpc"
)

// ApplyMsg tells the service of a committed entry.
type ApplyMsg struct {
	CommandValid bool
	Command      interface{}
	CommandIndex int
}

// LogEntry is a command with the term in which a leader took it.
type LogEntry struct {
	Term    int
	Command interface{}
}

// Raft is one server.
type Raft struct {
	mu        sync.Mutex
	peers     []*labrpc.ClientEnd
	persister *Persister
	me        int

	currentTerm int
	votedFor    int
	log         []LogEntry
	commitIndex int
	lastApplied int
	nextIndex   []int
	matchIndex  []int
	role        string
	deadline    time.Time
	applyCh     chan ApplyMsg
}

// GetState returns the term, and whether this server leads.
func (rf *Raft) GetState() (int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	return rf.currentTerm, rf.role == "Leader"
}

func (rf *Raft) persist() {
	w := new(bytes.Buffer)
	e := labgob.NewEncoder(w)
	e.Encode(rf.currentTerm)
	e.Encode(rf.votedFor)
	e.Encode(rf.log)
	rf.persister.SaveRaftState(w.Bytes())
}

func (rf *Raft) readPersist(data []byte) {
	if len(data) > 0 {
		d := labgob.NewDecoder(bytes.NewBuffer(data))
		rf.log = nil
		d.Decode(&rf.currentTerm)
		d.Decode(&rf.votedFor)
		d.Decode(&rf.log)
	}
}

func (rf *Raft) lastIndex() int {
	return len(rf.log) - 1
}

func (rf *Raft) postpone() {
	rf.deadline = time.Now().Add(time.Duration(300+rand.Intn(400)) * time.Millisecond)
}

func (rf *Raft) observe(term int) {
	if term > rf.currentTerm {
		rf.currentTerm, rf.votedFor, rf.role = term, -1, "Follower"
		rf.persist()
	}
}

// RequestVoteArgs asks for a vote.
type RequestVoteArgs struct {
	Term         int
	CandidateId  int
	LastLogIndex int
	LastLogTerm  int
}

// RequestVoteReply answers RequestVoteArgs.
type RequestVoteReply struct {
	Term        int
	VoteGranted bool
}

// RequestVote is the handler of a candidate's request.
func (rf *Raft) RequestVote(args *RequestVoteArgs, reply *RequestVoteReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	rf.observe(args.Term)
	reply.Term = rf.currentTerm
	own := rf.log[rf.lastIndex()].Term
	isBehind := args.LastLogTerm < own || args.LastLogTerm == own && args.LastLogIndex < rf.lastIndex()
	if args.Term < rf.currentTerm || isBehind || rf.votedFor != -1 && rf.votedFor != args.CandidateId {
		return
	}
	rf.votedFor = args.CandidateId
	rf.persist()
	rf.postpone()
	reply.VoteGranted = true
}

// AppendEntriesArgs replicates entries, or is a heartbeat.
type AppendEntriesArgs struct {
	Term         int
	LeaderId     int
	PrevLogIndex int
	PrevLogTerm  int
	Entries      []LogEntry
	LeaderCommit int
}

// AppendEntriesReply answers AppendEntriesArgs.
type AppendEntriesReply struct {
	Term    int
	Success bool
	Next    int
}

// AppendEntries is the handler of a leader's request.
func (rf *Raft) AppendEntries(args *AppendEntriesArgs, reply *AppendEntriesReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	rf.observe(args.Term)
	reply.Term = rf.currentTerm
	if args.Term < rf.currentTerm {
		return
	}
	rf.role = "Follower"
	rf.postpone()
	if args.PrevLogIndex > rf.lastIndex() {
		reply.Next = rf.lastIndex() + 1
		return
	}
	if rf.log[args.PrevLogIndex].Term != args.PrevLogTerm {
		reply.Next = args.PrevLogIndex
		return
	}
	for i, entry := range args.Entries {
		at := args.PrevLogIndex + 1 + i
		if at > rf.lastIndex() || rf.log[at].Term != entry.Term {
			rf.log = append(append([]LogEntry{}, rf.log[:at]...), args.Entries[i:]...)
			rf.persist()
			break
		}
	}
	reply.Success = true
	commit := args.PrevLogIndex + len(args.Entries)
	if args.LeaderCommit < commit {
		commit = args.LeaderCommit
	}
	if commit > rf.commitIndex {
		rf.commitIndex = commit
	}
}

// Start takes a command, if this server leads.
func (rf *Raft) Start(command interface{}) (int, int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.role != "Leader" {
		return -1, -1, false
	}
	rf.log = append(rf.log, LogEntry{rf.currentTerm, command})
	rf.persist()
	return rf.lastIndex(), rf.currentTerm, true
}

// Kill is called when the service needs the server no more.
func (rf *Raft) Kill() {}

// Campaign asks one server after the other.
func (rf *Raft) campaign() {
	rf.currentTerm++
	rf.votedFor = rf.me
	rf.role = "Candidate"
	rf.persist()
	rf.postpone()
	args := &RequestVoteArgs{rf.currentTerm, rf.me, rf.lastIndex(), rf.log[rf.lastIndex()].Term}
	votes := 1
	for i := range rf.peers {
		reply := &RequestVoteReply{}
		if i == rf.me || !rf.peers[i].Call("Raft.RequestVote", args, reply) {
			continue
		}
		rf.observe(reply.Term)
		if rf.role != "Candidate" {
			return
		}
		if reply.VoteGranted {
			votes++
		}
		if votes*2 > len(rf.peers) {
			break
		}
	}
	if votes*2 > len(rf.peers) {
		rf.role = "Leader"
		for i := range rf.peers {
			rf.nextIndex[i], rf.matchIndex[i] = rf.lastIndex()+1, 0
		}
		rf.replicate()
	}
}

// Replicate sends to one server after the other.
func (rf *Raft) replicate() {
	for i := range rf.peers {
		if i == rf.me {
			continue
		}
		prev := rf.nextIndex[i] - 1
		entries := append([]LogEntry{}, rf.log[prev+1:]...)
		args := &AppendEntriesArgs{rf.currentTerm, rf.me, prev, rf.log[prev].Term, entries, rf.commitIndex}
		reply := &AppendEntriesReply{}
		if !rf.peers[i].Call("Raft.AppendEntries", args, reply) {
			continue
		}
		rf.observe(reply.Term)
		if rf.role != "Leader" {
			return
		}
		if reply.Success {
			rf.matchIndex[i] = prev + len(entries)
			rf.nextIndex[i] = rf.matchIndex[i] + 1
		} else if reply.Next > rf.matchIndex[i] {
			rf.nextIndex[i] = reply.Next
		}
	}
	for n := rf.lastIndex(); n > rf.commitIndex && rf.log[n].Term == rf.currentTerm; n-- {
		holders := 1
		for i := range rf.peers {
			if i != rf.me && rf.matchIndex[i] >= n {
				holders++
			}
		}
		if holders*2 > len(rf.peers) {
			rf.commitIndex = n
			break
		}
	}
}

func (rf *Raft) ticker() {
	for {
		time.Sleep(50 * time.Millisecond)
		rf.mu.Lock()
		if rf.role == "Leader" {
			rf.replicate()
		} else if time.Now().After(rf.deadline) {
			rf.campaign()
		}
		rf.mu.Unlock()
	}
}

func (rf *Raft) applier() {
	for {
		time.Sleep(10 * time.Millisecond)
		rf.mu.Lock()
		from := rf.lastApplied + 1
		entries := append([]LogEntry{}, rf.log[from:rf.commitIndex+1]...)
		rf.lastApplied = rf.commitIndex
		rf.mu.Unlock()
		for i, entry := range entries {
			rf.applyCh <- ApplyMsg{true, entry.Command, from + i}
		}
	}
}

// Make starts a server.
func Make(peers []*labrpc.ClientEnd, me int, persister *Persister, applyCh chan ApplyMsg) *Raft {
	rf := &Raft{peers: peers, persister: persister, me: me, applyCh: applyCh, role: "Follower"}
	rf.votedFor = -1
	rf.log = make([]LogEntry, 1)
	rf.nextIndex = make([]int, len(peers))
	rf.matchIndex = make([]int, len(peers))
	rf.readPersist(persister.ReadRaftState())
	rf.postpone()
	go rf.ticker()
	go rf.applier()
	return rf
}
