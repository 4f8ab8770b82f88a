package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/raft/v3"
)

// told is what a client gets for its operation; nothing where it cannot know what became of it.
type told struct {
	Client int     `json:"client"`
	Number int     `json:"number"`
	Output *string `json:"output"`
}

// waiting is an operation that was handed in at a server, which has not answered it yet.
type waiting struct {
	client, number int
	command        string
	isRead         bool
	confirmed      bool   // of a read: index is known
	index          uint64 // how far the machine has to be for it
}

// name is the operation's in entries and in requests to read.
func (w *waiting) name() string { return fmt.Sprintf("client %d #%d", w.client, w.number) }

// invoke hands in a client's operation. Writes go through the log; for a read the library is asked
// from which index on the state machine may answer. What it drops, the client cannot know of.
func (s *server) invoke(client, number int, command string) {
	one := &waiting{client: client, number: number, command: command}
	one.isRead = strings.HasPrefix(command, "get ")
	s.waiting = append(s.waiting, one)
	if one.isRead {
		if s.node.BasicStatus().Lead == raft.None {
			s.giveUp(one)
			return
		}
		s.node.ReadIndex([]byte(one.name()))
		return
	}
	err := s.node.Propose([]byte(one.name() + ": " + command))
	if errors.Is(err, raft.ErrProposalDropped) {
		s.giveUp(one)
	}
	s.accept(err)
}

// confirm takes note of the indexes that the library has found for reads.
func (s *server) confirm(states []raft.ReadState) {
	for _, state := range states {
		for _, one := range s.waiting {
			if one.isRead && one.name() == string(state.RequestCtx) {
				one.confirmed, one.index = true, state.Index
			}
		}
	}
}

// serve answers what waits here and can be answered: operations that were executed, and reads for
// which the machine is far enough.
func (s *server) serve() {
	for _, one := range slices.Clone(s.waiting) {
		if one.isRead {
			if one.confirmed && one.index <= s.applied {
				s.tell(one, s.machine.execute(strings.Split(one.command, " ")))
			}
		} else if output, done := s.machine.Executed[one.name()]; done {
			s.tell(one, output)
		}
	}
}

func (s *server) tell(one *waiting, output string) {
	s.told = append(s.told, told{one.client, one.number, &output})
	s.forget(one)
}

// giveUp tells a client that nobody will answer.
func (s *server) giveUp(one *waiting) {
	s.told = append(s.told, told{Client: one.client, Number: one.number})
	s.forget(one)
}

func (s *server) forget(one *waiting) {
	s.waiting = slices.DeleteFunc(s.waiting, func(each *waiting) bool { return each == one })
}
