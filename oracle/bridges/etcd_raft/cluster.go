package main

import (
	"encoding/base64"
	"fmt"

	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// offers are the optional commands that answer understands.
var offers = []string{"ChangeMembership", "Compact", "CompleteWrite", "CrashInside", "Invoke", "PassTime", "TransferLeadership"}

// cluster is all servers of one run; a server's id is its place in names, from 1.
type cluster struct {
	names   []string
	servers []*server
}

// answer does one command; whatever the library panics with is the answer's error.
func (c *cluster) answer(asked *command) (answer reply) {
	defer func() {
		if failure := recover(); failure != nil {
			answer = reply{Error: fmt.Sprint(failure)}
		}
	}()
	switch asked.Op {
	case "reset":
		return c.reset(asked)
	case "pass_time":
		return c.passTime(asked)
	}
	one := c.server(asked.Server)
	if one == nil {
		return reply{Error: fmt.Sprintf("server: found %q, expected one of %v", asked.Server, c.names)}
	}
	act := c.action(asked, one)
	if act == nil {
		return reply{Error: fmt.Sprintf("op: found %q, which this bridge does not know", asked.Op)}
	}
	return c.perform(one, act)
}

// action is what a command at one server means; nil where the command is unknown.
func (c *cluster) action(asked *command, one *server) func() {
	switch asked.Op {
	case "election_timeout":
		return one.electionTimeout
	case "heartbeat_timeout":
		return one.heartbeatTimeout
	case "client_request":
		return func() { one.propose(asked.Command) }
	case "receive":
		return func() { one.receive(unpacked(asked.Message)) }
	case "crash":
		return one.crash
	case "restart":
		return one.restart
	case "compact":
		return func() { one.compact(asked.Keep) }
	case "change_membership":
		return func() { one.changeMembership(c.ids(asked.Voters), c.ids(asked.Learners)) }
	case "transfer_leadership":
		return func() { one.transferLeadership(c.id(asked.Target)) }
	case "invoke":
		return func() { one.invoke(asked.Client, asked.Number, asked.Command) }
	case "complete_write":
		return one.completeWrite
	case "crash_inside":
		return func() { one.arm(asked.After, asked.Lost) }
	}
	return nil
}

// perform lets a server act and tells what came of it.
func (c *cluster) perform(one *server, act func()) (answer reply) {
	crashed := one.act(act)
	answer = reply{Crashed: crashed, Sent: c.packed(one), Answers: one.told}
	one.told = nil
	changed := one.changedView(c.names)
	if crashed {
		changed = one.crashedView(c.names)
	} else if one.node == nil && one.options.late {
		changed = one.owedView(c.names)
	}
	if changed != nil {
		answer.Views = map[string]*view{c.names[one.id-1]: changed}
	}
	return answer
}

// reset starts all servers with empty disks.
func (c *cluster) reset(asked *command) reply {
	chosen, err := parseOptions(asked.Settings)
	if err != nil {
		return reply{Error: err.Error()}
	}
	c.names, c.servers = asked.Servers, nil
	answer := reply{Views: map[string]*view{}, Without: []string{"CompleteWrite"}}
	if chosen.late { // a server may know a change committed long before its log is written and applied
		answer.Without = []string{"ChangeMembership"}
	}
	for place := range asked.Servers {
		one := newServer(uint64(place+1), len(asked.Servers), chosen)
		c.servers = append(c.servers, one)
		one.act(one.restart)
		answer.Sent = append(answer.Sent, c.packed(one)...)
		answer.Views[c.names[place]] = one.changedView(c.names)
	}
	return answer
}

// passTime moves the clocks of all running servers; those of fast servers run a quarter ahead.
func (c *cluster) passTime(asked *command) reply {
	fast := c.ids(asked.Fast)
	answer := reply{Views: map[string]*view{}}
	for _, one := range c.servers {
		if one.node == nil {
			continue
		}
		ticks := asked.Ticks
		for _, id := range fast {
			if id == one.id && !one.options.leaseReads {
				ticks += asked.Ticks / 4
			}
		}
		one.act(func() { one.passTime(ticks) })
		answer.Sent = append(answer.Sent, c.packed(one)...)
		answer.Answers, one.told = append(answer.Answers, one.told...), nil
		if changed := one.changedView(c.names); changed != nil {
			answer.Views[c.names[one.id-1]] = changed
		}
	}
	return answer
}

func (c *cluster) server(name string) *server {
	if id := c.id(name); id != 0 {
		return c.servers[id-1]
	}
	return nil
}

// id is the number of a server, 0 where there is none of this name.
func (c *cluster) id(name string) uint64 {
	for place, each := range c.names {
		if each == name {
			return uint64(place + 1)
		}
	}
	return 0
}

func (c *cluster) ids(names []string) []uint64 {
	found := make([]uint64, 0, len(names))
	for _, name := range names {
		found = append(found, c.id(name))
	}
	return found
}

// sent is a message as the protocol shows it; From is the server that acted.
type sent struct {
	To      string         `json:"to"`
	From    string         `json:"from"`
	Message string         `json:"message"`
	Label   string         `json:"label"`
	Meaning map[string]any `json:"meaning"`
	Late    bool           `json:"late,omitempty"`
}

// packed takes what a server has sent. A message that one step sends twice is sent once: a timeout
// that takes several ticks sends as many equal heartbeats.
func (c *cluster) packed(one *server) []sent {
	var found []sent
	seen := map[string]bool{}
	for _, parcel := range one.outbox {
		message := parcel.message
		bytes, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
		if err != nil {
			panic(err)
		}
		text := base64.StdEncoding.EncodeToString(bytes)
		if seen[text] {
			continue
		}
		seen[text] = true
		found = append(found, sent{
			To:      c.names[message.GetTo()-1],
			From:    c.names[one.id-1],
			Message: text,
			Label:   label(message),
			Meaning: meaning(message),
			Late:    parcel.isLate,
		})
	}
	one.outbox = nil
	return found
}

func unpacked(text string) *pb.Message {
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(fmt.Sprintf("message: found %q, expected base64: %v", text, err))
	}
	message := &pb.Message{}
	if err := proto.Unmarshal(bytes, message); err != nil {
		panic(fmt.Sprintf("message: found %q, expected a raftpb.Message: %v", text, err))
	}
	return message
}
