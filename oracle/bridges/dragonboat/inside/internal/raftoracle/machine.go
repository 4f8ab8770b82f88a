//go:build go1.23

package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"

	pb "github.com/lni/dragonboat/v4/raftpb"
)

// machine is the state machine of one server: a small key-value store, and a digest of all that was
// executed.
type machine struct {
	Digest string
	Values map[string]string
}

// execute does a command; its output is what a client gets.
func (m *machine) execute(index uint64, command string) string {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s\n%d %s", m.Digest, index, command)
	m.Digest = fmt.Sprintf("%016x", hash.Sum64())
	switch words := strings.Fields(command); {
	case len(words) == 3 && words[0] == "set":
		m.Values[words[1]] = words[2]
	case len(words) == 3 && words[0] == "append":
		m.Values[words[1]] += words[2]
		return m.Values[words[1]]
	}
	return ""
}

// packed is all of it as text, which stands for the file of a snapshot.
func (m *machine) packed() string {
	text, err := json.Marshal(m)
	must(err)
	return string(text)
}

// unpackedMachine is what a snapshot holds; the empty machine where there is none.
func unpackedMachine(snapshot pb.Snapshot) machine {
	found := machine{Values: map[string]string{}}
	if !pb.IsEmptySnapshot(snapshot) {
		must(json.Unmarshal([]byte(snapshot.Filepath), &found))
	}
	return found
}

// operation is one that a client asked for: who, and which.
type operation struct{ client, number int }

// answer is what a client got.
type answer struct {
	Client int    `json:"client"`
	Number int    `json:"number"`
	Output string `json:"output"`
}

// clients are those that wait at one server. A crash forgets them.
type clients struct {
	writes  map[operation]bool
	reads   map[operation]string // the key
	ready   []readyRead
	answers []answer
}

// readyRead is a read that may be answered once so much is applied.
type readyRead struct {
	asked operation
	index uint64
}

func newClients() clients {
	return clients{writes: map[operation]bool{}, reads: map[operation]string{}}
}

// take hands out what clients got since the last time.
func (c *clients) take() []answer {
	taken := c.answers
	c.answers = nil
	return taken
}

// written answers a write that is executed, where its client waits here.
func (c *clients) written(entry pb.Entry, output string) {
	asked := operation{int(entry.ClientID), int(entry.SeriesID)}
	if c.writes[asked] {
		delete(c.writes, asked)
		c.answers = append(c.answers, answer{asked.client, asked.number, output})
	}
}

// confirmed notes that reads may be answered.
func (c *clients) confirmed(reads []pb.ReadyToRead) {
	for _, each := range reads {
		asked := operation{int(each.SystemCtx.Low), int(each.SystemCtx.High)}
		c.ready = append(c.ready, readyRead{asked, each.Index})
	}
}

// read answers the reads whose index is applied.
func (c *clients) read(applied uint64, values map[string]string) {
	var waiting []readyRead
	for _, each := range c.ready {
		key, asked := c.reads[each.asked]
		if !asked {
			continue
		}
		if each.index > applied {
			waiting = append(waiting, each)
			continue
		}
		delete(c.reads, each.asked)
		c.answers = append(c.answers, answer{each.asked.client, each.asked.number, values[key]})
	}
	c.ready = waiting
}
