package adapter

import (
	"fmt"
	"time"
)

// A Trial is a cluster that a Program drives by itself, before raft-oracle does, to find out what
// its servers can do. Nothing is lost, and messages arrive in the order in which they are asked for.
type Trial struct {
	cluster *cluster
	flight  []sentMessage
}

// NewTrial starts a cluster of so many servers.
func NewTrial(program *Program, servers int) (*Trial, error) {
	names := make([]string, servers)
	for i := range names {
		names[i] = fmt.Sprintf("S%d", i+1)
	}
	t := &Trial{cluster: newCluster(program, names)}
	return t, t.take(t.cluster.reset(), nil)
}

// take keeps what was sent, or says what failed.
func (t *Trial) take(done reply, err error) error {
	if err != nil {
		return err
	}
	if done.Error != "" {
		return fmt.Errorf("%s", done.Error)
	}
	t.flight = append(t.flight, done.Sent...)
	return nil
}

// Names are the names of the servers.
func (t *Trial) Names() []string { return t.cluster.names }

// Advance lets a server's clock go on by so much.
func (t *Trial) Advance(server string, span time.Duration) error {
	s := t.cluster.byName[server]
	s.node.Advance(span)
	return t.take(t.cluster.look(s), nil)
}

// IsUp says whether a server runs.
func (t *Trial) IsUp(name string) bool { return t.cluster.byName[name].node != nil }

// Server is the present life of a server.
func (t *Trial) Server(name string) Server { return t.cluster.byName[name].node.server }

// Do does one command at a server, such as "election_timeout", "crash" or "restart".
func (t *Trial) Do(op, server string) error {
	return t.take(t.cluster.act(command{Op: op, Server: server}))
}

// Propose hands a client's command to a server.
func (t *Trial) Propose(server, text string) error {
	return t.take(t.cluster.act(command{Op: "client_request", Server: server, Command: text}))
}

// Compact asks a server for a snapshot.
func (t *Trial) Compact(server string, keep int) error {
	return t.take(t.cluster.act(command{Op: "compact", Server: server, Keep: keep}))
}

// Deliver lets all messages on one link arrive that are under way there.
func (t *Trial) Deliver(from, to string) error {
	flight := t.flight
	t.flight = nil
	for _, sent := range flight {
		if sent.From != from || sent.To != to {
			t.flight = append(t.flight, sent)
		}
	}
	for _, sent := range flight {
		if sent.From == from && sent.To == to && t.cluster.byName[to].node != nil {
			arrives := command{Op: "receive", Server: to, From: from, Message: sent.Message}
			if err := t.take(t.cluster.act(arrives)); err != nil {
				return err
			}
		}
	}
	return nil
}

// DeliverAll lets messages arrive until there are none, or so many have arrived.
func (t *Trial) DeliverAll(limit int) error {
	for count := 0; len(t.flight) > 0 && count < limit; count++ {
		sent := t.flight[0]
		t.flight = t.flight[1:]
		if t.cluster.byName[sent.To].node == nil {
			continue
		}
		arrives := command{Op: "receive", Server: sent.To, From: sent.From, Message: sent.Message}
		if err := t.take(t.cluster.act(arrives)); err != nil {
			return err
		}
	}
	return nil
}

// Drop loses all messages that are under way.
func (t *Trial) Drop() { t.flight = nil }

// End abandons all servers.
func (t *Trial) End() {
	for _, s := range t.cluster.slots {
		if s.node != nil {
			s.node.bubble.Abandon()
			s.node = nil
		}
	}
}
