package adapter

import (
	"errors"
	"time"

	"raftoracle/bubble"
)

// ErrTimeout is what Call returns when no answer came in time.
var ErrTimeout = errors.New("no answer in time")

// A Node is one life of a server, as its transport and its author see it.
type Node struct {
	// Name of the server, "S1" to "S9", and its place among Peers, from 0 on.
	Name  string
	Index int
	// Peers are the names of all servers, itself included.
	Peers []string
	// Disk is what the life before left; nil in the first one.
	Disk any

	cluster  *cluster
	slot     *slot
	bubble   *bubble.Bubble
	server   Server
	outbox   []sentMessage
	armed    *crashPoint
	waiting  []*call // since the last FailCalls
	handled  int     // how many messages and commands of clients it has not done with
	heard    int     // the term of the request that has arrived in this step, if it is known
	open     []operation
	told     []answered // what clients got since the last command
	overlaps bool       // whether it was busy with one when this step began, or has to wait in this step
}

// A crashPoint is where a server will crash inside a step: after so many operations.
type crashPoint struct {
	after   int
	reached bool
}

// Operation is called before each write to the disk and each message that is sent. Where the server
// is to crash inside its step before that, it does not return.
func (n *Node) Operation() {
	if n.IsGone() {
		select {}
	}
	if n.armed == nil {
		return
	}
	if n.armed.after == 0 {
		n.armed.reached = true
		select {}
	}
	n.armed.after--
}

// hasCrashed says whether the server has come to its crash point.
func (n *Node) hasCrashed() bool { return n.armed != nil && n.armed.reached }

// IsGone says whether this life is over.
func (n *Node) IsGone() bool { return n.bubble.IsGone() }

// Run does f in a goroutine of the bubble, and says whether it came to its end before all
// goroutines of the bubble waited.
func (n *Node) Run(f func()) (ended bool) {
	n.bubble.Do(func() {
		go func() {
			f()
			ended = true
		}()
	})
	return ended
}

// Pass lets the server's clock go on until something is so, at most for the time given.
func (n *Node) Pass(limit time.Duration, until func() bool) bool {
	return n.bubble.Pass(limit, func() bool { return n.hasCrashed() || until() })
}

// Advance lets the server's clock go on by so much.
func (n *Node) Advance(span time.Duration) { n.bubble.Advance(span) }

// Activity is how often something may have happened at the server: where it is as before, all is.
func (n *Node) Activity() int { return n.bubble.Activity() }

// CallTimeout is how long a Call waits for its answer.
func (n *Node) CallTimeout() time.Duration { return n.cluster.timeout }

// Sends is how many messages the server has sent since the last command began.
func (n *Node) Sends() int { return len(n.outbox) }

// Waits says whether the server waits for the answer to a Call.
func (n *Node) Waits() bool {
	for _, call := range n.cluster.calls {
		if call.caller == n && !call.over {
			return true
		}
	}
	return false
}

// FailCalls ends all Calls that wait, with ErrTimeout, as if their connections had broken.
func (n *Node) FailCalls() {
	waiting := n.waiting
	n.waiting = nil
	n.bubble.Do(func() {
		for _, made := range waiting {
			if made.over {
				continue
			}
			select {
			case made.answers <- answer{call: made, err: ErrTimeout}:
			default: // it has an answer already
			}
		}
	})
}

// Fail reports that the server has failed, in one line that is the same in every process.
func (n *Node) Fail(what string) { n.bubble.Fail(n.Name+": "+what, string(bubble.Stacks())) }

// WaitsAt says in words where goroutines of the server wait for others, but for those that came through
// functions with these names.
func (n *Node) WaitsAt(except ...string) string { return n.bubble.Waits(except...) }

// WaitThrough says for what the goroutine waits that came through a function of this name.
func (n *Node) WaitThrough(function string) string { return n.bubble.WaitThrough(function) }

// Failed says whether the server has failed.
func (n *Node) Failed() bool { return n.bubble.Failure() != nil }

// take returns what was sent since the last command.
func (n *Node) take() []sentMessage {
	sent := n.outbox
	n.outbox = nil
	return sent
}

// Send sends a message that needs no answer.
func (n *Node) Send(to string, message Message) {
	n.Operation()
	n.cluster.post(n, to, &call{from: n.slot, to: n.cluster.byName[to], request: message})
}

// Call sends a request, and returns the answer, or ErrTimeout when none came in time.
func (n *Node) Call(to string, request Message) (Message, error) {
	n.Operation()
	made := &call{
		from: n.slot, to: n.cluster.byName[to], caller: n,
		request: request, answers: make(chan answer, 1),
	}
	n.waiting = append(n.waiting, made)
	n.cluster.post(n, to, made)
	timer := time.NewTimer(n.cluster.timeout)
	defer timer.Stop()
	select {
	case answer := <-made.answers:
		made.over = true
		return answer.message, answer.err
	case <-timer.C:
		made.over = true
		return Message{}, ErrTimeout
	}
}
