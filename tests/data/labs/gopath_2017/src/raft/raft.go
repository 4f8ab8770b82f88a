// Package raft is a lab Raft in the shape of 2017: a GOPATH tree, gob, an ApplyMsg with an Index,
// no snapshots. Its loops sleep and look, and none of them ever ends.
package raft

import (
	"bytes"
	"encoding/gob"
	"labrpc"
	"math/rand"
	"sync"
	"time"
)

// The roles of a server.
const (
	Follower = iota
	Candidate
	Leader
)

// ApplyMsg tells the service of a committed entry.
type ApplyMsg struct {
	Index       int
	Command     interface{}
	UseSnapshot bool
	Snapshot    []byte
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
	applyCh   chan ApplyMsg

	currentTerm int
	votedFor    int
	log         []LogEntry

	commitIndex int
	lastApplied int
	nextIndex   []int
	matchIndex  []int

	state     int
	voteCount int
	heard     time.Time
}

// GetState returns the term, and whether this server leads.
func (rf *Raft) GetState() (int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	return rf.currentTerm, rf.state == Leader
}

func (rf *Raft) persist() {
	w := new(bytes.Buffer)
	e := gob.NewEncoder(w)
	e.Encode(rf.currentTerm)
	e.Encode(rf.votedFor)
	e.Encode(rf.log)
	rf.persister.SaveRaftState(w.Bytes())
}

func (rf *Raft) readPersist(data []byte) {
	if len(data) == 0 {
		return
	}
	d := gob.NewDecoder(bytes.NewBuffer(data))
	d.Decode(&rf.currentTerm)
	d.Decode(&rf.votedFor)
	rf.log = nil
	d.Decode(&rf.log)
}

func (rf *Raft) lastIndex() int {
	return len(rf.log) - 1
}

