package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"strings"

	"github.com/hashicorp/raft"
)

// A machine is the state machine above a server: a key-value store, and a digest of all commands, in
// order. The store is made when something is set: making a map draws a number, and a schedule without
// clients goes the same way as if there were none.
type machine struct {
	digest uint64
	values map[string]string
}

// Apply takes a command; what it returns is the answer to a client's operation.
func (m *machine) Apply(entry *raft.Log) any {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%x %d %s", m.digest, entry.Index, entry.Data)
	m.digest = hash.Sum64()
	if _, command, isOperation := strings.Cut(string(entry.Data), ": "); isOperation {
		return m.execute(strings.Split(command, " "))
	}
	return ""
}

// execute does a command of the key-value store; what it does not know changes nothing.
func (m *machine) execute(words []string) string {
	switch {
	case len(words) == 2 && words[0] == "get":
		return m.values[words[1]]
	case len(words) == 3 && words[0] == "set":
		m.set(words[1], words[2])
	case len(words) == 3 && words[0] == "append":
		m.set(words[1], m.values[words[1]]+words[2])
		return m.values[words[1]]
	}
	return ""
}

// set makes a key hold a value.
func (m *machine) set(key, value string) {
	if m.values == nil {
		m.values = map[string]string{}
	}
	m.values[key] = value
}

// StoreConfiguration does nothing; but it is there, so that a snapshot may end with a configuration
// where no command came after it.
func (m *machine) StoreConfiguration(uint64, raft.Configuration) {}

// Snapshot is the state as it is now.
func (m *machine) Snapshot() (raft.FSMSnapshot, error) {
	return &image{m.digest, maps.Clone(m.values)}, nil
}

// Restore takes the state of a snapshot.
func (m *machine) Restore(from io.ReadCloser) error {
	*m = machine{}
	if err := binary.Read(from, binary.BigEndian, &m.digest); err != nil {
		return err
	}
	values, err := io.ReadAll(from)
	if err != nil || len(values) == 0 {
		return err
	}
	return json.Unmarshal(values, &m.values)
}

// An image is a state that is written to a snapshot.
type image machine

// Persist writes it.
func (i *image) Persist(to raft.SnapshotSink) error {
	if err := binary.Write(to, binary.BigEndian, i.digest); err != nil {
		return err
	}
	if i.values != nil {
		if err := json.NewEncoder(to).Encode(i.values); err != nil {
			return err
		}
	}
	return to.Close()
}

// Release has nothing to give back.
func (*image) Release() {}
