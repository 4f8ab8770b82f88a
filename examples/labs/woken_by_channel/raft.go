// Package raft is a Raft of many goroutines. One runs the elections, and starts one for each request
// for a vote; it sleeps on a channel until these have decided the election, or an election timeout has
// gone by. A server that wins starts a goroutine for each follower, which sends heartbeats and whatever
// the follower lacks.
//
//	Make
//	├── leaderElection
//	│   ├── sendRequestVote   for each peer
//	│   └── bootstrapLeader
//	│       └── heartBeat     for each peer
//	│           └── sendAppendEntries, or sendInstallSnapshot
//	└── applyLogToServer
package raft

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"

	"6.5840/labgob"
	"6.5840/labrpc"
)

// ApplyMsg is what the service gets: a committed command, or a snapshot that it may install.
type ApplyMsg struct {
	CommandValid bool
	Command      interface{}
	CommandIndex int

	SnapshotValid bool
	Snapshot      []byte
	SnapshotTerm  int
	SnapshotIndex int
}

// LogEntry is one command, and the term in which a leader received it.
type LogEntry struct {
	Term    int
	Command interface{}
}

// Role is what a server is at the moment.
type Role string

// The three roles of Figure 4.
const (
	Follower  Role = "follower"
	Candidate Role = "candidate"
	Leader    Role = "leader"
)

// Raft is one server.
type Raft struct {
	mu        sync.Mutex
	peers     []*labrpc.ClientEnd
	persister *Persister
	me        int
	dead      int32

	role      Role
	lastHeard time.Time // from the leader, or from a candidate that got the vote

	currentTerm int
	votedFor    int // in currentTerm; -1 is nobody

	log               []LogEntry // that come after the snapshot
	lastIncludedIndex int        // of the snapshot; 0 where there is none
	lastIncludedTerm  int

	commitIndex int
	lastApplied int
	nextIndex   []int
	matchIndex  []int

	applyCh      chan ApplyMsg
	applySignal  chan bool // wakes applyLogToServer
	offer        *ApplyMsg // a snapshot that the service has to be offered
	offerPending bool      // it was offered, and the service has not decided yet
}

// Make starts a server from its disk, and the two goroutines that live as long as it does.
func Make(peers []*labrpc.ClientEnd, me int, persister *Persister, applyCh chan ApplyMsg) *Raft {
	rf := &Raft{}
	rf.peers = peers
	rf.persister = persister
	rf.me = me
	rf.role = Follower
	rf.votedFor = -1
	rf.lastHeard = time.Now()
	rf.applyCh = applyCh
	rf.applySignal = make(chan bool, 1)
	rf.readPersist(persister.ReadRaftState())
	rf.commitIndex = rf.lastIncludedIndex
	rf.lastApplied = rf.lastIncludedIndex
	go rf.leaderElection()
	go rf.applyLogToServer()
	return rf
}

// GetState returns the current term, and whether this server believes that it is the leader.
func (rf *Raft) GetState() (int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	return rf.currentTerm, rf.role == Leader
}

// Start appends a command to the leader's log. The next heartbeats carry it to the followers.
func (rf *Raft) Start(command interface{}) (int, int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.role != Leader || rf.killed() {
		return -1, rf.currentTerm, false
	}
	rf.log = append(rf.log, LogEntry{rf.currentTerm, command})
	rf.persist()
	return rf.logLength(), rf.currentTerm, true
}

// Kill asks all goroutines to end.
func (rf *Raft) Kill() {
	atomic.StoreInt32(&rf.dead, 1)
	rf.wakeApplier()
}

func (rf *Raft) killed() bool {
	return atomic.LoadInt32(&rf.dead) == 1
}

// persist saves everything that has to survive a crash, except for the snapshot.
func (rf *Raft) persist() {
	rf.persister.SaveRaftState(rf.encodedState())
}

// encodedState is Raft's state as the disk holds it.
func (rf *Raft) encodedState() []byte {
	w := new(bytes.Buffer)
	e := labgob.NewEncoder(w)
	for _, value := range []interface{}{
		rf.currentTerm, rf.votedFor, rf.log, rf.lastIncludedIndex, rf.lastIncludedTerm,
	} {
		if err := e.Encode(value); err != nil {
			panic(err)
		}
	}
	return w.Bytes()
}

// readPersist takes up what was saved before a crash.
func (rf *Raft) readPersist(data []byte) {
	if len(data) == 0 {
		return
	}
	d := labgob.NewDecoder(bytes.NewBuffer(data))
	for _, value := range []interface{}{
		&rf.currentTerm, &rf.votedFor, &rf.log, &rf.lastIncludedIndex, &rf.lastIncludedTerm,
	} {
		if err := d.Decode(value); err != nil {
			panic(err)
		}
	}
}

// logLength is how many entries the log has had, those in the snapshot included: the last index.
func (rf *Raft) logLength() int {
	return rf.lastIncludedIndex + len(rf.log)
}

// termAt is the term of an entry that is in the log, or the last one in the snapshot.
func (rf *Raft) termAt(index int) int {
	if index == rf.lastIncludedIndex {
		return rf.lastIncludedTerm
	}
	return rf.log[index-rf.lastIncludedIndex-1].Term
}

// stepDown follows in a term. A newer term is one in which this server has not voted yet.
func (rf *Raft) stepDown(term int) {
	if term > rf.currentTerm {
		rf.currentTerm = term
		rf.votedFor = -1
		rf.persist()
	}
	rf.role = Follower
}
