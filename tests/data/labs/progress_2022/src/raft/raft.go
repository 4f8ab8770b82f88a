// Package raft is a lab Raft in the shape of 2022: one struct for each peer, roles that are words,
// a vote that is a pointer, and a disk that also holds the commit index and the role. Its
// CondInstallSnapshot has a fourth argument.
package raft

import (
	"bytes"
	"math/rand"
	"sync"
	"time"

	"6.824/labgob"
	"6.824/labrpc"
)

// ApplyMsg tells the service of a committed entry, or of a snapshot.
type ApplyMsg struct {
	CommandValid bool
	Command      interface{}
	CommandIndex int

	SnapshotValid bool
	Snapshot      []byte
	SnapshotTerm  int
	SnapshotIndex int
}

// LogEntry is a command, its index, and the term in which a leader took it.
type LogEntry struct {
	Command interface{}
	Term    int
	Index   int
}

// Progress is what a leader knows of one peer.
type progress struct {
	end        *labrpc.ClientEnd
	nextIndex  int
	matchIndex int
	granted    bool
}

// Raft is one server.
type Raft struct {
	sync.Mutex
	me        int
	peers     []*progress
	persister *Persister
	applyCh   chan ApplyMsg
	queue     chan ApplyMsg

	status      string
	currentTerm int
	votedFor    *int
	logs        []LogEntry
	commitIndex int
	lastApplied int

	lastIncludedIndex int
	lastIncludedTerm  int
	electionResetAt   time.Time
}

// GetState returns the term, and whether this server leads.
func (rf *Raft) GetState() (int, bool) {
	rf.Lock()
	defer rf.Unlock()
	return rf.currentTerm, rf.status == "leader"
}

func (rf *Raft) encoded() []byte {
	buffer := new(bytes.Buffer)
	encoder := labgob.NewEncoder(buffer)
	vote := -1
	if rf.votedFor != nil {
		vote = *rf.votedFor
	}
	for _, value := range []interface{}{rf.status, rf.currentTerm, vote, rf.commitIndex,
		rf.lastIncludedIndex, rf.lastIncludedTerm, rf.logs} {
		if err := encoder.Encode(value); err != nil {
			panic(err)
		}
	}
	return buffer.Bytes()
}

func (rf *Raft) persist() {
	rf.persister.SaveRaftState(rf.encoded())
}

func (rf *Raft) readPersist(data []byte) {
	if len(data) == 0 {
		return
	}
	decoder := labgob.NewDecoder(bytes.NewBuffer(data))
	var vote int
	for _, value := range []interface{}{&rf.status, &rf.currentTerm, &vote, &rf.commitIndex,
		&rf.lastIncludedIndex, &rf.lastIncludedTerm, &rf.logs} {
		if err := decoder.Decode(value); err != nil {
			panic(err)
		}
	}
	if vote >= 0 {
		rf.votedFor = &vote
	}
	if rf.status == "leader" { // what its followers hold is not on the disk
		rf.status = "follower"
	}
	rf.lastApplied = rf.lastIncludedIndex
}

func (rf *Raft) lastIndex() int {
	return rf.lastIncludedIndex + len(rf.logs)
}

func (rf *Raft) termOf(index int) int {
	if index == rf.lastIncludedIndex {
		return rf.lastIncludedTerm
	}
	return rf.logs[index-rf.lastIncludedIndex-1].Term
}

func (rf *Raft) becomeFollower(term int) {
	if term > rf.currentTerm {
		rf.currentTerm = term
		rf.votedFor = nil
	}
	rf.status = "follower"
	rf.persist()
}

// Start takes a command, if this server leads.
func (rf *Raft) Start(command interface{}) (int, int, bool) {
	rf.Lock()
	defer rf.Unlock()
	if rf.status != "leader" {
		return -1, rf.currentTerm, false
	}
	entry := LogEntry{command, rf.currentTerm, rf.lastIndex() + 1}
	rf.logs = append(rf.logs, entry)
	rf.persist()
	return entry.Index, entry.Term, true
}

// Kill is called when the service needs the server no more.
func (rf *Raft) Kill() {}

func (rf *Raft) electionTicker() {
	for {
		rf.Lock()
		seen := rf.electionResetAt
		rf.Unlock()
		time.Sleep(time.Duration(300+rand.Intn(300)) * time.Millisecond)
		rf.Lock()
		if rf.status != "leader" && rf.electionResetAt.Equal(seen) {
			rf.campaign()
		}
		rf.Unlock()
	}
}

func (rf *Raft) heartbeatTicker() {
	for range time.Tick(100 * time.Millisecond) {
		rf.Lock()
		if rf.status == "leader" {
			rf.sendHeartbeats()
		}
		rf.Unlock()
	}
}

// Apply hands committed entries to the queue; the lock is held, so that they keep their order.
func (rf *Raft) apply() {
	for rf.lastApplied < rf.commitIndex {
		rf.lastApplied++
		entry := rf.logs[rf.lastApplied-rf.lastIncludedIndex-1]
		rf.queue <- ApplyMsg{CommandValid: true, Command: entry.Command, CommandIndex: entry.Index}
	}
}

func (rf *Raft) deliver() {
	for message := range rf.queue {
		rf.Lock()
		covered := message.CommandValid && message.CommandIndex <= rf.lastIncludedIndex
		rf.Unlock()
		if !covered { // by a snapshot that overtook it in the queue
			rf.applyCh <- message
		}
	}
}

// Make starts a server.
func Make(peers []*labrpc.ClientEnd, me int, persister *Persister, applyCh chan ApplyMsg) *Raft {
	rf := &Raft{me: me, persister: persister, applyCh: applyCh, status: "follower"}
	for _, end := range peers {
		rf.peers = append(rf.peers, &progress{end: end})
	}
	rf.queue = make(chan ApplyMsg, 10000)
	rf.readPersist(persister.ReadRaftState())
	rf.electionResetAt = time.Now()
	rf.apply() // the commit index of before is on the disk, too
	go rf.deliver()
	go rf.electionTicker()
	go rf.heartbeatTicker()
	return rf
}
