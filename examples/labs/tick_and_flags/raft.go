// Package raft is a Raft in which one background loop, tick, looks after everything that depends on
// time. Whatever happens in between leaves a flag behind: a heartbeat has been received, so many votes
// have come in. Each entry carries its term and its index, and stands at the place of its index behind
// an entry of index 0 and term 0, or behind the last one that a snapshot covers.
package raft

import (
	"bytes"
	"sync"
	"sync/atomic"

	"6.5840/labgob"
	"6.5840/labrpc"
)

// ApplyMsg is what the service gets: a committed command, or a snapshot in place of many.
type ApplyMsg struct {
	CommandValid bool
	Command      interface{}
	CommandIndex int

	SnapshotValid bool
	Snapshot      []byte
	SnapshotTerm  int
	SnapshotIndex int
}

// LogEntry is one command with the term that it was received in and its position.
type LogEntry struct {
	Command interface{}
	Term    int
	Index   int
}

// The three roles of Figure 4.
const (
	follower = iota
	candidate
	leader
)

// Raft is one server.
type Raft struct {
	mu        sync.Mutex
	peers     []*labrpc.ClientEnd
	persister *Persister
	me        int
	dead      int32
	applyCh   chan ApplyMsg

	role              int
	receivedHeartbeat bool // since tick last looked: a heartbeat of the leader came, or a vote was granted
	votes             int  // that came in for this candidacy

	currentTerm int
	votedFor    int        // in currentTerm; -1 is nobody
	log         []LogEntry // log[0] is no command: it stands for all before

	commitIndex int
	lastApplied int
	nextIndex   []int
	matchIndex  []int

	arrived *ApplyMsg // a snapshot that the service has yet to get
}

// Make starts a server from its disk. It applies committed commands by sending them to applyCh.
func Make(peers []*labrpc.ClientEnd, me int, persister *Persister, applyCh chan ApplyMsg) *Raft {
	rf := &Raft{
		peers: peers, persister: persister, me: me, applyCh: applyCh,
		role: follower, votedFor: -1, log: []LogEntry{{Term: 0, Index: 0}},
		nextIndex: make([]int, len(peers)), matchIndex: make([]int, len(peers)),
	}
	rf.readPersist(persister.ReadRaftState())
	rf.commitIndex = rf.log[0].Index
	rf.lastApplied = rf.log[0].Index
	go rf.tick()
	go rf.apply()
	return rf
}

// GetState returns the current term, and whether this server believes that it is the leader.
func (rf *Raft) GetState() (int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	return rf.currentTerm, rf.role == leader
}

// Start appends a command to the log if this server is the leader, and begins to send it out.
func (rf *Raft) Start(command interface{}) (int, int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.role != leader || rf.killed() {
		return -1, rf.currentTerm, false
	}
	entry := LogEntry{command, rf.currentTerm, rf.lastEntry().Index + 1}
	rf.log = append(rf.log, entry)
	rf.persist()
	rf.broadcast()
	return entry.Index, entry.Term, true
}

// Kill asks the background loops to end.
func (rf *Raft) Kill() {
	atomic.StoreInt32(&rf.dead, 1)
}

func (rf *Raft) killed() bool {
	return atomic.LoadInt32(&rf.dead) == 1
}

// persist saves what Figure 2 wants to survive a crash, and keeps the snapshot that is there.
func (rf *Raft) persist() {
	rf.save(rf.persister.ReadSnapshot())
}

// save writes Raft's state and a snapshot, both at once.
func (rf *Raft) save(snapshot []byte) {
	buffer := new(bytes.Buffer)
	encoder := labgob.NewEncoder(buffer)
	for _, value := range []interface{}{rf.currentTerm, rf.votedFor, rf.log} {
		if err := encoder.Encode(value); err != nil {
			panic(err)
		}
	}
	rf.persister.Save(buffer.Bytes(), snapshot)
}

// readPersist takes up what was saved before a crash; nothing, at the very first start.
func (rf *Raft) readPersist(data []byte) {
	if len(data) == 0 {
		return
	}
	decoder := labgob.NewDecoder(bytes.NewBuffer(data))
	var log []LogEntry
	for _, value := range []interface{}{&rf.currentTerm, &rf.votedFor, &log} {
		if err := decoder.Decode(value); err != nil {
			panic(err)
		}
	}
	rf.log = log
}

// lastEntry is the last one of the log, or what stands for all that a snapshot covers.
func (rf *Raft) lastEntry() LogEntry {
	return rf.log[len(rf.log)-1]
}

// at returns the entry of an index that the log still has.
func (rf *Raft) at(index int) LogEntry {
	return rf.log[index-rf.log[0].Index]
}
