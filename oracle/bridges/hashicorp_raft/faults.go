package main

import (
	"fmt"
	"math/rand"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// faultNames are what may be let happen to a cluster; membership changes and snapshots are no
// faults, and are chosen with them.
var faultNames = []string{"partitions", "loss", "restarts", "transfers", "snapshots", "members"}

const changeTimeout = 200 * time.Millisecond

// run lets faults happen for as long as is wanted, while a client sends commands.
func (c *cluster) run() error {
	dice := rand.New(rand.NewSource(c.seed))
	end := time.Now().Add(time.Duration(c.seconds * float64(time.Second)))
	var clients sync.WaitGroup
	defer clients.Wait()
	stopped := make(chan struct{})
	defer close(stopped)
	targets := make(chan []*raft.Raft)
	clients.Go(func() { c.send(targets, stopped) })
	for time.Now().Before(end) && c.tracer.Err() == nil {
		if err := c.fault(dice); err != nil {
			return err
		}
		c.lead(targets, min(time.Duration(dice.Int63n(int64(8*c.timeout))), time.Until(end)))
	}
	return c.tracer.Err()
}

// lead tells the client who leads, or thinks so, for a while.
func (c *cluster) lead(targets chan<- []*raft.Raft, wait time.Duration) {
	end := time.After(wait)
	for {
		var nodes []*raft.Raft
		for _, each := range c.leaders() {
			nodes = append(nodes, each.node)
		}
		select {
		case targets <- nodes:
		case <-end:
			return
		}
		select {
		case <-end:
			return
		case <-time.After(c.timeout / 10):
		}
	}
}

// send sends commands at the rate that is wanted, to all of whom it was last told.
func (c *cluster) send(targets <-chan []*raft.Raft, stopped <-chan struct{}) {
	if c.rate == 0 {
		<-stopped
		return
	}
	ticker := time.NewTicker(time.Second / time.Duration(c.rate))
	defer ticker.Stop()
	var nodes []*raft.Raft
	for number := 1; ; number++ {
		select {
		case <-stopped:
			return
		case nodes = <-targets:
		case <-ticker.C:
			for _, node := range nodes {
				node.Apply(fmt.Appendf(nil, "v%d", number), time.Millisecond)
			}
		}
	}
}

// draw is what happens next, of what is chosen: every other time partitions, if they are.
func (c *cluster) draw(dice *rand.Rand) string {
	var chosen []string
	for _, name := range faultNames {
		if c.faults[name] {
			chosen = append(chosen, name)
		}
	}
	switch {
	case len(chosen) == 0:
		return ""
	case c.faults["partitions"] && dice.Intn(2) == 0:
		return "partitions"
	}
	return chosen[dice.Intn(len(chosen))]
}

func (c *cluster) fault(dice *rand.Rand) error {
	name := c.draw(dice)
	each := c.servers[dice.Intn(len(c.servers))]
	if each.node == nil && name != "restarts" {
		return nil
	}
	switch name {
	case "partitions":
		c.partition(dice)
	case "loss":
		c.network.worsen(dice.Float64()*0.3, time.Duration(dice.Int63n(int64(2*c.timeout))))
	case "restarts":
		return c.restart(dice, each)
	case "transfers":
		for _, leader := range c.leaders() {
			leader.node.LeadershipTransfer()
		}
	case "snapshots":
		each.node.Snapshot()
	case "members":
		c.change(dice, each)
	}
	return nil
}

// partition mends what is cut, or cuts some servers off, in one direction or in both, or single links.
func (c *cluster) partition(dice *rand.Rand) {
	c.network.mend()
	if dice.Intn(2) == 0 {
		return
	}
	sides := dice.Intn(1 << len(c.servers))
	if dice.Intn(2) == 0 {
		sides = c.leadersSide()
	}
	oneWay, single := dice.Intn(4) == 0, dice.Intn(4) == 0
	for place, from := range c.servers {
		for other, to := range c.servers[:place] {
			isCut := sides>>place&1 != sides>>other&1
			if single {
				isCut = dice.Intn(3) == 0
			}
			c.network.cut(from.address(), to.address(), isCut && (!oneWay || sides>>place&1 == 1))
			c.network.cut(to.address(), from.address(), isCut && (!oneWay || sides>>other&1 == 1))
		}
	}
}

// leadersSide is a side with nobody but those that lead.
func (c *cluster) leadersSide() (sides int) {
	for place, each := range c.servers {
		if each.leads() {
			sides |= 1 << place
		}
	}
	return sides
}

// restart starts a server that is down, or stops one.
func (c *cluster) restart(dice *rand.Rand, each *server) error {
	switch {
	case each.node == nil && each.head != nil:
		return c.start(each)
	case each.node == nil:
		return nil
	case c.inside && dice.Intn(4) > 0:
		c.kill(each, dice.Intn(2) == 0, dice.Intn(3), 4*c.timeout)
		return nil
	}
	return c.stop(each)
}

// change asks the leader for another configuration.
func (c *cluster) change(dice *rand.Rand, each *server) {
	leaders := c.leaders()
	if len(leaders) == 0 {
		return
	}
	leader := leaders[dice.Intn(len(leaders))]
	id := raft.ServerID(each.name)
	switch dice.Intn(5) {
	case 0, 1:
		leader.node.AddVoter(id, each.address(), 0, changeTimeout)
	case 2:
		leader.node.AddNonvoter(id, each.address(), 0, changeTimeout)
	case 3:
		leader.node.DemoteVoter(id, 0, changeTimeout)
	case 4:
		leader.node.RemoveServer(id, 0, changeTimeout)
	}
}
