//go:build go1.23

package main

import (
	"fmt"
	"slices"

	"github.com/lni/dragonboat/v4/internal/raft"
	pb "github.com/lni/dragonboat/v4/raftpb"
)

// configuration is who votes from an index on.
type configuration struct {
	voters []uint64
	since  uint64
}

// packed is the configuration as snapshots hold it.
func (c configuration) packed() pb.Membership {
	found := pb.Membership{ConfigChangeId: c.since, Addresses: map[uint64]string{}}
	for _, each := range c.voters {
		found.Addresses[each] = address(each)
	}
	return found
}

func address(id uint64) string { return fmt.Sprintf("S%d", id) }

// firstMembers are all servers, which their administrators have started together.
func firstMembers(servers int) configuration {
	var found configuration
	for id := range servers {
		found.voters = append(found.voters, uint64(id+1))
	}
	return found
}

func firstAddresses(servers int) []raft.PeerAddress {
	var found []raft.PeerAddress
	for _, id := range firstMembers(servers).voters {
		found = append(found, raft.PeerAddress{Address: address(id), ReplicaID: id})
	}
	return found
}

// enforce puts a configuration in force.
func (s *server) enforce(members configuration) {
	s.members = members
	s.passed = append(s.passed, members)
}

// changeMembership proposes the first change that leads to these voters: the library changes by one
// server at a time.
func (s *server) changeMembership(voters []uint64) {
	if change := s.members.towards(voters); change != nil {
		must(s.peer.ProposeConfigChange(*change, 0))
	}
}

// towards is the first step to other voters; nil where there is none.
func (c configuration) towards(voters []uint64) *pb.ConfigChange {
	for _, id := range voters {
		if !slices.Contains(c.voters, id) {
			return &pb.ConfigChange{Type: pb.AddNode, ReplicaID: id, Address: address(id)}
		}
	}
	for _, id := range c.voters {
		if !slices.Contains(voters, id) {
			return &pb.ConfigChange{Type: pb.RemoveNode, ReplicaID: id}
		}
	}
	return nil
}

// applyChange makes a committed change, or tells the library that it is none.
func (s *server) applyChange(entry pb.Entry) {
	change := changeIn(entry)
	is := slices.Contains(s.members.voters, change.ReplicaID)
	voters := slices.Clone(s.members.voters)
	switch {
	case change.Initialize:
		must(s.peer.ApplyConfigChange(change))
		return
	case change.Type == pb.AddNode && !is:
		voters = append(voters, change.ReplicaID)
		slices.Sort(voters)
	case change.Type == pb.RemoveNode && is && len(voters) > 1:
		voters = slices.DeleteFunc(voters, func(each uint64) bool { return each == change.ReplicaID })
	default:
		must(s.peer.RejectConfigChange())
		return
	}
	must(s.peer.ApplyConfigChange(change))
	s.enforce(configuration{voters, entry.Index})
}

func changeIn(entry pb.Entry) pb.ConfigChange {
	var change pb.ConfigChange
	pb.MustUnmarshal(&change, entry.Cmd)
	return change
}
