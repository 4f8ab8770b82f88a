// Package raft is a Raft without a variable for its role. Who leads is asked by the vote: a leader
// always voted for itself. That alone is true of a candidate too, so a server also keeps the last term
// that it won. It leads as long as that is the current one.
//
// A monitor watches for silence, a heart beats while this server leads, and a condition variable wakes
// the applier.
package raft

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"

	"6.5840/labgob"
	"6.5840/labrpc"
)

// ApplyMsg is what the service gets: a committed command.
type ApplyMsg struct {
	CommandValid bool
	Command      interface{}
	CommandIndex int
}

// nobody is who has the vote of a server that has not voted in its term.
const nobody = -1

// Raft is one server.
type Raft struct {
	mu        sync.Mutex
	peers     []*labrpc.ClientEnd
	persister *Persister
	me        int
	dead      int32

	currentTerm int
	votedFor    int // in currentTerm
	log         Log

	wonTerm int          // the last term that this server won an election in
	votes   map[int]bool // who voted for this server in currentTerm

	lastUpdated time.Time     // when this server last had no reason to doubt that all is well
	timeout     time.Duration // how long that lasts
	won         chan bool     // lets the heart beat at once

	commitIndex int
	lastApplied int
	nextIndex   []int
	matchIndex  []int

	applyCh   chan ApplyMsg
	committed *sync.Cond // is told when commitIndex grows
}

// Make starts a server from its disk. It applies committed commands by sending them to applyCh.
func Make(peers []*labrpc.ClientEnd, me int, persister *Persister, applyCh chan ApplyMsg) *Raft {
	rf := &Raft{
		peers:      peers,
		persister:  persister,
		me:         me,
		votedFor:   nobody,
		won:        make(chan bool, 1),
		nextIndex:  make([]int, len(peers)),
		matchIndex: make([]int, len(peers)),
		applyCh:    applyCh,
	}
	rf.committed = sync.NewCond(&rf.mu)
	rf.readPersist(persister.ReadRaftState())
	rf.update()
	go rf.monitor()
	go rf.heart()
	go rf.applier()
	return rf
}

// isLeader tells whether this server leads: it has its own vote, and others enough in this very term.
func (rf *Raft) isLeader() bool {
	return rf.votedFor == rf.me && rf.wonTerm == rf.currentTerm
}

// GetState returns the current term, and whether this server believes that it is the leader.
func (rf *Raft) GetState() (int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	return rf.currentTerm, rf.isLeader()
}

// Start appends a command to the replicated log if this server is the leader.
func (rf *Raft) Start(command interface{}) (int, int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.killed() || !rf.isLeader() {
		return -1, rf.currentTerm, false
	}
	rf.log.append(Entry{rf.currentTerm, command})
	rf.persist()
	rf.sendToAll()
	return rf.log.lastIndex(), rf.currentTerm, true
}

// Kill asks the background goroutines to end.
func (rf *Raft) Kill() {
	atomic.StoreInt32(&rf.dead, 1)
	rf.mu.Lock()
	defer rf.mu.Unlock()
	rf.committed.Broadcast() // under the lock, for the applier may just be about to wait
}

func (rf *Raft) killed() bool {
	return atomic.LoadInt32(&rf.dead) == 1
}

// persist saves the term, the vote and the log.
func (rf *Raft) persist() {
	buffer := new(bytes.Buffer)
	encoder := labgob.NewEncoder(buffer)
	if encoder.Encode(rf.currentTerm) != nil || encoder.Encode(rf.votedFor) != nil || encoder.Encode(rf.log) != nil {
		panic("cannot encode the state")
	}
	rf.persister.SaveRaftState(buffer.Bytes())
}

// readPersist takes up what was saved before a crash.
func (rf *Raft) readPersist(state []byte) {
	if len(state) == 0 {
		return
	}
	decoder := labgob.NewDecoder(bytes.NewBuffer(state))
	var term, vote int
	var log Log
	if decoder.Decode(&term) != nil || decoder.Decode(&vote) != nil || decoder.Decode(&log) != nil {
		panic("cannot decode the state")
	}
	rf.currentTerm, rf.votedFor, rf.log = term, vote, log
}

// applier sends what is committed to the service, in order, and sleeps while there is nothing.
func (rf *Raft) applier() {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	for !rf.killed() {
		if rf.lastApplied >= rf.commitIndex {
			rf.committed.Wait()
			continue
		}
		rf.lastApplied++
		message := ApplyMsg{true, rf.log.at(rf.lastApplied).Command, rf.lastApplied}
		rf.mu.Unlock()
		rf.applyCh <- message
		rf.mu.Lock()
	}
}
