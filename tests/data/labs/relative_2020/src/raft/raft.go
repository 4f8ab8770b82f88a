// Package raft is a lab Raft in the shape of 2020: relative imports, a constructor of another name
// with more arguments, two timers that are set again, and two flags for the role. A candidate that
// hears from the leader follows it, but stays flagged as a candidate. There are no snapshots.
package raft

import (
	"bytes"
	"math/rand"
	"sync"
	"sync/atomic"
	"time"

	"../labgob"
	"../labrpc"
)

// ApplyMsg tells the service of a committed entry.
type ApplyMsg struct {
	CommandValid bool
	Command      interface{}
	CommandIndex int
}

// Record is a command with the term in which a leader took it.
type Record struct {
	Cmd  interface{}
	Term int
}

// Server is one server.
type Server struct {
	lock      sync.Mutex
	peers     []*labrpc.ClientEnd
	persister *Persister
	me        int
	group     int
	dead      int32

	currentTerm int
	votedFor    int
	records     []Record

	isLeader    bool
	isCandidate bool
	supporters  int

	commitIdx   int
	lastApplied int
	nextIdx     map[int]int
	matchIdx    map[int]int

	electionTimer  *time.Timer
	heartbeatTimer *time.Timer
	applyCh        chan ApplyMsg
	committed      *sync.Cond
}

const beat = 110 * time.Millisecond

func patience() time.Duration {
	return time.Duration(400+rand.Intn(250)) * time.Millisecond
}

// GetState returns the term, and whether this server leads.
func (s *Server) GetState() (int, bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.currentTerm, s.isLeader
}

func (s *Server) persist() {
	buffer := new(bytes.Buffer)
	encoder := labgob.NewEncoder(buffer)
	encoder.Encode(s.records)
	encoder.Encode(s.currentTerm)
	encoder.Encode(s.votedFor)
	s.persister.SaveRaftState(buffer.Bytes())
}

func (s *Server) readPersist(data []byte) {
	if len(data) == 0 {
		return
	}
	decoder := labgob.NewDecoder(bytes.NewBuffer(data))
	s.records = nil
	if decoder.Decode(&s.records) != nil ||
		decoder.Decode(&s.currentTerm) != nil || decoder.Decode(&s.votedFor) != nil {
		panic("the disk cannot be read")
	}
}

func (s *Server) last() int {
	return len(s.records) - 1
}

// AdoptTerm begins a newer term as a follower.
func (s *Server) adoptTerm(term int) {
	if s.isLeader {
		s.electionTimer.Reset(patience())
	}
	s.currentTerm, s.votedFor = term, -1
	s.isLeader, s.isCandidate = false, false
	s.persist()
}

// Start takes a command, if this server leads.
func (s *Server) Start(command interface{}) (int, int, bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.isLeader {
		s.records = append(s.records, Record{command, s.currentTerm})
		s.persist()
		s.heartbeatTimer.Reset(time.Millisecond)
	}
	return s.last(), s.currentTerm, s.isLeader
}

// Kill is called when the service needs the server no more.
func (s *Server) Kill() {
	atomic.StoreInt32(&s.dead, 1)
}

func (s *Server) run() {
	for atomic.LoadInt32(&s.dead) == 0 {
		select {
		case <-s.electionTimer.C:
			s.lock.Lock()
			if !s.isLeader {
				s.campaign()
			}
			s.electionTimer.Reset(patience())
			s.lock.Unlock()
		case <-s.heartbeatTimer.C:
			s.lock.Lock()
			if s.isLeader {
				s.replicateToAll()
			}
			s.heartbeatTimer.Reset(beat)
			s.lock.Unlock()
		}
	}
}

func (s *Server) apply() {
	for {
		s.committed.L.Lock()
		for s.lastApplied >= s.commitIdx {
			s.committed.Wait()
		}
		index := s.lastApplied + 1
		message := ApplyMsg{true, s.records[index].Cmd, index}
		s.committed.L.Unlock()
		s.applyCh <- message
		s.committed.L.Lock()
		s.lastApplied = index
		s.committed.L.Unlock()
	}
}

// NewServer starts a server of a group.
func NewServer(peers []*labrpc.ClientEnd, me int, persister *Persister, applyCh chan ApplyMsg,
	group int, name string) *Server {
	s := &Server{
		peers:          peers,
		persister:      persister,
		me:             me,
		group:          group,
		votedFor:       -1,
		records:        []Record{{"", 0}},
		nextIdx:        map[int]int{},
		matchIdx:       map[int]int{},
		electionTimer:  time.NewTimer(patience()),
		heartbeatTimer: time.NewTimer(beat),
		applyCh:        applyCh,
	}
	s.committed = sync.NewCond(&s.lock)
	s.readPersist(persister.ReadRaftState())
	note("server %d of group %d starts as %q", me, group, name)
	go s.run()
	go s.apply()
	return s
}
