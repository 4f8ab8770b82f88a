// Package raft is a lab Raft that has come to part A: it holds elections, and that is all. There
// is no log, nothing is saved, and Start takes no command.
package raft

import (
	"math/rand"
	"sync"
	"sync/atomic"
	"time"

	"6.5840/labrpc"
)

// ApplyMsg would tell the service of a committed entry.
type ApplyMsg struct {
	CommandValid bool
	Command      interface{}
	CommandIndex int

	SnapshotValid bool
	Snapshot      []byte
	SnapshotTerm  int
	SnapshotIndex int
}

// State is what a server is in its term.
type State int

// The states of a server.
const (
	FOLLOWER State = iota
	CANDIDATE
	LEADER
)

// Raft is one server.
type Raft struct {
	mu        sync.Mutex
	peers     []*labrpc.ClientEnd
	persister *Persister
	me        int
	dead      int32

	term     int
	votedFor int
	state    State
	votes    int
	heard    bool
}

// GetState returns the term, and whether this server leads.
func (rf *Raft) GetState() (int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	return rf.term, rf.state == LEADER
}

// Your code here (3C).
func (rf *Raft) persist() {
}

// Snapshot belongs to part D.
func (rf *Raft) Snapshot(index int, snapshot []byte) {
	// Your code here (3D).
}

// RequestVoteArgs asks for a vote.
type RequestVoteArgs struct {
	Term        int
	CandidateId int
}

// RequestVoteReply answers RequestVoteArgs.
type RequestVoteReply struct {
	Term        int
	VoteGranted bool
}

// RequestVote is the handler of a candidate's request.
func (rf *Raft) RequestVote(args *RequestVoteArgs, reply *RequestVoteReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if args.Term > rf.term {
		rf.term, rf.votedFor, rf.state = args.Term, -1, FOLLOWER
	}
	reply.Term = rf.term
	if args.Term == rf.term && (rf.votedFor == -1 || rf.votedFor == args.CandidateId) {
		rf.votedFor = args.CandidateId
		rf.heard = true
		reply.VoteGranted = true
	}
}

// HeartbeatArgs says who leads.
type HeartbeatArgs struct {
	Term     int
	LeaderId int
}

// HeartbeatReply answers HeartbeatArgs.
type HeartbeatReply struct {
	Term int
}

// Heartbeat is the handler of a leader's heartbeat.
func (rf *Raft) Heartbeat(args *HeartbeatArgs, reply *HeartbeatReply) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if args.Term > rf.term {
		rf.term, rf.votedFor = args.Term, -1
	}
	if args.Term == rf.term {
		rf.state = FOLLOWER
		rf.heard = true
	}
	reply.Term = rf.term
}

func (rf *Raft) sendRequestVote(server int, args *RequestVoteArgs) {
	reply := RequestVoteReply{}
	if !rf.peers[server].Call("Raft.RequestVote", args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.term {
		rf.term, rf.votedFor, rf.state = reply.Term, -1, FOLLOWER
	}
	if rf.state == CANDIDATE && rf.term == args.Term && reply.VoteGranted {
		rf.votes++
		if rf.votes > len(rf.peers)/2 {
			rf.state = LEADER
			go rf.heartbeats(rf.term)
		}
	}
}

func (rf *Raft) heartbeats(term int) {
	for !rf.killed() {
		rf.mu.Lock()
		if rf.state != LEADER || rf.term != term {
			rf.mu.Unlock()
			return
		}
		for server := range rf.peers {
			if server != rf.me {
				go rf.sendHeartbeat(server, &HeartbeatArgs{rf.term, rf.me})
			}
		}
		rf.mu.Unlock()
		time.Sleep(100 * time.Millisecond)
	}
}

func (rf *Raft) sendHeartbeat(server int, args *HeartbeatArgs) {
	reply := HeartbeatReply{}
	if !rf.peers[server].Call("Raft.Heartbeat", args, &reply) {
		return
	}
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if reply.Term > rf.term {
		rf.term, rf.votedFor, rf.state = reply.Term, -1, FOLLOWER
	}
}

// Start would take a command. Your code here (3B).
func (rf *Raft) Start(command interface{}) (int, int, bool) {
	return -1, -1, false
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
		time.Sleep(time.Duration(200+rand.Int63()%300) * time.Millisecond)
		rf.mu.Lock()
		if rf.state != LEADER && !rf.heard {
			rf.state = CANDIDATE
			rf.term++
			rf.votedFor = rf.me
			rf.votes = 1
			for server := range rf.peers {
				if server != rf.me {
					go rf.sendRequestVote(server, &RequestVoteArgs{rf.term, rf.me})
				}
			}
		}
		rf.heard = false
		rf.mu.Unlock()
	}
}

// Make starts a server.
func Make(peers []*labrpc.ClientEnd, me int,
	persister *Persister, applyCh chan ApplyMsg) *Raft {
	rf := &Raft{}
	rf.peers = peers
	rf.persister = persister
	rf.me = me
	rf.votedFor = -1
	go rf.ticker()
	return rf
}
