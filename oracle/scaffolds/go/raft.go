package main

// A toy Raft that makes the adapter run at once: Figure 2 of the paper, without snapshots.
// Replace this file by your own implementation. It owns no network, clock or goroutine; what it
// sends goes into outbox, and what must survive a crash into disk.

import "sort"

// Entry is one entry of the log; the no-op of a new leader has an empty command.
type Entry struct {
	Term    int
	Command string
}

// Disk is what a server keeps over a crash.
type Disk struct {
	term     int
	votedFor string
	log      []Entry
}

// Message is an RPC or its reply; fields that a type does not use stay zero.
type Message struct {
	Type         string
	Term         int
	LastLogIndex int
	LastLogTerm  int
	VoteGranted  bool
	PrevLogIndex int
	PrevLogTerm  int
	Entries      []Entry
	LeaderCommit int
	Success      bool
	MatchIndex   int // what a reply acknowledges; in a refusal, where the log may still match
}

// Envelope is a message on its way.
type Envelope struct {
	to      string
	message Message
}

// Server is one server.
type Server struct {
	name        string
	peers       []string
	disk        *Disk
	role        string
	term        int
	votedFor    string // "" is nobody
	log         []Entry
	commitIndex int
	lastApplied int
	votes       map[string]bool
	nextIndex   map[string]int
	matchIndex  map[string]int
	outbox      []Envelope
}

// NewServer starts a server from its disk.
func NewServer(name string, peers []string, disk *Disk) *Server {
	return &Server{
		name: name, peers: peers, disk: disk, role: "follower",
		term: disk.term, votedFor: disk.votedFor, log: append([]Entry(nil), disk.log...),
	}
}

// ElectionTimeout makes a server stand for election, unless it leads.
func (s *Server) ElectionTimeout() {
	if s.role == "leader" {
		return
	}
	s.role = "candidate"
	s.term++
	s.votedFor = s.name
	s.votes = map[string]bool{s.name: true}
	s.persist()
	last := len(s.log)
	for _, peer := range s.peers {
		s.send(peer, Message{Type: "request_vote", Term: s.term,
			LastLogIndex: last, LastLogTerm: s.termAt(last)})
	}
	s.countVotes()
}

// HeartbeatTimeout sends what each follower lacks, or nothing but the news that there is a leader.
func (s *Server) HeartbeatTimeout() {
	if s.role == "leader" {
		for _, peer := range s.peers {
			s.sendEntries(peer)
		}
	}
}

// Propose appends a client's command, if the server leads.
func (s *Server) Propose(command string) {
	if s.role == "leader" {
		s.log = append(s.log, Entry{s.term, command})
		s.persist()
		s.HeartbeatTimeout()
		s.advanceCommit()
	}
}

// Receive handles an RPC or a reply.
func (s *Server) Receive(source string, message Message) {
	if message.Term > s.term {
		s.role = "follower"
		s.term = message.Term
		s.votedFor = ""
		s.persist()
	}
	switch message.Type {
	case "request_vote":
		s.onRequestVote(source, message)
	case "request_vote_response":
		s.onVote(source, message)
	case "append_entries":
		s.onAppendEntries(source, message)
	case "append_entries_response":
		s.onAppendReply(source, message)
	}
}

// At most one vote a term, and only to who is up to date (section 5.4.1).
func (s *Server) onRequestVote(source string, asked Message) {
	last := len(s.log)
	upToDate := asked.LastLogTerm > s.termAt(last) ||
		asked.LastLogTerm == s.termAt(last) && asked.LastLogIndex >= last
	granted := asked.Term == s.term && (s.votedFor == "" || s.votedFor == source) && upToDate
	if granted {
		s.votedFor = source
		s.persist()
	}
	s.send(source, Message{Type: "request_vote_response", Term: s.term, VoteGranted: granted})
}

func (s *Server) onVote(source string, reply Message) {
	if s.role == "candidate" && reply.Term == s.term && reply.VoteGranted {
		s.votes[source] = true
		s.countVotes()
	}
}

func (s *Server) countVotes() {
	if len(s.votes) < s.majority() {
		return
	}
	s.role = "leader"
	s.nextIndex = map[string]int{}
	s.matchIndex = map[string]int{}
	for _, peer := range s.peers {
		s.nextIndex[peer] = len(s.log) + 1
		s.matchIndex[peer] = 0
	}
	s.Propose("")
}

// Append what follows a matching entry; delete what conflicts, and only that.
func (s *Server) onAppendEntries(source string, sent Message) {
	if sent.Term < s.term {
		s.send(source, Message{Type: "append_entries_response", Term: s.term})
		return
	}
	s.role = "follower"
	prev := sent.PrevLogIndex
	if prev > len(s.log) || s.termAt(prev) != sent.PrevLogTerm {
		s.send(source, Message{Type: "append_entries_response", Term: s.term,
			MatchIndex: min(prev-1, len(s.log))})
		return
	}
	for offset, entry := range sent.Entries {
		index := prev + 1 + offset
		if index <= len(s.log) && s.termAt(index) != entry.Term {
			s.log = s.log[:index-1]
		}
		if index > len(s.log) {
			s.log = append(s.log, entry)
		}
	}
	s.persist()
	matched := prev + len(sent.Entries)
	s.commit(min(sent.LeaderCommit, matched))
	s.send(source, Message{Type: "append_entries_response", Term: s.term,
		Success: true, MatchIndex: matched})
}

// Note what a follower holds, or go back to where its log may match.
func (s *Server) onAppendReply(source string, reply Message) {
	if s.role != "leader" || reply.Term != s.term {
		return
	}
	if reply.Success {
		matched := max(s.matchIndex[source], reply.MatchIndex)
		s.matchIndex[source] = matched
		s.nextIndex[source] = max(s.nextIndex[source], matched+1)
		s.advanceCommit()
		return
	}
	back := min(s.nextIndex[source]-1, reply.MatchIndex+1)
	s.nextIndex[source] = max(s.matchIndex[source]+1, back)
	s.sendEntries(source)
}

// Commit what a majority holds, if it is of this term (section 5.4.2).
func (s *Server) advanceCommit() {
	held := []int{len(s.log)}
	for _, index := range s.matchIndex {
		held = append(held, index)
	}
	sort.Sort(sort.Reverse(sort.IntSlice(held)))
	index := held[s.majority()-1]
	if s.termAt(index) == s.term {
		s.commit(index)
	}
}

// The toy's state machine is its log.
func (s *Server) commit(index int) {
	s.commitIndex = max(s.commitIndex, index)
	s.lastApplied = s.commitIndex
}

func (s *Server) sendEntries(peer string) {
	prev := s.nextIndex[peer] - 1
	s.send(peer, Message{Type: "append_entries", Term: s.term,
		PrevLogIndex: prev, PrevLogTerm: s.termAt(prev),
		Entries: s.log[prev:], LeaderCommit: s.commitIndex})
}

func (s *Server) send(peer string, message Message) {
	s.outbox = append(s.outbox, Envelope{peer, message})
}

func (s *Server) persist() {
	*s.disk = Disk{s.term, s.votedFor, append([]Entry(nil), s.log...)}
}

func (s *Server) termAt(index int) int {
	if index == 0 {
		return 0
	}
	return s.log[index-1].Term
}

func (s *Server) majority() int {
	return (len(s.peers)+1)/2 + 1
}
