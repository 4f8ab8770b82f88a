// Package raft is a lab Raft in the shape of 2024 that asks before it stands (PreVote). A vote is
// kept with its term, so that an older one is no vote; indexes are int64, also in Snapshot, which
// may be called with higher indexes only; what must never be ends the program.
package raft

import (
	"bytes"
	"log"
	"math/rand"
	"sync"
	"sync/atomic"
	"time"

	"6.5840/labgob"
	"6.5840/labrpc"
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

// Entry is a command, its index, and the term in which a leader took it.
type Entry struct {
	Index   int64
	Term    int64
	Command interface{}
}

// Ballot is a vote: it counts in its own term only.
type Ballot struct {
	Term int64
	For  int
}

type phase int

const (
	follower phase = iota
	preCandidate
	candidate
	leader
)

const beat = 100 * time.Millisecond

// Raft is one server.
type Raft struct {
	mu        sync.RWMutex
	peers     []*labrpc.ClientEnd
	persister *Persister
	me        int
	dead      atomic.Bool

	currentTerm int64
	vote        Ballot
	entries     []Entry
	covered     *Entry // the last one of the snapshot; nil where there is none yet

	phase       phase
	agreed      map[int]bool
	commitIndex int64
	lastApplied int64
	nextIndex   []int64
	matchIndex  []int64
	quietSince  time.Time
	patience    time.Duration
	applyCh     chan ApplyMsg
	arrived     chan ApplyMsg
	ready       chan struct{}
}

// GetState returns the term, and whether this server leads.
func (rf *Raft) GetState() (int, bool) {
	rf.mu.RLock()
	defer rf.mu.RUnlock()
	return int(rf.currentTerm), rf.phase == leader
}

func (rf *Raft) save(snapshot []byte) {
	buffer := new(bytes.Buffer)
	encoder := labgob.NewEncoder(buffer)
	encoder.Encode(rf.currentTerm)
	encoder.Encode(rf.vote)
	encoder.Encode(rf.base())
	encoder.Encode(rf.entries)
	rf.persister.Save(buffer.Bytes(), snapshot)
}

func (rf *Raft) persist() {
	rf.save(rf.persister.ReadSnapshot())
}

func (rf *Raft) restore(data []byte) {
	if len(data) == 0 {
		return
	}
	decoder := labgob.NewDecoder(bytes.NewBuffer(data))
	decoder.Decode(&rf.currentTerm)
	decoder.Decode(&rf.vote)
	var covered Entry
	decoder.Decode(&covered)
	decoder.Decode(&rf.entries)
	if covered.Index > 0 {
		rf.covered = &covered
	}
	rf.commitIndex, rf.lastApplied = rf.base().Index, rf.base().Index
}

func (rf *Raft) base() Entry {
	if rf.covered == nil {
		return Entry{}
	}
	return *rf.covered
}

func (rf *Raft) last() Entry {
	if len(rf.entries) == 0 {
		return rf.base()
	}
	return rf.entries[len(rf.entries)-1]
}

func (rf *Raft) entry(index int64) Entry {
	if index == rf.base().Index {
		return rf.base()
	}
	return rf.entries[index-rf.base().Index-1]
}

func (rf *Raft) from(index int64) []Entry {
	return append([]Entry{}, rf.entries[index-rf.base().Index-1:]...)
}

// Advance follows in a newer term. The vote stays as it is: it is one of an older term.
func (rf *Raft) advance(term int64) {
	rf.currentTerm = term
	rf.phase = follower
	rf.persist()
}

func (rf *Raft) hush() {
	rf.quietSince = time.Now()
	rf.patience = time.Duration(300+rand.Intn(300)) * time.Millisecond
}

// Start takes a command, if this server leads.
func (rf *Raft) Start(command interface{}) (int, int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.phase != leader {
		return -1, int(rf.currentTerm), false
	}
	index := rf.last().Index + 1
	rf.entries = append(rf.entries, Entry{index, rf.currentTerm, command})
	rf.persist()
	rf.replicate()
	return int(index), int(rf.currentTerm), true
}

// Kill is called when the service needs the server no more.
func (rf *Raft) Kill() {
	rf.dead.Store(true)
}

func (rf *Raft) electionTicker() {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for range ticker.C {
		if rf.dead.Load() {
			return
		}
		rf.mu.Lock()
		if rf.phase != leader && time.Since(rf.quietSince) > rf.patience {
			rf.sound()
		}
		rf.mu.Unlock()
	}
}

func (rf *Raft) heartbeatTicker() {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for range ticker.C {
		if rf.dead.Load() {
			return
		}
		rf.mu.Lock()
		if rf.phase == leader {
			rf.replicate()
		}
		rf.mu.Unlock()
	}
}

func (rf *Raft) commit(index int64) {
	if index <= rf.commitIndex {
		return
	}
	rf.commitIndex = index
	select {
	case rf.ready <- struct{}{}:
	default:
	}
}

func (rf *Raft) applier() {
	for {
		select {
		case message := <-rf.arrived:
			rf.applyCh <- message
		case <-rf.ready:
			for _, message := range rf.committed() {
				rf.applyCh <- message
			}
		}
	}
}

func (rf *Raft) committed() []ApplyMsg {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	var messages []ApplyMsg
	select {
	case message := <-rf.arrived: // a snapshot comes before what follows it
		messages = append(messages, message)
	default:
	}
	for rf.lastApplied < rf.commitIndex {
		rf.lastApplied++
		entry := rf.entry(rf.lastApplied)
		messages = append(messages, ApplyMsg{
			CommandValid: true, Command: entry.Command, CommandIndex: int(entry.Index)})
	}
	return messages
}

// Make starts a server.
func Make(peers []*labrpc.ClientEnd, me int,
	persister *Persister, applyCh chan ApplyMsg) *Raft {
	rf := &Raft{peers: peers, persister: persister, me: me, applyCh: applyCh}
	rf.nextIndex = make([]int64, len(peers))
	rf.matchIndex = make([]int64, len(peers))
	rf.arrived = make(chan ApplyMsg, 1)
	rf.ready = make(chan struct{}, 1)
	rf.restore(persister.ReadRaftState())
	rf.hush()
	go rf.electionTicker()
	go rf.heartbeatTicker()
	go rf.applier()
	log.SetFlags(log.Lmicroseconds)
	return rf
}
