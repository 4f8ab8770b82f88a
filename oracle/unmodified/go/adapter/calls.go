package adapter

import "fmt"

// A call is a request on its way, from the moment it is sent until its caller goes on.
type call struct {
	from, to  *slot
	caller    *Node // nil for a message that needs no answer
	request   Message
	answers   chan answer // made in the caller's bubble
	delivered bool
	over      bool
}

// An answer is what became of a call.
type answer struct {
	call    *call
	message Message
	err     error
}

// post sends a request: it becomes a packet for raft-oracle.
func (c *cluster) post(n *Node, to string, made *call) {
	label := c.send(n, to, made.request)
	c.calls[packet{n.Name, to, label}] = made
}

// send writes a packet into the server's outbox, and returns its label, which is its alone on its
// link.
func (c *cluster) send(n *Node, to string, message Message) string {
	label := message.Label
	key := packet{n.Name, to, label}
	c.labels[key]++
	if count := c.labels[key]; count > 1 {
		label = fmt.Sprintf("%s (%d)", label, count)
	}
	n.outbox = append(n.outbox, sentMessage{n.Name, to, label, label, message.Meaning, message.Late})
	return label
}

// receive lets a packet arrive at a running server.
func (c *cluster) receive(n *Node, arrived packet) error {
	if made, ok := c.calls[arrived]; ok {
		n.heard, _ = made.request.Meaning["term"].(int)
		n.serve(made)
		return nil
	}
	if got, ok := c.answers[arrived]; ok {
		n.resume(got)
		return nil
	}
	return fmt.Errorf("receive: found no message %q from %s to %s", arrived.label, arrived.from, arrived.to)
}

// serve handles a request in a goroutine of its own, and sends the answer when there is one.
func (n *Node) serve(made *call) {
	program := n.cluster.program
	if made.delivered && !program.RunsTwice || made.over && !program.RunsLate {
		return
	}
	made.delivered = true
	n.handle(func() {
		message, err := n.server.Receive(made.from.name, made.request)
		if made.caller == nil {
			return
		}
		n.Operation()
		if err != nil {
			message.Label = made.request.Label + ": error: " + err.Error()
			message.Meaning = Meaning{"type": "other"}
		}
		label := n.cluster.send(n, made.from.name, message)
		n.cluster.answers[packet{n.Name, made.from.name, label}] = answer{made, message, err}
	})
}

// handle runs what came from outside, which may wait for a lock, or sleep, and end in a later step.
func (n *Node) handle(f func()) {
	n.handled++
	ended := n.Run(func() {
		f()
		n.handled--
	})
	n.overlaps = n.overlaps || !ended
}

// resume lets a caller go on with an answer, if it still waits for one.
func (n *Node) resume(got answer) {
	if got.call.caller != n || got.call.over {
		return
	}
	n.bubble.Do(func() {
		select {
		case got.call.answers <- got:
		default: // it has an answer already
		}
	})
}
