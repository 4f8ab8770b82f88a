package main

import (
	"fmt"
	"slices"

	"github.com/hashicorp/raft"

	"raftoracle/adapter"
)

// A server is one life of a server of the library.
type server struct {
	node      *adapter.Node
	raft      *raft.Raft
	inside    inside
	disk      *disk
	machine   *machine
	transport *transport
	passed    []adapter.Configuration // that were in the log since the last view
	known     progress
	followed  uint64 // the latest term whose leader it has heard
	barred    uint64 // the latest term in which a Barrier is over
	asked     int    // how often it has asked for a vote
}

// start makes a server from its disk; the first life's holds who the servers are, and nothing else.
func start(node *adapter.Node) adapter.Server {
	s := &server{node: node, machine: &machine{}}
	s.transport = &transport{node: node, server: s, requests: make(chan raft.RPC)}
	configuration := chosen.configuration(raft.ServerID(node.Name))
	if kept, ok := node.Disk.(*disk); ok {
		s.disk = kept
	} else {
		s.disk = newDisk()
		s.must(raft.BootstrapCluster(configuration, s.disk, s.disk, snapshotStore{s.disk}, s.transport, all(node.Peers)))
	}
	s.disk.node, s.disk.stored = node, s.noteMembers
	for place := range s.disk.entries { // a crash inside a step may have kept them from being shown
		s.noteMembers(&s.disk.entries[place])
	}
	made, err := raft.NewRaft(configuration, s.machine, s.disk, s.disk, snapshotStore{s.disk}, s.transport)
	s.must(err)
	s.raft, s.inside = made, insideOf(made)
	s.mendStale() // where the life before crashed in between
	return s
}

// all is a configuration in which every server votes.
func all(names []string) (first raft.Configuration) {
	for _, name := range names {
		first.Servers = append(first.Servers, raft.Server{ID: raft.ServerID(name), Address: raft.ServerAddress(name)})
	}
	return first
}

// must ends the server where the library refuses what it has to take.
func (s *server) must(err error) {
	if err != nil {
		panic(err)
	}
}

// Term is the current term, for a clock that goes on until it changes.
func (s *server) Term() int { return int(*s.inside.currentTerm) }

// ElectionTimeout lets the clock go on until the server asks for votes, or its term changes. What loops
// of a leadership that is over still send meanwhile does not end it: they go on until their call ends.
func (s *server) ElectionTimeout() {
	term, asked := s.Term(), s.asked
	s.node.Pass(electionLimit, func() bool { return s.asked > asked || s.Term() != term })
}

// HeartbeatTimeout lets each of a leader's loops send once. Whoever still waits for an answer gives it
// up before, so that what was lost is sent again.
func (s *server) HeartbeatTimeout() {
	s.node.FailCalls()
	s.node.Advance(heartbeatTimeout)
}

// Propose hands a command to the library; nobody waits for what becomes of it.
func (s *server) Propose(command string) { s.raft.Apply([]byte(command), 0) }

// Receive hands a request to the library.
func (s *server) Receive(_ string, request adapter.Message) (adapter.Message, error) {
	if isForVote(request.Value) && !chosen.sticky && s.raft.State() == raft.Follower {
		s.inside.forgetLeader()
	}
	switch asked := request.Value.(type) {
	case *raft.AppendEntriesRequest:
		s.mendRefusal(asked)
		defer func() { s.disk.lent = nil }()
		defer s.noteLeader(asked.Term)
	case *installation:
		defer s.noteLeader(asked.request.Term)
		if response, err := s.mendInstallation(asked.request); response != nil || err != nil {
			return answered(asked, response, err)
		}
		defer s.mendStale()
	case *handOver:
		if err := s.mendTransfer(asked.term); err != nil {
			return adapter.Message{}, err
		}
	}
	response, err := s.transport.serve(request.Value)
	return answered(request.Value, response, err)
}

// noteLeader remembers the term of a leader that was heard, unless a newer one had come.
func (s *server) noteLeader(term uint64) {
	if term == *s.inside.currentTerm {
		s.followed = term
	}
}

// answered is an answer of the library as a message.
func answered(request, response any, err error) (adapter.Message, error) {
	if err != nil {
		return adapter.Message{}, err
	}
	return responseMessage(request, response), nil
}

// Crash leaves what is on the disk.
func (s *server) Crash() any { return s.disk.copied() }

// Compact asks for a snapshot of all that is applied; how much of the log stays is the setting
// `trailing`.
func (s *server) Compact(int) {
	s.node.Run(func() { s.raft.Snapshot() })
}

// TransferLeadership asks a leader to hand over.
func (s *server) TransferLeadership(target string) {
	if s.mendSuccessor(raft.ServerID(target)) {
		return
	}
	s.raft.LeadershipTransferToServer(raft.ServerID(target), raft.ServerAddress(target))
}

// ChangeMembership asks for the first of the changes, each of one server, that lead to a
// configuration. It is given up where the leader does not take it at once: taken later, in the step
// that commits the change before, it would look as if it had not waited for that.
func (s *server) ChangeMembership(voters, learners []string) {
	if s.raft.State() != raft.Leader {
		return
	}
	now := s.inside.configurations
	for _, name := range s.node.Peers {
		wanted, member := suffrage(name, voters, learners)
		id, address := raft.ServerID(name), raft.ServerAddress(name)
		place := slices.IndexFunc(now.latest.Servers, func(each raft.Server) bool { return each.ID == id })
		switch {
		case place < 0 && !member || place >= 0 && member && now.latest.Servers[place].Suffrage == wanted:
			continue
		case !member:
			s.raft.RemoveServer(id, now.latestIndex, patience)
		case wanted == raft.Voter:
			s.raft.AddVoter(id, address, now.latestIndex, patience)
		case place < 0:
			s.raft.AddNonvoter(id, address, now.latestIndex, patience)
		default:
			s.raft.DemoteVoter(id, now.latestIndex, patience)
		}
		return
	}
}

// Settle lets the patience of a change run out.
func (s *server) Settle(step string) {
	if step == "change_membership" {
		s.node.Advance(patience)
	}
}

// suffrage is what a server is to be in a configuration.
func suffrage(name string, voters, learners []string) (wanted raft.ServerSuffrage, member bool) {
	if slices.Contains(voters, name) {
		return raft.Voter, true
	}
	return raft.Nonvoter, slices.Contains(learners, name)
}

// noteMembers keeps each configuration that comes into the log.
func (s *server) noteMembers(entry *raft.Log) {
	if entry.Type == raft.LogConfiguration {
		members := raft.DecodeConfiguration(entry.Data)
		s.passed = append(s.passed, shownMembers(members, entry.Index))
	}
}

// shownMembers is a configuration as views show it.
func shownMembers(members raft.Configuration, since uint64) adapter.Configuration {
	shown := adapter.Configuration{Voters: []string{}, Since: int(since)}
	for _, each := range members.Servers {
		if each.Suffrage == raft.Voter {
			shown.Voters = append(shown.Voters, string(each.ID))
		} else {
			shown.Learners = append(shown.Learners, string(each.ID))
		}
	}
	slices.Sort(shown.Voters)
	slices.Sort(shown.Learners)
	return shown
}

// gap reports a log that nobody can read.
func (s *server) gap(err error) { s.node.Fail(fmt.Sprint(err)) }
