//go:build go1.23

package main

import (
	"fmt"

	"github.com/lni/dragonboat/v4/internal/raft"
)

// offers are the optional commands that answer understands.
var offers = []string{"ChangeMembership", "Compact", "CrashInside", "Invoke", "PassTime", "TransferLeadership"}

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
		return func() { one.changeMembership(c.ids(asked.Voters)) }
	case "transfer_leadership":
		return func() { one.transferLeadership(c.id(asked.Target)) }
	case "invoke":
		return func() { one.invoke(operation{asked.Client, asked.Number}, asked.Command) }
	case "crash_inside":
		return func() { one.arm(asked.After, asked.Lost) }
	}
	return nil
}

// perform lets a server act and tells what came of it.
func (c *cluster) perform(one *server, act func()) (answer reply) {
	crashed := one.act(act)
	answer = reply{Crashed: crashed, Sent: c.packed(one), Answers: one.clients.take()}
	changed := one.changedView(c.names)
	if crashed {
		changed = one.crashedView()
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
	raft.LimitEntries(chosen.maxSize)
	c.names, c.servers = asked.Servers, nil
	answer := reply{Views: map[string]*view{}}
	for place := range asked.Servers {
		one := &server{id: uint64(place + 1), servers: len(asked.Servers), options: chosen}
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
		if one.peer == nil {
			continue
		}
		ticks := asked.Ticks
		for _, id := range fast {
			if id == one.id {
				ticks += asked.Ticks / 4
			}
		}
		one.act(func() { one.passTime(ticks) })
		answer.Sent = append(answer.Sent, c.packed(one)...)
		answer.Answers = append(answer.Answers, one.clients.take()...)
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
}

// packed takes what a server has sent. A message that one step sends twice is sent once: a timeout
// that takes several ticks sends as many equal heartbeats.
func (c *cluster) packed(one *server) []sent {
	var found []sent
	seen := map[string]bool{}
	for _, message := range one.outbox {
		text := packed(message)
		if seen[text] {
			continue
		}
		seen[text] = true
		found = append(found, sent{
			To:      c.names[message.To-1],
			From:    c.names[one.id-1],
			Message: text,
			Label:   label(message),
			Meaning: meaning(message),
		})
	}
	one.outbox = nil
	return found
}
