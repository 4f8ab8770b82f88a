package adapter

import "slices"

// An operation of a client that waits at a server for its answer.
type operation struct{ client, number int }

// invoke hands a server a client's operation.
func (n *Node) invoke(server Invoker, asked command) {
	n.open = append(n.open, operation{asked.Client, asked.Number})
	n.Run(func() { server.Invoke(asked.Client, asked.Number, asked.Command) })
}

// Answer tells a client what came of its operation; with nil, that it cannot know.
func (n *Node) Answer(client, number int, output *string) {
	place := slices.Index(n.open, operation{client, number})
	if n.IsGone() || place < 0 {
		return
	}
	n.open = slices.Delete(n.open, place, place+1)
	n.told = append(n.told, answered{client, number, output})
}

// takeAnswers returns what clients were told since the last command.
func (n *Node) takeAnswers() []answered {
	told := n.told
	n.told = nil
	return told
}

// hangUp tells all clients that wait that they cannot know what became of their operations: the
// server crashes, and they notice.
func (n *Node) hangUp() []answered {
	for len(n.open) > 0 {
		n.Answer(n.open[0].client, n.open[0].number, nil)
	}
	return n.takeAnswers()
}
