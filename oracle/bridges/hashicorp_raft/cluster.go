package main

import (
	"fmt"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"raft-oracle/bridges/hashicorp-raft/facts"
)

// spares are servers beside those that the cluster begins with.
const spares = 2

// patience is how long a server may take to stop.
const patience = 10 * time.Second

// cluster is all servers of a run; only one thread starts and stops them.
type cluster struct {
	options
	tracer  *facts.Tracer
	network *network
	servers []*server
}

type server struct {
	name  string
	disk  *disk
	head  *head
	node  *raft.Raft
	spare bool
}

func newCluster(chosen options, tracer *facts.Tracer) (*cluster, error) {
	made := &cluster{options: chosen, tracer: tracer, network: newNetwork(chosen.seed+1, 2*chosen.timeout)}
	var first raft.Configuration
	for number := 1; number <= chosen.servers+spares; number++ {
		each := &server{name: fmt.Sprintf("s%d", number), disk: newDisk(), spare: number > chosen.servers}
		made.servers = append(made.servers, each)
		if !each.spare {
			first.Servers = append(first.Servers, raft.Server{ID: raft.ServerID(each.name), Address: each.address()})
		}
	}
	for _, each := range made.servers {
		if !each.spare {
			_, transport := raft.NewInmemTransport(each.address())
			err := raft.BootstrapCluster(made.configuration(each), each.disk.store, each.disk.store,
				&each.disk.snapshots, transport, first)
			if err != nil {
				return nil, err
			}
		}
		if each.spare && !chosen.faults["members"] {
			continue
		}
		if err := made.start(each); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func (s *server) address() raft.ServerAddress { return raft.ServerAddress(s.name) }

func (c *cluster) configuration(of *server) *raft.Config {
	config := raft.DefaultConfig()
	config.LocalID = raft.ServerID(of.name)
	config.HeartbeatTimeout = c.timeout
	config.ElectionTimeout = c.timeout
	config.LeaderLeaseTimeout = c.timeout
	config.CommitTimeout = max(c.timeout/10, time.Millisecond)
	config.MaxAppendEntries = int(c.maxAppend)
	config.SnapshotInterval = 4 * c.timeout
	config.SnapshotThreshold = c.threshold
	config.TrailingLogs = c.trailing
	config.PreVoteDisabled = !c.preVote
	config.ShutdownOnRemove = false
	config.NoLegacyTelemetry = true
	config.Logger = hclog.NewNullLogger()
	return config
}

func (c *cluster) start(each *server) error {
	each.head = newHead(each.disk.store, c.readDelay)
	node, err := c.tracer.NewRaft(c.configuration(each), &counter{}, each.head, each.head,
		&each.disk.snapshots, c.network.join(each.address()))
	if err != nil {
		return fmt.Errorf("%s does not start: %w", each.name, err)
	}
	each.node = node
	return nil
}

// stop shuts a server down, and lets it finish what it is doing.
func (c *cluster) stop(each *server) error {
	done := make(chan error, 1)
	down := each.node.Shutdown()
	go func() { done <- down.Error() }()
	select {
	case err := <-done:
		if err != nil {
			return err
		}
	case <-time.After(patience):
		return fmt.Errorf("%s: found no end of its shutdown in %s", each.name, patience)
	}
	c.down(each)
	return nil
}

// kill stops a server before one of its next writes, if it makes one in time: of anything, or of a
// term or vote, for which leaders are asked to hand over.
func (c *cluster) kill(each *server, inVote bool, writes int, wait time.Duration) {
	each.head.stopAfter(inVote, writes)
	for _, leader := range c.leaders() {
		if inVote {
			leader.node.LeadershipTransfer()
		}
	}
	select {
	case <-each.head.fallen:
		node := each.node
		c.down(each)
		node.Shutdown()
	case <-time.After(wait):
		each.head.stopAfter(false, -1)
	}
}

func (c *cluster) down(each *server) {
	c.tracer.Crash(raft.ServerID(each.name))
	each.head.stop()
	c.network.leave(each.address())
	each.node = nil
}

// leads: it takes itself for a leader.
func (s *server) leads() bool { return s.node != nil && s.node.State() == raft.Leader }

// leaders are all that do.
func (c *cluster) leaders() (found []*server) {
	for _, each := range c.servers {
		if each.leads() {
			found = append(found, each)
		}
	}
	return found
}
