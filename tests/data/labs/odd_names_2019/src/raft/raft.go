// Package raft is a lab Raft by someone who thinks in C++: names end in an underscore, a term is a
// "team" in messages, the log, its indexes and its terms begin at -1, and a vote that was never
// given is 0, while -1 is nobody as soon as there is a term. Indexes that leave it are one higher,
// as the lab wants them. There are no snapshots.
package raft

import (
	"bytes"
	"labgob"
	"labrpc"
	"math/rand"
	"sync"
	"time"
)

// ApplyMsg tells the service of a committed entry.
type ApplyMsg struct {
	CommandValid bool
	Command      interface{}
	CommandId    int
}

// Item is a command with the team that brought it in.
type Item struct {
	Team int
	What interface{}
}

type mode int

const (
	asleep mode = iota
	awake
	boss
)

// Raft is one server.
type Raft struct {
	mutex_     sync.Mutex
	ends_      []*labrpc.ClientEnd
	persister_ *Persister
	my_id_     int

	cterm_      int
	backing_    int
	items_      []Item
	commit_id_  int
	handed_id_  int
	upcoming_   []int
	confirmed_  []int
	mode_       mode
	backers_    int
	silence_    *time.Timer
	committed_  chan bool
	apply_chan_ chan ApplyMsg
}

// GetState returns the term, and whether this server leads.
func (rf *Raft) GetState() (int, bool) {
	rf.mutex_.Lock()
	defer rf.mutex_.Unlock()
	return rf.cterm_, rf.mode_ == boss
}

func (rf *Raft) persist() {
	buffer := new(bytes.Buffer)
	encoder := labgob.NewEncoder(buffer)
	encoder.Encode(rf.items_)
	encoder.Encode(rf.backing_)
	encoder.Encode(rf.cterm_)
	rf.persister_.SaveRaftState(buffer.Bytes())
}

func (rf *Raft) readPersist(data []byte) {
	if len(data) == 0 {
		return
	}
	decoder := labgob.NewDecoder(bytes.NewBuffer(data))
	decoder.Decode(&rf.items_)
	decoder.Decode(&rf.backing_)
	decoder.Decode(&rf.cterm_)
}

func (rf *Raft) tail() (id int, team int) {
	id = len(rf.items_) - 1
	return id, rf.teamOf(id)
}

func (rf *Raft) teamOf(id int) int {
	if id < 0 {
		return -1
	}
	return rf.items_[id].Team
}

func (rf *Raft) wait() {
	rf.silence_.Reset(time.Duration(350+rand.Intn(350)) * time.Millisecond)
}

// Join follows a newer team.
func (rf *Raft) join(team int) {
	rf.cterm_ = team
	rf.backing_ = -1
	rf.mode_ = asleep
	rf.persist()
}

// Start takes a command, if this server leads.
func (rf *Raft) Start(command interface{}) (int, int, bool) {
	rf.mutex_.Lock()
	defer rf.mutex_.Unlock()
	if rf.mode_ != boss {
		return -1, rf.cterm_, false
	}
	rf.items_ = append(rf.items_, Item{rf.cterm_, command})
	rf.persist()
	return len(rf.items_), rf.cterm_, true
}

// Kill is called when the service needs the server no more.
func (rf *Raft) Kill() {}

func (rf *Raft) watchSilence() {
	for range rf.silence_.C {
		rf.mutex_.Lock()
		if rf.mode_ != boss {
			rf.wakeUp()
		}
		rf.wait()
		rf.mutex_.Unlock()
	}
}

func (rf *Raft) beat() {
	for {
		<-time.After(90 * time.Millisecond)
		rf.mutex_.Lock()
		if rf.mode_ == boss {
			rf.syncAll()
		}
		rf.mutex_.Unlock()
	}
}

func (rf *Raft) commit(id int) {
	if id > rf.commit_id_ {
		rf.commit_id_ = id
		select {
		case rf.committed_ <- true:
		default:
		}
	}
}

func (rf *Raft) handOver() {
	for range rf.committed_ {
		rf.mutex_.Lock()
		from := rf.handed_id_ + 1
		items := append([]Item{}, rf.items_[from:rf.commit_id_+1]...)
		rf.handed_id_ = rf.commit_id_
		rf.mutex_.Unlock()
		for i, item := range items {
			rf.apply_chan_ <- ApplyMsg{true, item.What, from + i + 1}
		}
	}
}

// Make starts a server.
func Make(ends []*labrpc.ClientEnd, me int, persister *Persister, applyCh chan ApplyMsg) *Raft {
	rf := &Raft{
		ends_:       ends,
		persister_:  persister,
		my_id_:      me,
		cterm_:      -1,
		commit_id_:  -1,
		handed_id_:  -1,
		upcoming_:   make([]int, len(ends)),
		confirmed_:  make([]int, len(ends)),
		silence_:    time.NewTimer(time.Hour),
		committed_:  make(chan bool, 1),
		apply_chan_: applyCh,
	}
	rf.readPersist(persister.ReadRaftState())
	rf.wait()
	go rf.watchSilence()
	go rf.beat()
	go rf.handOver()
	return rf
}
