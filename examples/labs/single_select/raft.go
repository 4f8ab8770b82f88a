// Package raft is a Raft of one loop: a single select takes every event there is, from timers, from
// other servers, from clients, and hands committed commands to the service. Whatever changes the state
// happens in that loop, one event after the other, so no two of them can be half done at once.
//
// RPC handlers and Start put their request on a channel and wait for the loop's answer. Requests to
// others are sent by goroutines, which put the replies on a channel as well.
package raft

import (
	"bytes"
	"sync"
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

// State is one of the three that a server can be in.
type State int

// The three states of Figure 4.
const (
	followerState State = iota
	candidateState
	leaderState
)

// LogEntry is one command, and the term in which a leader received it.
type LogEntry struct {
	Term    int
	Command interface{}
}

// persistent is what Figure 2 wants on the disk. Log[0] is no command, so that indexes begin at 1.
type persistent struct {
	CurrentTerm int
	VotedFor    int
	Log         []LogEntry
}

// Raft is one server. All but the fields of the first group belong to the loop, which holds mu while it
// writes; others hold mu to read.
type Raft struct {
	peers     []*labrpc.ClientEnd
	me        int
	persister *Persister
	applyCh   chan ApplyMsg
	stopped   chan struct{} // is closed by Kill
	stopOnce  sync.Once

	voteRequests   chan voteRequest
	appendRequests chan appendRequest
	voteAnswers    chan voteAnswer
	appendAnswers  chan appendAnswer
	proposals      chan proposal

	mu sync.Mutex
	persistent
	state       State
	voteCount   int
	commitIndex int
	lastApplied int
	nextIndex   []int
	matchIndex  []int

	electionTicker  *time.Ticker
	heartbeatTicker *time.Ticker
}

// Make starts a server from its disk.
func Make(peers []*labrpc.ClientEnd, me int, persister *Persister, applyCh chan ApplyMsg) *Raft {
	rf := &Raft{
		peers: peers, me: me, persister: persister, applyCh: applyCh, stopped: make(chan struct{}),
		voteRequests: make(chan voteRequest), appendRequests: make(chan appendRequest),
		voteAnswers: make(chan voteAnswer), appendAnswers: make(chan appendAnswer),
		proposals:  make(chan proposal, proposalsWaiting),
		persistent: persistent{CurrentTerm: 0, VotedFor: -1, Log: []LogEntry{{}}},
		nextIndex:  make([]int, len(peers)), matchIndex: make([]int, len(peers)),
	}
	rf.readPersist(persister.ReadRaftState())
	rf.electionTicker = time.NewTicker(electionTimeout())
	rf.heartbeatTicker = time.NewTicker(heartbeatInterval)
	rf.heartbeatTicker.Stop()
	go rf.loop()
	return rf
}

// loop waits for the next event and deals with it, until the server is killed. The channel to the
// service takes part only if there is something to apply: nothing can be sent on a nil channel.
func (rf *Raft) loop() {
	for {
		var service chan ApplyMsg
		var next ApplyMsg
		if rf.lastApplied < rf.commitIndex {
			service = rf.applyCh
			next = ApplyMsg{true, rf.Log[rf.lastApplied+1].Command, rf.lastApplied + 1}
		}
		select {
		case <-rf.stopped:
			rf.electionTicker.Stop()
			rf.heartbeatTicker.Stop()
			return
		case <-rf.electionTicker.C:
			rf.alone(rf.onElectionTimeout)
		case <-rf.heartbeatTicker.C:
			rf.alone(rf.onHeartbeatTimeout)
		case request := <-rf.voteRequests:
			rf.alone(func() { rf.onVoteRequest(request.args, request.reply) })
			close(request.done)
		case request := <-rf.appendRequests:
			rf.alone(func() { rf.onAppendRequest(request.args, request.reply) })
			close(request.done)
		case answer := <-rf.voteAnswers:
			rf.alone(func() { rf.onVoteAnswer(answer) })
		case answer := <-rf.appendAnswers:
			rf.alone(func() { rf.onAppendAnswer(answer) })
		case first := <-rf.proposals:
			rf.alone(func() { rf.onProposals(first) })
		case service <- next:
			rf.alone(func() { rf.lastApplied++ })
		}
	}
}

// alone deals with one event while nobody reads the state.
func (rf *Raft) alone(handle func()) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	handle()
}

// GetState returns the current term, and whether this server believes that it is the leader.
func (rf *Raft) GetState() (int, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	return rf.CurrentTerm, rf.state == leaderState
}

// Kill ends the loop and all that wait for it.
func (rf *Raft) Kill() {
	rf.stopOnce.Do(func() { close(rf.stopped) })
}

// persist saves what has to survive a crash.
func (rf *Raft) persist() {
	var buffer bytes.Buffer
	if err := labgob.NewEncoder(&buffer).Encode(rf.persistent); err != nil {
		panic(err)
	}
	rf.persister.SaveRaftState(buffer.Bytes())
}

// readPersist takes up what was saved before a crash.
func (rf *Raft) readPersist(saved []byte) {
	if len(saved) == 0 {
		return
	}
	var state persistent
	if err := labgob.NewDecoder(bytes.NewReader(saved)).Decode(&state); err != nil {
		panic(err)
	}
	rf.persistent = state
}

// lastIndex is the index of the last entry; 0 if there is none.
func (rf *Raft) lastIndex() int {
	return len(rf.Log) - 1
}
