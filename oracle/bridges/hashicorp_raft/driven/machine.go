package main

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"

	"github.com/hashicorp/raft"
)

// A machine is the state machine above a server. Its state is a digest of all commands, in order.
type machine struct{ digest uint64 }

// Apply takes a command.
func (m *machine) Apply(entry *raft.Log) any {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%x %d %s", m.digest, entry.Index, entry.Data)
	m.digest = hash.Sum64()
	return nil
}

// StoreConfiguration does nothing; but it is there, so that a snapshot may end with a configuration
// where no command came after it.
func (m *machine) StoreConfiguration(uint64, raft.Configuration) {}

// Snapshot is the state as it is now.
func (m *machine) Snapshot() (raft.FSMSnapshot, error) { return image(m.digest), nil }

// Restore takes the state of a snapshot.
func (m *machine) Restore(from io.ReadCloser) error {
	return binary.Read(from, binary.BigEndian, &m.digest)
}

// An image is a state that is written to a snapshot.
type image uint64

// Persist writes it.
func (i image) Persist(to raft.SnapshotSink) error {
	if err := binary.Write(to, binary.BigEndian, uint64(i)); err != nil {
		return err
	}
	return to.Close()
}

// Release has nothing to give back.
func (image) Release() {}
