package main

// A toy Raft with goroutines, timers and a lock: Figure 2 of the paper, without snapshots. It knows
// nothing of raft-oracle, and would run over a network as it is. Replace this file by your own.

import (
	"math/rand"
	"sort"
	"sync"
	"time"
)

const (
	heartbeatInterval = 100 * time.Millisecond
	electionTimeout   = 500 * time.Millisecond // at least; up to twice as long
)

// Entry is one entry of the log; the no-op of a new leader has an empty command.
type Entry struct {
	Term    int
	Command string
}

// Saved is what a server keeps over a crash.
type Saved struct {
	Term     int
	VotedFor string
	Log      []Entry
}

// Storage keeps what a server saves.
type Storage interface {
	Save(Saved)
	Load() Saved
}

// Transport sends requests to other servers, and waits for their answers.
type Transport interface {
	RequestVote(peer string, asked VoteRequest) (VoteReply, error)
	AppendEntries(peer string, sent AppendRequest) (AppendReply, error)
}

// VoteRequest asks for a vote.
type VoteRequest struct {
	Term, LastLogIndex, LastLogTerm int
}

// VoteReply grants or refuses it.
type VoteReply struct {
	Term        int
	VoteGranted bool
}

// AppendRequest replicates entries, or says that there is a leader.
type AppendRequest struct {
	Term, PrevLogIndex, PrevLogTerm, LeaderCommit int
	Entries                                       []Entry
}

// AppendReply accepts them, or says where the log may still match.
type AppendReply struct {
	Term       int
	Success    bool
	MayMatchAt int
}

// Raft is one server.
type Raft struct {
	name      string
	peers     []string // all others
	transport Transport
	storage   Storage
	election  *time.Timer

	mutex       sync.Mutex // guards what follows
	committed   *sync.Cond // there may be something to apply
	role        string
	term        int
	votedFor    string // "" is nobody
	log         []Entry
	commitIndex int
	lastApplied int
	votes       map[string]bool
	nextIndex   map[string]int
	matchIndex  map[string]int
}

// NewRaft starts a server from what it has saved.
func NewRaft(name string, peers []string, transport Transport, storage Storage) *Raft {
	saved := storage.Load()
	r := &Raft{
		name: name, peers: peers, transport: transport, storage: storage,
		election: time.NewTimer(randomTimeout()), role: "follower",
		term: saved.Term, votedFor: saved.VotedFor, log: saved.Log,
	}
	r.committed = sync.NewCond(&r.mutex)
	go r.watchElectionTimer()
	go r.applyCommitted()
	return r
}

func randomTimeout() time.Duration {
	return electionTimeout + time.Duration(rand.Int63n(int64(electionTimeout)))
}

// watchElectionTimer stands for election whenever nobody has reset the timer in time.
func (r *Raft) watchElectionTimer() {
	for range r.election.C {
		r.mutex.Lock()
		r.election.Reset(randomTimeout())
		if r.role != "leader" {
			r.standForElection()
		}
		r.mutex.Unlock()
	}
}

// sendHeartbeats goes on as long as the server leads in this term.
func (r *Raft) sendHeartbeats(term int) {
	for {
		time.Sleep(heartbeatInterval)
		r.mutex.Lock()
		if r.role != "leader" || r.term != term {
			r.mutex.Unlock()
			return
		}
		r.sendToAll()
		r.mutex.Unlock()
	}
}

// applyCommitted applies entries one after the other. The toy's state machine is its log.
func (r *Raft) applyCommitted() {
	r.mutex.Lock()
	for {
		for r.lastApplied < r.commitIndex {
			r.lastApplied++
		}
		r.committed.Wait()
	}
}

// Propose appends a client's command, if the server leads.
func (r *Raft) Propose(command string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.role == "leader" {
		r.appendAndSend(command)
	}
}

// HandleRequestVote grants at most one vote a term, and only to who is up to date (section 5.4.1).
func (r *Raft) HandleRequestVote(candidate string, asked VoteRequest) VoteReply {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.noteTerm(asked.Term)
	last := len(r.log)
	upToDate := asked.LastLogTerm > r.termAt(last) ||
		asked.LastLogTerm == r.termAt(last) && asked.LastLogIndex >= last
	granted := asked.Term == r.term && (r.votedFor == "" || r.votedFor == candidate) && upToDate
	if granted {
		r.votedFor = candidate
		r.persist()
		r.election.Reset(randomTimeout())
	}
	return VoteReply{r.term, granted}
}

