package main

// The calls that raft-oracle makes, answered by a Raft: put yours in the place of the toy.
//
// Fill in the methods of Cluster; protocol.go does the rest. Everything happens inside the call:
// no sockets, no clock, no dice, and no goroutine that goes on after it. Timers run out when
// raft-oracle says so.

import (
	"encoding/json"
	"fmt"
	"strings"
)

var hello = Hello{
	Protocol: 1,
	Name:     "toy",
	Version:  "1",
	Network:  "any", // "fifo", if yours relies on connections that keep order
	Observes: []string{"voted_for", "next_index and match_index", "message meanings"},
	Summary:  "the toy of the Go scaffold",
}

// Cluster is all servers of a run.
type Cluster struct {
	names   []string
	disks   map[string]*Disk
	running map[string]*Server
}

// Reset forgets everything, disks too, and starts all servers.
func (c *Cluster) Reset(servers []string, settings map[string]string) []Sent {
	for name := range settings {
		panic("setting " + name + ": the toy has none")
	}
	c.names = servers
	c.disks = map[string]*Disk{}
	c.running = map[string]*Server{}
	var sent []Sent
	for _, name := range servers {
		c.disks[name] = &Disk{}
		sent = append(sent, c.Restart(name)...)
	}
	return sent
}

// ElectionTimeout lets the election timer of a server run out.
func (c *Cluster) ElectionTimeout(server string) []Sent {
	c.running[server].ElectionTimeout()
	return c.sentBy(server)
}

// HeartbeatTimeout lets one heartbeat interval go by at a server.
func (c *Cluster) HeartbeatTimeout(server string) []Sent {
	c.running[server].HeartbeatTimeout()
	return c.sentBy(server)
}

// ClientRequest hands a server a client's command.
func (c *Cluster) ClientRequest(server, command string) []Sent {
	c.running[server].Propose(command)
	return c.sentBy(server)
}

// Receive delivers a message, as it was sent.
func (c *Cluster) Receive(server, from, message string) []Sent {
	var received Message
	if err := json.Unmarshal([]byte(message), &received); err != nil {
		panic(err)
	}
	c.running[server].Receive(from, received)
	return c.sentBy(server)
}

// Crash stops a server at once; its disk stays.
func (c *Cluster) Crash(server string) {
	delete(c.running, server)
}

// Restart starts a server from its disk.
func (c *Cluster) Restart(server string) []Sent {
	var peers []string
	for _, name := range c.names {
		if name != server {
			peers = append(peers, name)
		}
	}
	c.running[server] = NewServer(server, peers, c.disks[server])
	return c.sentBy(server)
}

// View shows what there is to be seen of a running server; Log is the whole log.
func (c *Cluster) View(server string) View {
	s := c.running[server]
	view := View{Role: s.role, Term: s.term, Commit: s.commitIndex, Applied: s.lastApplied}
	if s.votedFor != "" {
		view.Vote = &s.votedFor
	}
	if s.role == "leader" {
		view.Next, view.Match = s.nextIndex, s.matchIndex
	}
	view.Log = shownEntries(s.log)
	return view
}

// What a server sent since the last time.
func (c *Cluster) sentBy(server string) []Sent {
	s := c.running[server]
	var sent []Sent
	for _, each := range s.outbox {
		content, err := json.Marshal(each.message)
		if err != nil {
			panic(err)
		}
		sent = append(sent, Sent{From: server, To: each.to, Message: string(content),
			Label: labelOf(each.message), Meaning: meaningOf(each.message)})
	}
	s.outbox = nil
	return sent
}

func shownEntries(log []Entry) []ShownEntry {
	shown := make([]ShownEntry, len(log))
	for position, entry := range log {
		shown[position] = ShownEntry{entry.Term, entry.Command}
	}
	return shown
}

// A message in one short line; two messages with one label must be the same.
func labelOf(m Message) string {
	switch m.Type {
	case "request_vote":
		return fmt.Sprintf("RequestVote t%d last %d@%d", m.Term, m.LastLogIndex, m.LastLogTerm)
	case "request_vote_response":
		return fmt.Sprintf("RequestVote reply t%d %s", m.Term, yesOrNo(m.VoteGranted))
	case "append_entries":
		var entries strings.Builder
		for offset, entry := range m.Entries {
			index := m.PrevLogIndex + 1 + offset
			fmt.Fprintf(&entries, " %d@%d:%s", index, entry.Term, entry.Command)
		}
		return fmt.Sprintf("AppendEntries t%d prev %d@%d entries%s commit %d",
			m.Term, m.PrevLogIndex, m.PrevLogTerm, &entries, m.LeaderCommit)
	default:
		return fmt.Sprintf("AppendEntries reply t%d %s %d", m.Term, yesOrNo(m.Success), m.MatchIndex)
	}
}

func yesOrNo(value bool) string {
	if value {
		return "yes"
	}
	return "no"
}

// A message in the words of the paper; leave out what yours does not have.
func meaningOf(m Message) map[string]any {
	meaning := map[string]any{"type": m.Type, "term": m.Term}
	switch m.Type {
	case "request_vote":
		meaning["last_log_index"] = m.LastLogIndex
		meaning["last_log_term"] = m.LastLogTerm
	case "request_vote_response":
		meaning["vote_granted"] = m.VoteGranted
	case "append_entries":
		meaning["prev_log_index"] = m.PrevLogIndex
		meaning["prev_log_term"] = m.PrevLogTerm
		meaning["entries"] = shownEntries(m.Entries)
		meaning["leader_commit"] = m.LeaderCommit
	case "append_entries_response":
		meaning["success"] = m.Success
		if m.Success {
			meaning["match_index"] = m.MatchIndex
		}
	}
	return meaning
}

func main() {
	serve(hello, &Cluster{})
}
