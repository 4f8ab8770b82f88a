package main

import (
	"fmt"
	"strings"

	"github.com/hashicorp/raft"
)

// Invoke hands in a client's operation. A write goes through the log. A read asks, as the library's
// users do, first for a Barrier, once in a term, so that the state machine holds all that earlier
// leaders have committed, and then whether this server still leads.
func (s *server) Invoke(client, number int, command string) {
	execute := s.write
	if strings.HasPrefix(command, "get ") {
		execute = s.read
	}
	go func() {
		output, err := execute(fmt.Sprintf("client %d #%d", client, number), command)
		if err != nil {
			s.node.Answer(client, number, nil)
			return
		}
		s.node.Answer(client, number, &output)
	}()
}

// write puts an operation into the log, and waits until it is executed.
func (s *server) write(name, command string) (string, error) {
	future := s.raft.Apply([]byte(name+": "+command), 0)
	if err := future.Error(); err != nil {
		return "", err
	}
	return future.Response().(string), nil
}

// read looks at the state machine once it is sure that it still led after the read came.
func (s *server) read(_, command string) (string, error) {
	if err := s.awaitBarrier(); err != nil {
		return "", err
	}
	s.mendVerification()
	if err := s.raft.VerifyLeader().Error(); err != nil {
		return "", err
	}
	return s.machine.execute(strings.Split(command, " ")), nil
}

// awaitBarrier waits, once in a term, until all that the log held when it began is applied.
func (s *server) awaitBarrier() error {
	term := *s.inside.currentTerm
	if s.barred == term {
		return nil
	}
	if s.raft.State() != raft.Leader {
		return raft.ErrNotLeader
	}
	if err := s.raft.Barrier(0).Error(); err != nil {
		return err
	}
	if *s.inside.currentTerm != term {
		return raft.ErrLeadershipLost
	}
	s.barred = term
	return nil
}
