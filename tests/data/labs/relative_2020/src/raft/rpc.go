package raft

// VoteArgs asks for a vote.
type VoteArgs struct {
	CandidateTerm int
	CandidateID   int
	LastIndex     int
	LastTerm      int
}

// VoteReply answers VoteArgs.
type VoteReply struct {
	Granted bool
	Term    int
}

// AppendArgs replicates records, or is a heartbeat.
type AppendArgs struct {
	LeaderTerm int
	LeaderID   int
	PrevIndex  int
	PrevTerm   int
	Records    []Record
	CommitIdx  int
}

// AppendReply answers AppendArgs; after a refusal the leader goes on at NextIdx.
type AppendReply struct {
	OK      bool
	Term    int
	NextIdx int
}

// HandleVote is the handler of a candidate's request.
func (s *Server) HandleVote(args *VoteArgs, reply *VoteReply) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if args.CandidateTerm > s.currentTerm {
		s.adoptTerm(args.CandidateTerm)
	}
	reply.Term = s.currentTerm
	free := s.votedFor == -1 || s.votedFor == args.CandidateID
	if args.CandidateTerm == s.currentTerm && free && !s.isAhead(args.LastIndex, args.LastTerm) {
		reply.Granted = true
		s.votedFor = args.CandidateID
		s.persist()
		s.electionTimer.Reset(patience())
	}
}

// IsAhead tells whether the own log is more up-to-date than one that ends so.
func (s *Server) isAhead(index, term int) bool {
	own := s.records[s.last()].Term
	if own != term {
		return own > term
	}
	return s.last() > index
}

func (s *Server) campaign() {
	s.currentTerm++
	s.votedFor = s.me
	s.isCandidate = true
	s.supporters = 1
	s.persist()
	note("server %d stands in term %d", s.me, s.currentTerm)
	args := &VoteArgs{s.currentTerm, s.me, s.last(), s.records[s.last()].Term}
	for id := range s.peers {
		if id != s.me {
			go s.requestVote(id, args)
		}
	}
}

func (s *Server) requestVote(id int, args *VoteArgs) {
	reply := new(VoteReply)
	if !s.peers[id].Call("Server.HandleVote", args, reply) {
		return
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if reply.Term > s.currentTerm {
		s.adoptTerm(reply.Term)
	}
	if s.currentTerm != args.CandidateTerm || !s.isCandidate || s.isLeader || !reply.Granted {
		return
	}
	s.supporters++
	if s.supporters*2 > len(s.peers) {
		s.isLeader, s.isCandidate = true, false
		for id := range s.peers {
			s.nextIdx[id], s.matchIdx[id] = s.last()+1, 0
		}
		s.replicateToAll()
		s.heartbeatTimer.Reset(beat)
	}
}

// HandleAppend is the handler of a leader's request.
func (s *Server) HandleAppend(args *AppendArgs, reply *AppendReply) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if args.LeaderTerm > s.currentTerm {
		s.adoptTerm(args.LeaderTerm)
	}
	reply.Term = s.currentTerm
	if args.LeaderTerm < s.currentTerm {
		return
	}
	s.electionTimer.Reset(patience())
	if args.PrevIndex > s.last() {
		reply.NextIdx = s.last() + 1
		return
	}
	if s.records[args.PrevIndex].Term != args.PrevTerm {
		reply.NextIdx = args.PrevIndex
		return
	}
	for i, record := range args.Records {
		at := args.PrevIndex + i + 1
		if at <= s.last() && s.records[at].Term != record.Term {
			s.records = append([]Record(nil), s.records[:at]...)
		}
		if at > s.last() {
			s.records = append(s.records, record)
		}
	}
	s.persist()
	reply.OK = true
	commit := args.CommitIdx
	if newest := args.PrevIndex + len(args.Records); commit > newest {
		commit = newest
	}
	if commit > s.commitIdx {
		s.commitIdx = commit
		s.committed.Signal()
	}
}

func (s *Server) replicateToAll() {
	for id := range s.peers {
		if id == s.me {
			continue
		}
		prev := s.nextIdx[id] - 1
		records := append([]Record(nil), s.records[prev+1:]...)
		go s.replicate(id, &AppendArgs{
			s.currentTerm, s.me, prev, s.records[prev].Term, records, s.commitIdx})
	}
}

func (s *Server) replicate(id int, args *AppendArgs) {
	reply := new(AppendReply)
	if !s.peers[id].Call("Server.HandleAppend", args, reply) {
		return
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if reply.Term > s.currentTerm {
		s.adoptTerm(reply.Term)
	}
	if !s.isLeader || s.currentTerm != args.LeaderTerm {
		return
	}
	if !reply.OK {
		if s.nextIdx[id] == args.PrevIndex+1 && reply.NextIdx > s.matchIdx[id] {
			s.nextIdx[id] = reply.NextIdx
		}
		return
	}
	if held := args.PrevIndex + len(args.Records); held > s.matchIdx[id] {
		s.matchIdx[id] = held
		if s.nextIdx[id] <= held {
			s.nextIdx[id] = held + 1
		}
		s.tryCommit(held)
	}
}

// TryCommit commits up to an index that one more server holds by now, if a majority does.
func (s *Server) tryCommit(index int) {
	if index <= s.commitIdx || s.records[index].Term != s.currentTerm {
		return
	}
	holders := 1
	for _, held := range s.matchIdx {
		if held >= index {
			holders++
		}
	}
	if holders*2 > len(s.peers) {
		s.commitIdx = index
		s.committed.Signal()
	}
}