// Follow begins a newer term.
func (rf *Raft) follow(term int) {
	rf.currentTerm = term
	rf.votedFor = -1
	rf.state = Follower
	rf.persist()
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
func (rf *Raft) RequestVote(args RequestVoteArgs, reply *RequestVoteReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if args.Term > rf.currentTerm {
		rf.follow(args.Term)
	}
	reply.Term = rf.currentTerm
	if args.Term < rf.currentTerm {
		return
	}
	last := rf.log[rf.lastIndex()].Term
	upToDate := args.LastLogTerm > last ||
		args.LastLogTerm == last && args.LastLogIndex >= rf.lastIndex()
	if (rf.votedFor == -1 || rf.votedFor == args.CandidateId) && upToDate {
		rf.votedFor = args.CandidateId
		rf.heard = time.Now()
		reply.VoteGranted = true
		rf.persist()
	}
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
	Term      int
	Success   bool
	NextIndex int
}

// AppendEntries is the handler of a leader's request.
func (rf *Raft) AppendEntries(args AppendEntriesArgs, reply *AppendEntriesReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if args.Term > rf.currentTerm {
		rf.follow(args.Term)
	}
	reply.Term = rf.currentTerm
	if args.Term < rf.currentTerm {
		return
	}
	rf.state = Follower
	rf.heard = time.Now()
	if args.PrevLogIndex > rf.lastIndex() {
		reply.NextIndex = rf.lastIndex() + 1
		return
	}
	if term := rf.log[args.PrevLogIndex].Term; term != args.PrevLogTerm {
		reply.NextIndex = args.PrevLogIndex
		for rf.log[reply.NextIndex-1].Term == term {
			reply.NextIndex--
		}
		return
	}
	for i, entry := range args.Entries {
		index := args.PrevLogIndex + 1 + i
		if index <= rf.lastIndex() && rf.log[index].Term == entry.Term {
			continue
		}
		rf.log = append(rf.log[:index:index], args.Entries[i:]...)
		break
	}
	rf.persist()
	reply.Success = true
	if known := min(args.LeaderCommit, args.PrevLogIndex+len(args.Entries)); known > rf.commitIndex {
		rf.commitIndex = known
	}
}

// Start takes a command, if this server leads.
func (rf *Raft) Start(command interface{}) (int, int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.state != Leader {
		return -1, rf.currentTerm, false
	}
	rf.log = append(rf.log, LogEntry{rf.currentTerm, command})
	rf.persist()
	return rf.lastIndex(), rf.currentTerm, true
}

// Kill is called when the service needs the server no more.
func (rf *Raft) Kill() {
}

func (rf *Raft) elect() {
	rf.state = Candidate
	rf.currentTerm++
	rf.votedFor = rf.me
	rf.voteCount = 1
	rf.persist()
	DPrintf("server %d stands in term %d", rf.me, rf.currentTerm)
	args := RequestVoteArgs{rf.currentTerm, rf.me, rf.lastIndex(), rf.log[rf.lastIndex()].Term}
	for i := range rf.peers {
		if i != rf.me {
			go rf.askForVote(i, args)
		}
	}
}

func (rf *Raft) askForVote(server int, args RequestVoteArgs) {
	var reply RequestVoteReply
	if !rf.peers[server].Call("Raft.RequestVote", args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.currentTerm {
		rf.follow(reply.Term)
	}
	if rf.state != Candidate || rf.currentTerm != args.Term || !reply.VoteGranted {
		return
	}
	rf.voteCount++
	if rf.voteCount > len(rf.peers)/2 {
		rf.lead()
	}
}

func (rf *Raft) lead() {
	DPrintf("server %d leads in term %d", rf.me, rf.currentTerm)
	rf.state = Leader
	for i := range rf.peers {
		rf.nextIndex[i] = rf.lastIndex() + 1
		rf.matchIndex[i] = 0
	}
	rf.broadcast()
}

func (rf *Raft) broadcast() {
	for i := range rf.peers {
		if i == rf.me {
			continue
		}
		prev := rf.nextIndex[i] - 1
		entries := append([]LogEntry{}, rf.log[prev+1:]...)
		go rf.replicate(i, AppendEntriesArgs{rf.currentTerm, rf.me, prev, rf.log[prev].Term, entries, rf.commitIndex})
	}
}

func (rf *Raft) replicate(server int, args AppendEntriesArgs) {
	var reply AppendEntriesReply
	if !rf.peers[server].Call("Raft.AppendEntries", args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.currentTerm {
		rf.follow(reply.Term)
	}
	if rf.state != Leader || rf.currentTerm != args.Term || reply.Term != args.Term {
		return
	}
	if reply.Success {
		rf.matchIndex[server] = max(rf.matchIndex[server], args.PrevLogIndex+len(args.Entries))
		rf.nextIndex[server] = max(rf.nextIndex[server], rf.matchIndex[server]+1)
		rf.advance()
	} else if rf.nextIndex[server] == args.PrevLogIndex+1 {
		rf.nextIndex[server] = max(reply.NextIndex, rf.matchIndex[server]+1)
	}
}

// Advance commits what a majority holds, if the last of it is of this term.
func (rf *Raft) advance() {
	for n := rf.lastIndex(); n > rf.commitIndex && rf.log[n].Term == rf.currentTerm; n-- {
		count := 1
		for i := range rf.peers {
			if i != rf.me && rf.matchIndex[i] >= n {
				count++
			}
		}
		if count > len(rf.peers)/2 {
			rf.commitIndex = n
			return
		}
	}
}

func (rf *Raft) electionLoop() {
	for {
		began := time.Now()
		time.Sleep(time.Duration(250+rand.Intn(200)) * time.Millisecond)
		rf.mu.Lock()
		if rf.state != Leader && rf.heard.Before(began) {
			rf.elect()
		}
		rf.mu.Unlock()
	}
}

func (rf *Raft) heartbeatLoop() {
	for {
		time.Sleep(100 * time.Millisecond)
		rf.mu.Lock()
		if rf.state == Leader {
			rf.broadcast()
		}
		rf.mu.Unlock()
	}
}

func (rf *Raft) applyLoop() {
	for {
		time.Sleep(10 * time.Millisecond)
		rf.mu.Lock()
		var messages []ApplyMsg
		for rf.lastApplied < rf.commitIndex {
			rf.lastApplied++
			messages = append(messages, ApplyMsg{Index: rf.lastApplied, Command: rf.log[rf.lastApplied].Command})
		}
		rf.mu.Unlock()
		for _, message := range messages {
			rf.applyCh <- message
		}
	}
}

// Make starts a server.
func Make(peers []*labrpc.ClientEnd, me int, persister *Persister, applyCh chan ApplyMsg) *Raft {
	rf := &Raft{}
	rf.peers = peers
	rf.persister = persister
	rf.me = me
	rf.applyCh = applyCh
	rf.votedFor = -1
	rf.log = []LogEntry{{}}
	rf.nextIndex = make([]int, len(peers))
	rf.matchIndex = make([]int, len(peers))
	rf.heard = time.Now()
	rf.readPersist(persister.ReadRaftState())
	go rf.electionLoop()
	go rf.heartbeatLoop()
	go rf.applyLoop()
	return rf
}
