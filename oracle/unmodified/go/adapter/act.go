package adapter

import "fmt"

// act does one command at a running server.
func (c *cluster) act(done command) (reply, error) {
	s, ok := c.byName[done.Server]
	if !ok {
		return reply{}, fmt.Errorf("%s: found server %q, expected one of %v", done.Op, done.Server, c.names)
	}
	switch done.Op {
	case "crash":
		owed := s.owed()
		owed.Answers = s.node.hangUp()
		c.crash(s)
		return owed, nil
	case "restart":
		c.start(s)
	case "disconnect", "connect":
		return reply{}, nil
	case "crash_inside":
		if !c.program.offers("CrashInside") {
			return reply{}, unknown(done)
		}
		s.node.armed = &crashPoint{after: done.After}
		return reply{}, nil
	default:
		s.node.overlaps, s.node.heard = s.node.handled > 0, 0
		if err := c.step(s.node, done); err != nil {
			return reply{}, err
		}
	}
	if settler, ok := s.node.server.(Settler); ok && !s.node.Failed() {
		settler.Settle(done.Op)
	}
	if s.node.hasCrashed() && !s.node.Failed() {
		return c.crashedInside(s), nil
	}
	s.node.armed = nil
	return c.look(s), nil
}

// owed shows what others may count on of a server that crashes, where that is less than it showed.
func (s *slot) owed() reply {
	owing, ok := s.node.server.(Owing)
	if !ok {
		return reply{}
	}
	view := s.last
	if view.Term, view.Vote = owing.Owed(view.Term, view.Vote); view.Term == s.last.Term && same(view.Vote, s.last.Vote) {
		return reply{}
	}
	return reply{Views: map[string]View{s.name: view}}
}

// same says whether two votes are for the same server, or both for none.
func same(one, other *string) bool {
	return one == other || one != nil && other != nil && *one == *other
}

// crashedInside ends a life inside a step. What is shown is the last view, with the log that the disk
// holds now: others may count on what was written and acknowledged before.
func (c *cluster) crashedInside(s *slot) reply {
	view := s.last
	view.Log, view.Snapshot = s.node.stored()
	view.Earlier = nil
	if voter, ok := s.node.server.(DurableVote); ok {
		view.Term, view.Vote = voter.StoredVote()
	}
	s.shown.shorten(&view)
	sent, answers := s.node.take(), s.node.hangUp()
	c.crash(s)
	return reply{Crashed: true, Sent: sent, Answers: answers, Views: map[string]View{s.name: view}}
}

// stored is what the server's disk holds of its log.
func (n *Node) stored() ([]Entry, *Snapshot) {
	if durable, ok := n.server.(Durable); ok {
		return durable.Stored()
	}
	view := n.server.View()
	return view.Log, view.Snapshot
}

// step does a command that leaves a server running.
func (c *cluster) step(n *Node, done command) error {
	switch done.Op {
	case "election_timeout":
		n.electionTimeout()
	case "heartbeat_timeout":
		n.heartbeatTimeout()
	case "client_request":
		n.handle(func() { n.server.Propose(done.Command) })
	case "receive":
		return c.receive(n, packet{done.From, done.Server, done.Message})
	default:
		return c.optional(n, done)
	}
	return nil
}

// optional does a command that only some programs offer.
func (c *cluster) optional(n *Node, done command) error {
	switch server := n.server; done.Op {
	case "compact":
		if asked, ok := server.(Compactor); ok && c.program.offers("Compact") {
			asked.Compact(done.Keep)
			return nil
		}
	case "change_membership":
		if asked, ok := server.(Reconfigurer); ok && c.program.offers("ChangeMembership") {
			n.Run(func() { asked.ChangeMembership(done.Voters, done.Learners) })
			return nil
		}
	case "transfer_leadership":
		if asked, ok := server.(Transferer); ok && c.program.offers("TransferLeadership") {
			n.Run(func() { asked.TransferLeadership(done.Target) })
			return nil
		}
	case "invoke":
		if asked, ok := server.(Invoker); ok && c.program.offers("Invoke") {
			n.invoke(asked, done)
			return nil
		}
	}
	return unknown(done)
}

// unknown says that a command is not offered.
func unknown(done command) error {
	return fmt.Errorf("found command %q, expected one that hello offers", done.Op)
}

// electionTimeout lets the server's clock go on until it stands for election: it sends, or its
// term changes, where that can be seen meanwhile. A leader's election timer does not run.
func (n *Node) electionTimeout() {
	before := n.slot.last // nothing has happened to it since
	if before.Role == "leader" {
		return
	}
	if server, ok := n.server.(Elector); ok {
		server.ElectionTimeout()
		return
	}
	sent := n.Sends()
	n.Pass(electionLimit, func() bool {
		return n.Sends() > sent || n.isInAnotherTerm(before.Term)
	})
}

// heartbeatTimeout lets a leader's clock go on until it has sent its heartbeats.
func (n *Node) heartbeatTimeout() {
	if n.slot.last.Role != "leader" {
		return
	}
	if server, ok := n.server.(Heartbeater); ok {
		server.HeartbeatTimeout()
		return
	}
	sent := n.Sends()
	if n.Pass(n.cluster.timeout+heartbeatLimit, func() bool { return n.Sends() > sent }) {
		n.Pass(n.cluster.program.HeartbeatSpan, func() bool { return false })
	}
}

// isInAnotherTerm says, from inside of Pass, whether the server has left a term.
func (n *Node) isInAnotherTerm(term int) bool {
	watched, ok := n.server.(Watched)
	return ok && watched.Term() != term
}
