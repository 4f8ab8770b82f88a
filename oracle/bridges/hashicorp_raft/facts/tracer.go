// Package facts writes what the servers of hashicorp/raft do as facts, which raft-oracle check-trace judges.
//
// Make one Tracer for all servers of a process, call its NewRaft in place of raft.NewRaft, and its
// Crash once a server has been shut down:
//
//	tracer := facts.NewTracer(file)
//	node, err := tracer.NewRaft(config, fsm, logs, stable, snapshots, transport)
//	...
//	err = node.Shutdown().Error()
//	tracer.Crash(config.LocalID)
//	err = tracer.Close()
//
// One mutex orders all lines, so that they stand in the order in which things happened. The rules
// by which that holds are beside the code of each: transport.go, stores.go and life.go.
package facts

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

const (
	flushInterval = 20 * time.Millisecond
	flushSize     = 1 << 16
)

// A Tracer writes the facts of all servers of one process.
type Tracer struct {
	mutex sync.Mutex
	// idle is told when a server has answered, or is no more.
	idle    *sync.Cond
	out     io.Writer
	buffer  []byte
	err     error
	lines   map[string]int
	lives   map[string]*life
	names   map[raft.ServerAddress]string
	stopped chan struct{}
	done    chan struct{}
}

// NewTracer writes a header, and facts from now on, in whole lines.
func NewTracer(out io.Writer) *Tracer {
	tracer := &Tracer{
		out:     out,
		lines:   map[string]int{},
		lives:   map[string]*life{},
		names:   map[raft.ServerAddress]string{},
		stopped: make(chan struct{}),
		done:    make(chan struct{}),
	}
	tracer.idle = sync.NewCond(&tracer.mutex)
	tracer.encode(header{Event: "trace", Version: 1, Order: "total", Messages: "some"})
	go tracer.flushNowAndThen()
	return tracer
}

// Err is the first error of writing, after which nothing more is written.
func (t *Tracer) Err() error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.err
}

// Close writes what is left; servers that still run are not heard any more.
func (t *Tracer) Close() error {
	close(t.stopped)
	<-t.done
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.flush()
	for _, life := range t.lives {
		life.dead = true
	}
	t.idle.Broadcast()
	return t.err
}

// Crash says that a server has stopped; what is left of it is not heard any more.
func (t *Tracer) Crash(id raft.ServerID) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if life := t.lives[string(id)]; life != nil && !life.dead {
		life.write(&fact{Event: "crash"})
		life.dead = true
		t.idle.Broadcast()
	}
}

func (t *Tracer) flushNowAndThen() {
	defer close(t.done)
	ticker := time.NewTicker(flushInterval)
	defer ticker.Stop()
	for {
		select {
		case <-t.stopped:
			return
		case <-ticker.C:
			t.mutex.Lock()
			t.flush()
			t.mutex.Unlock()
		}
	}
}

func (t *Tracer) flush() {
	if len(t.buffer) > 0 && t.err == nil {
		_, t.err = t.out.Write(t.buffer)
	}
	t.buffer = t.buffer[:0]
}

func (t *Tracer) encode(line any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(fmt.Errorf("a fact cannot be written: %w", err))
	}
	t.buffer = append(append(t.buffer, text...), '\n')
	if len(t.buffer) >= flushSize {
		t.flush()
	}
}

// nameOf is the server behind an address.
func (t *Tracer) nameOf(address raft.ServerAddress) string {
	if name, known := t.names[address]; known {
		return name
	}
	return string(address)
}

type header struct {
	Event    string `json:"event"`
	Version  int    `json:"version"`
	Order    string `json:"order"`
	Messages string `json:"messages"`
}

// fact is a line; docs/traces.md of raft-oracle says what each event has.
type fact struct {
	Event     string   `json:"event"`
	Server    string   `json:"server"`
	Seq       int      `json:"seq"`
	Term      *uint64  `json:"term,omitempty"`
	VotedFor  any      `json:"voted_for,omitempty"`
	Role      string   `json:"role,omitempty"`
	Index     *uint64  `json:"index,omitempty"`
	First     *uint64  `json:"from,omitempty"`
	LastIndex *uint64  `json:"last_index,omitempty"`
	Commit    *uint64  `json:"commit,omitempty"`
	Digest    string   `json:"digest,omitempty"`
	Voters    []string `json:"voters,omitempty"`
	Learners  []string `json:"learners,omitempty"`
}

// nobody is a vote that was not given; it is written as null, and not left out.
type nobody struct{}

func (nobody) MarshalJSON() ([]byte, error) { return []byte("null"), nil }
