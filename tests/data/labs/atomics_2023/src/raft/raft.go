// Package raft is a lab Raft in the shape of 2023: its state is in atomics, servers are numbered
// from 1 so that 0 is nobody, and the log is of pointers. The log begins with its first entry;
// from the first snapshot on, the last entry of the snapshot stays in front of it. What it saves
// as a snapshot is wrapped in bytes of its own, and it hands its snapshot to the service itself
// when it starts.
package raft

import (
	"bytes"
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
	Idx  int64
	Term int64
	Data interface{}
}

const (
	following int32 = iota
	standing
	leading
)

// Raft is one server. Its lock guards the log; who writes an atomic holds the lock, too.
type Raft struct {
	mu        sync.Mutex
	peers     []*labrpc.ClientEnd
	persister *Persister
	id        int32
	dead      int32

	term     atomic.Int64
	votedFor atomic.Int32
	role     atomic.Int32
	log      []*Entry
	snapIdx  int64

	commitIndex atomic.Int64
	lastApplied atomic.Int64
	nextIndex   []atomic.Int64
	matchIndex  []atomic.Int64

	votes    atomic.Int32
	heard    atomic.Int64
	patience int64
	applyCh  chan ApplyMsg
	restored bool
}

// GetState returns the term, and whether this server leads.
func (rf *Raft) GetState() (int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	return int(rf.term.Load()), rf.role.Load() == leading
}

func (rf *Raft) encoded() []byte {
	buffer := new(bytes.Buffer)
	encoder := labgob.NewEncoder(buffer)
	encoder.Encode(rf.term.Load())
	encoder.Encode(rf.votedFor.Load())
	encoder.Encode(rf.snapIdx)
	encoder.Encode(rf.log)
	return buffer.Bytes()
}

func (rf *Raft) persist() {
	rf.persister.Save(rf.encoded(), rf.persister.ReadSnapshot())
}

func (rf *Raft) readPersist(data []byte) {
	if len(data) == 0 {
		return
	}
	decoder := labgob.NewDecoder(bytes.NewBuffer(data))
	var term int64
	var vote int32
	decoder.Decode(&term)
	decoder.Decode(&vote)
	decoder.Decode(&rf.snapIdx)
	decoder.Decode(&rf.log)
	rf.term.Store(term)
	rf.votedFor.Store(vote)
	rf.commitIndex.Store(rf.snapIdx)
	rf.lastApplied.Store(rf.snapIdx)
}

// Position returns where in the slice the entry of an index is.
func (rf *Raft) position(index int64) int64 {
	if rf.snapIdx == 0 {
		return index - 1
	}
	return index - rf.snapIdx
}

func (rf *Raft) lastIndex() int64 {
	if len(rf.log) == 0 {
		return 0
	}
	return rf.log[len(rf.log)-1].Idx
}

func (rf *Raft) termAt(index int64) int64 {
	if index == 0 {
		return 0
	}
	return rf.log[rf.position(index)].Term
}

// After returns the entries that follow an index.
func (rf *Raft) after(index int64) []*Entry {
	return append([]*Entry{}, rf.log[rf.position(index+1):]...)
}

func (rf *Raft) adopt(term int64) {
	rf.term.Store(term)
	rf.votedFor.Store(0)
	rf.role.Store(following)
	rf.persist()
}

func (rf *Raft) touch() {
	rf.heard.Store(time.Now().UnixMilli())
	rf.patience = 300 + rand.Int63n(300)
}

// Start takes a command, if this server leads.
func (rf *Raft) Start(command interface{}) (int, int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	term := rf.term.Load()
	if rf.role.Load() != leading {
		return 0, int(term), false
	}
	entry := &Entry{rf.lastIndex() + 1, term, command}
	rf.log = append(rf.log, entry)
	rf.persist()
	return int(entry.Idx), int(term), true
}

// Kill is called when the service needs the server no more.
func (rf *Raft) Kill() {
	atomic.StoreInt32(&rf.dead, 1)
}

func (rf *Raft) watch() {
	for beats := 0; atomic.LoadInt32(&rf.dead) == 0; beats++ {
		time.Sleep(10 * time.Millisecond)
		if rf.role.Load() == leading {
			if beats%10 == 0 {
				rf.mu.Lock()
				rf.sendToAll()
				rf.mu.Unlock()
			}
			continue
		}
		rf.mu.Lock()
		if rf.role.Load() != leading && time.Now().UnixMilli()-rf.heard.Load() > rf.patience {
			rf.stand()
		}
		rf.mu.Unlock()
	}
}

func (rf *Raft) applyCommitted() {
	for atomic.LoadInt32(&rf.dead) == 0 {
		rf.mu.Lock()
		var messages []ApplyMsg
		if !rf.restored {
			rf.restored = true
			messages = append(messages, ApplyMsg{
				SnapshotValid: true,
				Snapshot:      unwrapped(rf.persister.ReadSnapshot()),
				SnapshotTerm:  int(rf.termAt(rf.snapIdx)),
				SnapshotIndex: int(rf.snapIdx),
			})
		}
		for rf.lastApplied.Load() < rf.commitIndex.Load() {
			entry := rf.log[rf.position(rf.lastApplied.Add(1))]
			messages = append(messages, ApplyMsg{CommandValid: true, Command: entry.Data, CommandIndex: int(entry.Idx)})
		}
		rf.mu.Unlock()
		for _, message := range messages {
			rf.applyCh <- message
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Make starts a server.
func Make(peers []*labrpc.ClientEnd, me int,
	persister *Persister, applyCh chan ApplyMsg) *Raft {
	rf := &Raft{peers: peers, persister: persister, id: int32(me + 1), applyCh: applyCh}
	rf.nextIndex = make([]atomic.Int64, len(peers)+1)
	rf.matchIndex = make([]atomic.Int64, len(peers)+1)
	rf.readPersist(persister.ReadRaftState())
	rf.restored = rf.snapIdx == 0
	rf.touch()
	go rf.watch()
	go rf.applyCommitted()
	return rf
}
