// Package raft is a lab Raft whose role is a function: the stage that runs next. Stages wait on
// channels and on time.After. It has come to part B: nothing is saved, and there are no snapshots.
package raft

import (
	"labrpc"
	"math/rand"
	"sync"
	"time"
)

// ApplyMsg tells the service of a committed entry.
type ApplyMsg struct {
	CommandValid bool
	Command      interface{}
	CommandIndex int
}

// Entry is a command with the term in which a leader took it.
type Entry struct {
	Command interface{}
	Term    int
}

// Raft is one server.
type Raft struct {
	mu        sync.Mutex
	peers     []*labrpc.ClientEnd
	persister *Persister
	me        int

	stage       func()
	changed     chan struct{}
	leader      int
	votes       int
	currentTerm int
	voteFor     int
	log         []Entry
	commitIndex int
	lastApplied int
	nextIndex   []int
	matchIndex  []int
	applyCh     chan ApplyMsg
	toApply     chan int
}

// GetState returns the term, and whether this server leads.
func (rf *Raft) GetState() (int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	return rf.currentTerm, rf.leader == rf.me
}

// To be written in part C.
func (rf *Raft) persist() {
}

func (rf *Raft) enter(stage func()) {
	rf.stage = stage
	select {
	case rf.changed <- struct{}{}:
	default:
	}
}

// FollowTerm follows in a term, which may be a newer one, the server that leads it, or nobody yet.
func (rf *Raft) followTerm(term, leader int) {
	if term > rf.currentTerm {
		rf.currentTerm = term
		rf.voteFor = -1
	}
	rf.leader = leader
	rf.votes = 0
	rf.persist()
	rf.enter(rf.following)
}

func (rf *Raft) run() {
	for {
		rf.mu.Lock()
		stage := rf.stage
		rf.mu.Unlock()
		stage()
	}
}

func timeout() <-chan time.Time {
	return time.After(time.Duration(rand.Intn(300)+300) * time.Millisecond)
}

func (rf *Raft) following() {
	select {
	case <-rf.changed:
	case <-timeout():
		rf.mu.Lock()
		rf.stage = rf.standing
		rf.mu.Unlock()
	}
}

func (rf *Raft) standing() {
	rf.mu.Lock()
	rf.stage = rf.standing
	rf.currentTerm++
	rf.voteFor = rf.me
	rf.votes = 1
	rf.leader = -1
	rf.persist()
	last := len(rf.log) - 1
	args := &RequestVoteArgs{rf.currentTerm, rf.me, last, rf.log[last].Term}
	for i := range rf.peers {
		if i != rf.me {
			go rf.requestVote(i, args)
		}
	}
	rf.mu.Unlock()
	select {
	case <-rf.changed:
	case <-timeout():
	}
}

func (rf *Raft) leading() {
	rf.mu.Lock()
	if rf.leader == rf.me {
		for i := range rf.peers {
			if i != rf.me {
				prev := rf.nextIndex[i] - 1
				entries := append([]Entry{}, rf.log[prev+1:]...)
				go rf.appendEntries(i, &AppendEntriesArgs{rf.currentTerm, rf.me, prev, rf.log[prev].Term, entries, rf.commitIndex})
			}
		}
	}
	rf.mu.Unlock()
	select {
	case <-rf.changed:
	case <-time.After(100 * time.Millisecond):
	}
}

// Start takes a command, if this server leads.
func (rf *Raft) Start(command interface{}) (int, int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	isLeader := rf.leader == rf.me
	if isLeader {
		rf.log = append(rf.log, Entry{command, rf.currentTerm})
		rf.persist()
	}
	return len(rf.log) - 1, rf.currentTerm, isLeader
}

// Kill is called when the service needs the server no more.
func (rf *Raft) Kill() {
}

func (rf *Raft) commit(index int) {
	if index > rf.commitIndex {
		rf.commitIndex = index
		go func() { rf.toApply <- index }()
	}
}

func (rf *Raft) apply() {
	for index := range rf.toApply {
		rf.mu.Lock()
		from := rf.lastApplied + 1
		var entries []Entry
		if from <= index {
			entries = append(entries, rf.log[from:index+1]...)
			rf.lastApplied = index
		}
		rf.mu.Unlock()
		for i, entry := range entries {
			rf.applyCh <- ApplyMsg{true, entry.Command, from + i}
		}
	}
}

// Make starts a server.
func Make(peers []*labrpc.ClientEnd, me int,
	persister *Persister, applyCh chan ApplyMsg) *Raft {
	rf := &Raft{peers: peers, persister: persister, me: me, applyCh: applyCh, leader: -1, voteFor: -1}
	rf.changed = make(chan struct{}, 1)
	rf.toApply = make(chan int)
	rf.log = make([]Entry, 1)
	rf.nextIndex = make([]int, len(peers))
	rf.matchIndex = make([]int, len(peers))
	rf.stage = rf.following
	go rf.run()
	go rf.apply()
	return rf
}
