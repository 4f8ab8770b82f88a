// Package raft is a lab Raft in the shape of 2025: Make returns an interface of raftapi, the disk
// belongs to the tester. What is persistent is embedded as a struct, what is volatile nested as
// another, and the log begins with a dummy that stands for the snapshot.
package raft

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"

	"6.5840/deadlines"
	"6.5840/labgob"
	"6.5840/labrpc"
	"6.5840/raftapi"
	tester "6.5840/tester1"
)

// Slot is a place in the log: a command, its index, and the term in which a leader took it.
type Slot struct {
	Index   int
	Term    int
	Command any
}

// Durable is what the disk holds. Log[0] is no entry: it stands for all that is compacted.
type Durable struct {
	CurrentTerm int
	VotedFor    int
	Log         []Slot
}

type volatile struct {
	committed int
	applied   int
}

type leadership struct {
	next  []int
	match []int
}

type role uint8

const (
	follower role = iota
	candidate
	leader
)

// Raft is one server.
type Raft struct {
	Durable
	mu        sync.Mutex
	peers     []*labrpc.ClientEnd
	persister *tester.Persister
	me        int
	dead      atomic.Bool

	now      volatile
	lead     *leadership
	role     role
	ballots  int
	election *deadlines.Deadline
	applyCh  chan raftapi.ApplyMsg
	wake     chan struct{}
	received *raftapi.ApplyMsg
}

// GetState returns the term, and whether this server leads.
func (rf *Raft) GetState() (int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	return rf.CurrentTerm, rf.role == leader
}

// PersistBytes returns how much Raft keeps on its disk.
func (rf *Raft) PersistBytes() int {
	return rf.persister.RaftStateSize()
}

func (rf *Raft) save(snapshot []byte) {
	buffer := new(bytes.Buffer)
	labgob.NewEncoder(buffer).Encode(rf.Durable)
	rf.persister.Save(buffer.Bytes(), snapshot)
}

func (rf *Raft) persist() {
	rf.save(rf.persister.ReadSnapshot())
}

func (rf *Raft) first() Slot {
	return rf.Log[0]
}

func (rf *Raft) last() Slot {
	return rf.Log[len(rf.Log)-1]
}

func (rf *Raft) at(index int) Slot {
	return rf.Log[index-rf.first().Index]
}

// Keep puts a log in the place of the old one, so that no message shares memory with it.
func (rf *Raft) keep(slots ...[]Slot) {
	var log []Slot
	for _, part := range slots {
		log = append(log, part...)
	}
	rf.Log = log
	rf.Log[0].Command = nil
}

func (rf *Raft) stepDown(term int) {
	if term > rf.CurrentTerm {
		rf.CurrentTerm = term
		rf.VotedFor = -1
		rf.persist()
	}
	rf.role = follower
	rf.lead = nil
}

// Start takes a command, if this server leads.
func (rf *Raft) Start(command interface{}) (int, int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.role != leader {
		return -1, -1, false
	}
	slot := Slot{rf.last().Index + 1, rf.CurrentTerm, command}
	rf.Log = append(rf.Log, slot)
	rf.persist()
	return slot.Index, slot.Term, true
}

// Kill is called when the service needs the server no more.
func (rf *Raft) Kill() {
	rf.dead.Store(true)
}

func (rf *Raft) elections() {
	for !rf.dead.Load() {
		rf.mu.Lock()
		left := rf.election.Left()
		if left <= 0 {
			if rf.role != leader {
				rf.campaign()
			}
			rf.election.Reset()
		}
		rf.mu.Unlock()
		time.Sleep(max(left, time.Millisecond))
	}
}

func (rf *Raft) heartbeats(term int) {
	for !rf.dead.Load() {
		rf.mu.Lock()
		if rf.role != leader || rf.CurrentTerm != term {
			rf.mu.Unlock()
			return
		}
		for peer := range rf.peers {
			if peer != rf.me {
				rf.replicate(peer)
			}
		}
		rf.mu.Unlock()
		<-time.After(120 * time.Millisecond)
	}
}

func (rf *Raft) tellApplier() {
	select {
	case rf.wake <- struct{}{}:
	default:
	}
}

func (rf *Raft) applier() {
	for range rf.wake {
		for _, message := range rf.toApply() {
			rf.applyCh <- message
		}
	}
}

func (rf *Raft) toApply() []raftapi.ApplyMsg {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	var messages []raftapi.ApplyMsg
	if rf.received != nil {
		messages = append(messages, *rf.received)
		rf.received = nil
	}
	for rf.now.applied < rf.now.committed {
		rf.now.applied++
		messages = append(messages, raftapi.ApplyMsg{
			CommandValid: true,
			Command:      rf.at(rf.now.applied).Command,
			CommandIndex: rf.now.applied,
		})
	}
	return messages
}

// Make starts a server.
func Make(peers []*labrpc.ClientEnd, me int,
	persister *tester.Persister, applyCh chan raftapi.ApplyMsg) raftapi.Raft {
	rf := &Raft{
		Durable:   Durable{VotedFor: -1, Log: make([]Slot, 1)},
		peers:     peers,
		persister: persister,
		me:        me,
		election:  deadlines.Between(350*time.Millisecond, 700*time.Millisecond),
		applyCh:   applyCh,
		wake:      make(chan struct{}, 1),
	}
	if state := persister.ReadRaftState(); len(state) > 0 {
		saved := Durable{} // gob leaves out what is zero, so decode into nothing but zeros
		labgob.NewDecoder(bytes.NewBuffer(state)).Decode(&saved)
		rf.Durable = saved
	}
	rf.now = volatile{rf.first().Index, rf.first().Index}
	go rf.elections()
	go rf.applier()
	return rf
}