// HandleAppendEntries appends what follows a matching entry; it deletes what conflicts, and only
// that.
func (r *Raft) HandleAppendEntries(sent AppendRequest) AppendReply {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.noteTerm(sent.Term)
	if sent.Term < r.term {
		return AppendReply{Term: r.term}
	}
	r.role = "follower"
	r.election.Reset(randomTimeout())
	prev := sent.PrevLogIndex
	if prev > len(r.log) || r.termAt(prev) != sent.PrevLogTerm {
		return AppendReply{Term: r.term, MayMatchAt: min(prev-1, len(r.log))}
	}
	for offset, entry := range sent.Entries {
		index := prev + 1 + offset
		if index <= len(r.log) && r.termAt(index) != entry.Term {
			r.log = r.log[:index-1]
		}
		if index > len(r.log) {
			r.log = append(r.log, entry)
		}
	}
	r.persist()
	r.commit(min(sent.LeaderCommit, prev+len(sent.Entries)))
	return AppendReply{Term: r.term, Success: true}
}

// standForElection begins a new term, with a vote for itself. The lock is held.
func (r *Raft) standForElection() {
	r.role = "candidate"
	r.term++
	r.votedFor = r.name
	r.votes = map[string]bool{r.name: true}
	r.persist()
	last := len(r.log)
	asked := VoteRequest{r.term, last, r.termAt(last)}
	for _, peer := range r.peers {
		go r.askForVote(peer, asked)
	}
	r.countVotes()
}

func (r *Raft) askForVote(peer string, asked VoteRequest) {
	reply, err := r.transport.RequestVote(peer, asked)
	if err != nil {
		return // the next election asks again
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.noteTerm(reply.Term)
	if r.role == "candidate" && r.term == asked.Term && reply.VoteGranted {
		r.votes[peer] = true
		r.countVotes()
	}
}

func (r *Raft) countVotes() {
	if len(r.votes) < r.majority() {
		return
	}
	r.role = "leader"
	r.nextIndex = map[string]int{}
	r.matchIndex = map[string]int{}
	for _, peer := range r.peers {
		r.nextIndex[peer] = len(r.log) + 1
		r.matchIndex[peer] = 0
	}
	r.appendAndSend("")
	go r.sendHeartbeats(r.term)
}

func (r *Raft) appendAndSend(command string) {
	r.log = append(r.log, Entry{r.term, command})
	r.persist()
	r.sendToAll()
	r.advanceCommit()
}

func (r *Raft) sendToAll() {
	for _, peer := range r.peers {
		r.sendEntries(peer)
	}
}

// sendEntries sends what a follower lacks, or nothing but the news that there is a leader.
func (r *Raft) sendEntries(peer string) {
	prev := r.nextIndex[peer] - 1
	go r.replicate(peer, AppendRequest{
		Term: r.term, PrevLogIndex: prev, PrevLogTerm: r.termAt(prev),
		Entries: append([]Entry(nil), r.log[prev:]...), LeaderCommit: r.commitIndex,
	})
}

// replicate notes what a follower holds, or goes back to where its log may match.
func (r *Raft) replicate(peer string, sent AppendRequest) {
	reply, err := r.transport.AppendEntries(peer, sent)
	if err != nil {
		return // the next heartbeat sends it again
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.noteTerm(reply.Term)
	if r.role != "leader" || r.term != sent.Term || reply.Term != sent.Term {
		return
	}
	if reply.Success {
		matched := max(r.matchIndex[peer], sent.PrevLogIndex+len(sent.Entries))
		r.matchIndex[peer] = matched
		r.nextIndex[peer] = max(r.nextIndex[peer], matched+1)
		r.advanceCommit()
		return
	}
	back := min(r.nextIndex[peer]-1, reply.MayMatchAt+1)
	r.nextIndex[peer] = max(r.matchIndex[peer]+1, back)
	r.sendEntries(peer)
}

// advanceCommit commits what a majority holds, if it is of this term (section 5.4.2).
func (r *Raft) advanceCommit() {
	held := []int{len(r.log)}
	for _, index := range r.matchIndex {
		held = append(held, index)
	}
	sort.Sort(sort.Reverse(sort.IntSlice(held)))
	index := held[r.majority()-1]
	if r.termAt(index) == r.term {
		r.commit(index)
	}
}

func (r *Raft) commit(index int) {
	if index > r.commitIndex {
		r.commitIndex = index
		r.committed.Signal()
	}
}

// noteTerm follows a newer term, before anything else is made of a message.
func (r *Raft) noteTerm(term int) {
	if term > r.term {
		r.role = "follower"
		r.term = term
		r.votedFor = ""
		r.persist()
	}
}

func (r *Raft) persist() {
	r.storage.Save(Saved{r.term, r.votedFor, append([]Entry(nil), r.log...)})
}

func (r *Raft) termAt(index int) int {
	if index == 0 {
		return 0
	}
	return r.log[index-1].Term
}

func (r *Raft) majority() int {
	return (len(r.peers)+1)/2 + 1
}
