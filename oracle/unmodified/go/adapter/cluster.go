package adapter

import (
	"fmt"
	"time"

	"raftoracle/bubble"
)

// The time, by a server's own clock, that things may take.
const (
	electionLimit  = 20 * time.Second
	heartbeatLimit = time.Second // after a Call that it may have to wait for
	startLimit     = time.Minute
)

// A packet names a message by its link and label.
type packet struct{ from, to, label string }

// A slot is a server: its disk stays, its lives come and go.
type slot struct {
	index int
	name  string
	disk  any
	life  int
	node  *Node
	shown shown
	last  View
}

// A cluster is all servers of one run.
type cluster struct {
	program *Program
	names   []string
	slots   []*slot
	byName  map[string]*slot
	calls   map[packet]*call
	answers map[packet]answer
	labels  map[packet]int
	timeout time.Duration
	isNew   bool // while a reset goes on: a busy loop is told at the first step
}

// newCluster makes servers that are not started yet.
func newCluster(program *Program, names []string) *cluster {
	c := &cluster{
		program: program, names: names, byName: map[string]*slot{},
		calls: map[packet]*call{}, answers: map[packet]answer{}, labels: map[packet]int{},
		timeout: program.CallTimeout,
	}
	if c.timeout == 0 {
		c.timeout = time.Second
	}
	for index, name := range names {
		made := &slot{index: index, name: name}
		c.slots = append(c.slots, made)
		c.byName[name] = made
	}
	return c
}

// start begins a life of a server. Its clock and its randomness follow from its place and from
// how many lives it has had.
func (c *cluster) start(s *slot) {
	s.life++
	n := &Node{Name: s.name, Index: s.index, Peers: c.names, Disk: s.disk, cluster: c, slot: s}
	s.node, s.shown = n, shown{}
	seed := uint64(s.index+1)*1000003 + uint64(s.life)*7919
	clock := time.Duration(s.life)*time.Hour + time.Duration(s.index*1234567)
	n.bubble = bubble.Start(s.name, seed, clock)
	begin := func() { n.server = c.program.Start(n) }
	if !n.Run(begin) && !n.Pass(startLimit, func() bool { return n.server != nil }) && !n.Failed() {
		n.Fail("does not start: it waits for ever")
	}
}

// crash ends a life; what is on the disk stays.
func (c *cluster) crash(s *slot) {
	s.disk = s.node.server.Crash()
	s.node.bubble.Abandon()
	s.node = nil
}

// look shows a server, or reports that it has failed.
func (c *cluster) look(s *slot) reply {
	if failure := s.node.bubble.Failure(); failure != nil {
		return failed(failure)
	}
	view := s.node.server.View()
	if failure := s.node.bubble.Failure(); failure != nil {
		return failed(failure)
	}
	if untidy := c.untidy(s.node.bubble); untidy != "" {
		return failed(&bubble.Failure{What: untidy, Stack: string(bubble.Stacks())})
	}
	before := s.last.Term
	if before < s.node.heard && s.node.heard < view.Term { // it has heard of a term, and then stood
		s.node.overlaps = true
	}
	s.last = view
	s.shown.shorten(&view)
	shown := reply{
		Sent: s.node.take(), Answers: s.node.takeAnswers(),
		Views: map[string]View{s.name: view}, Overlapping: s.node.overlaps,
	}
	for i := range shown.Sent { // what a message says may have been so earlier in this step
		sent := &shown.Sent[i]
		term, ok := sent.Meaning["term"].(int)
		sent.Late = sent.Late || shown.Overlapping || ok && before <= term && term < view.Term
	}
	return shown
}

// untidy says what a server does that costs processors or memory, if anything. While a reset goes on
// nothing is said: it is at the first step.
func (c *cluster) untidy(b *bubble.Bubble) string {
	if c.isNew {
		return ""
	}
	if !c.program.ToleratesBusyLoops {
		if loops := b.BusyLoops(); len(loops) > 0 {
			return loops[0]
		}
	}
	if c.program.ToleratesLeaks {
		return ""
	}
	return b.Leak()
}

// failed makes a reply of a failure. What may differ between processes goes to standard error.
func failed(failure *bubble.Failure) reply {
	complain(fmt.Sprintf("%s\n\n%s\n", failure.What, failure.Stack))
	if printed := bubble.Printed(); len(printed) > 0 {
		complain(fmt.Sprintf("\nprinted before, at the end:\n%s\n", printed))
	}
	return reply{Error: failure.What}
}

// reset starts all servers anew.
func (c *cluster) reset() reply {
	all := reply{Views: map[string]View{}}
	c.isNew = true
	defer func() { c.isNew = false }()
	for _, s := range c.slots {
		c.start(s)
		if s.node.Failed() {
			return failed(s.node.bubble.Failure())
		}
	}
	for _, s := range c.slots {
		one := c.look(s)
		if one.Error != "" {
			return one
		}
		all.Sent = append(all.Sent, one.Sent...)
		all.Views[s.name] = one.Views[s.name]
	}
	return all
}
