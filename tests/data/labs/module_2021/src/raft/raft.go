// Package raft is a lab Raft in the shape of 2021: module 6.824, CondInstallSnapshot, a log with
// methods and no dummy entry, an applier that waits on a condition variable. After a restart its
// commit index is 0, whatever the snapshot covers.
package raft

import (
	"bytes"
	"math/rand"
	"sync"
	"sync/atomic"
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

// Role is what a server is in its term.
type Role int

// The roles of a server.
const (
	Leader Role = iota + 1
	Candidate
	Follower
)

const heartbeat = 100 * time.Millisecond

// Raft is one server.
type Raft struct {
	mu        sync.Mutex
	peers     []*labrpc.ClientEnd
	persister *Persister
	me        int
	dead      int32

	currentTerm int
	votedFor    int
	log         Log

	commitIndex int
	lastApplied int
	nextIndex   []int
	matchIndex  []int

	role     Role
	votes    map[int]bool
	deadline time.Time
	beat     time.Time
	applyCh  chan ApplyMsg
	cond     *sync.Cond
	arrived  *ApplyMsg
}

// GetState returns the term, and whether this server leads.
func (rf *Raft) GetState() (int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	return rf.currentTerm, rf.role == Leader
}

func (rf *Raft) encoded() []byte {
	w := new(bytes.Buffer)
	e := labgob.NewEncoder(w)
	if e.Encode(rf.currentTerm) != nil || e.Encode(rf.votedFor) != nil || e.Encode(rf.log) != nil {
		panic("the state cannot be encoded")
	}
	return w.Bytes()
}

func (rf *Raft) persist() {
	rf.persister.SaveRaftState(rf.encoded())
}

func (rf *Raft) readPersist(data []byte) {
	if len(data) < 1 {
		return
	}
	d := labgob.NewDecoder(bytes.NewBuffer(data))
	var term, vote int
	var log Log
	if d.Decode(&term) != nil || d.Decode(&vote) != nil || d.Decode(&log) != nil {
		panic("the state cannot be decoded")
	}
	rf.currentTerm, rf.votedFor, rf.log = term, vote, log
	rf.lastApplied = log.Base
}

func (rf *Raft) resetDeadline() {
	rf.deadline = time.Now().Add(time.Duration(300+rand.Intn(300)) * time.Millisecond)
}

func (rf *Raft) newTerm(term int) {
	rf.currentTerm, rf.votedFor, rf.role = term, -1, Follower
	rf.persist()
}

// Obey follows the leader of a term that is not older than one's own.
func (rf *Raft) obey(term int) {
	if term > rf.currentTerm {
		rf.newTerm(term)
	}
	rf.role = Follower
	rf.resetDeadline()
}

// StillLeads looks at a reply: whether the question's term is still the term that one leads.
func (rf *Raft) stillLeads(asked, answered int) bool {
	if answered > rf.currentTerm {
		rf.newTerm(answered)
	}
	return rf.role == Leader && rf.currentTerm == asked && answered == asked
}

// Start takes a command, if this server leads.
func (rf *Raft) Start(command interface{}) (int, int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.role != Leader {
		return -1, -1, false
	}
	rf.log.Entries = append(rf.log.Entries, Entry{rf.currentTerm, command})
	rf.persist()
	rf.broadcast()
	return rf.log.last(), rf.currentTerm, true
}

// Kill is called when the service needs the server no more.
func (rf *Raft) Kill() {
	atomic.StoreInt32(&rf.dead, 1)
}

func (rf *Raft) killed() bool {
	return atomic.LoadInt32(&rf.dead) == 1
}

func (rf *Raft) ticker() {
	for !rf.killed() {
		time.Sleep(15 * time.Millisecond)
		rf.mu.Lock()
		now := time.Now()
		if rf.role == Leader && now.Sub(rf.beat) >= heartbeat {
			rf.broadcast()
		} else if rf.role != Leader && now.After(rf.deadline) {
			rf.campaign()
		}
		rf.mu.Unlock()
	}
}

func (rf *Raft) applier() {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	for !rf.killed() {
		var messages []ApplyMsg
		if rf.arrived != nil {
			messages = append(messages, *rf.arrived)
			rf.arrived = nil
		} else if rf.lastApplied < rf.commitIndex {
			for i := rf.lastApplied + 1; i <= rf.commitIndex; i++ {
				command := rf.log.Entries[i-rf.log.Base-1].Command
				messages = append(messages, ApplyMsg{CommandValid: true, Command: command, CommandIndex: i})
			}
			rf.lastApplied = rf.commitIndex
		} else {
			rf.cond.Wait()
			continue
		}
		rf.mu.Unlock()
		for _, message := range messages {
			rf.applyCh <- message
		}
		rf.mu.Lock()
	}
}

// Make starts a server.
func Make(peers []*labrpc.ClientEnd, me int,
	persister *Persister, applyCh chan ApplyMsg) *Raft {
	rf := &Raft{peers: peers, persister: persister, me: me, applyCh: applyCh, role: Follower}
	rf.votedFor = -1
	rf.cond = sync.NewCond(&rf.mu)
	rf.nextIndex = make([]int, len(peers))
	rf.matchIndex = make([]int, len(peers))
	rf.readPersist(persister.ReadRaftState())
	rf.resetDeadline()
	go rf.ticker()
	go rf.applier()
	return rf
}
