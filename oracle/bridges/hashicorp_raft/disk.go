package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// disk is what survives a restart.
type disk struct {
	store     *raft.InmemStore
	snapshots snapshotStore
}

func newDisk() *disk { return &disk{store: raft.NewInmemStore()} }

// head is a server's access to its disk from one start to the next. It may be set to stop before
// one of the next writes, as if the process had been killed there.
type head struct {
	*raft.InmemStore
	mutex  sync.Mutex
	left   int
	inVote bool
	fallen chan struct{}
	isDown bool
	delay  time.Duration
}

func newHead(store *raft.InmemStore, delay time.Duration) *head {
	return &head{InmemStore: store, left: -1, fallen: make(chan struct{}), delay: delay}
}

// GetLog takes a while, as it does on a disk.
func (h *head) GetLog(index uint64, entry *raft.Log) error {
	if h.delay > 0 {
		time.Sleep(time.Duration(rand.Int63n(int64(h.delay))))
	}
	return h.InmemStore.GetLog(index, entry)
}

// stopAfter lets so many writes pass, of terms and votes only or of any, before the one that is not made.
func (h *head) stopAfter(inVote bool, writes int) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.inVote, h.left = inVote, writes
}

// stop ends all writes.
func (h *head) stop() {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.isDown = true
}

// write does a write, or never returns.
func (h *head) write(isVote bool, inner func() error) error {
	h.mutex.Lock()
	counts := isVote || !h.inVote
	if counts && h.left == 0 && !h.isDown {
		h.isDown = true
		close(h.fallen)
	}
	if h.isDown {
		h.mutex.Unlock()
		select {}
	}
	if counts && h.left > 0 {
		h.left--
	}
	defer h.mutex.Unlock()
	return inner()
}

func (h *head) Set(key, value []byte) error {
	return h.write(true, func() error { return h.InmemStore.Set(key, value) })
}

func (h *head) SetUint64(key []byte, value uint64) error {
	return h.write(true, func() error { return h.InmemStore.SetUint64(key, value) })
}

func (h *head) StoreLog(entry *raft.Log) error { return h.StoreLogs([]*raft.Log{entry}) }

func (h *head) StoreLogs(entries []*raft.Log) error {
	return h.write(false, func() error { return h.InmemStore.StoreLogs(entries) })
}

func (h *head) DeleteRange(low, high uint64) error {
	return h.write(false, func() error { return h.InmemStore.DeleteRange(low, high) })
}

// snapshotStore keeps the latest snapshot that is complete; the library's own in memory shows one
// that is still being written.
type snapshotStore struct {
	mutex  sync.Mutex
	latest *sink
}

type sink struct {
	bytes.Buffer
	store *snapshotStore
	meta  raft.SnapshotMeta
}

func (s *snapshotStore) Create(version raft.SnapshotVersion, index, term uint64,
	configuration raft.Configuration, configurationIndex uint64, _ raft.Transport,
) (raft.SnapshotSink, error) {
	return &sink{store: s, meta: raft.SnapshotMeta{
		Version: version, ID: fmt.Sprintf("%d-%d", term, index), Index: index, Term: term,
		Configuration: configuration, ConfigurationIndex: configurationIndex,
	}}, nil
}

func (s *snapshotStore) List() ([]*raft.SnapshotMeta, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.latest == nil {
		return nil, nil
	}
	meta := s.latest.meta
	return []*raft.SnapshotMeta{&meta}, nil
}

func (s *snapshotStore) Open(id string) (*raft.SnapshotMeta, io.ReadCloser, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.latest == nil || s.latest.meta.ID != id {
		return nil, nil, errors.New("there is a newer snapshot")
	}
	meta := s.latest.meta
	return &meta, io.NopCloser(bytes.NewReader(s.latest.Bytes())), nil
}

func (s *sink) ID() string    { return s.meta.ID }
func (s *sink) Cancel() error { return nil }

func (s *sink) Close() error {
	s.store.mutex.Lock()
	defer s.store.mutex.Unlock()
	s.meta.Size = int64(s.Len())
	if latest := s.store.latest; latest == nil || latest.meta.Index < s.meta.Index {
		s.store.latest = s
	}
	return nil
}

// counter is the state machine: how many commands it has applied.
type counter struct {
	mutex sync.Mutex
	count uint64
}

func (c *counter) Apply(*raft.Log) any {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.count++
	return c.count
}

func (c *counter) Snapshot() (raft.FSMSnapshot, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return image(c.count), nil
}

func (c *counter) Restore(from io.ReadCloser) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return binary.Read(from, binary.BigEndian, &c.count)
}

type image uint64

func (i image) Persist(to raft.SnapshotSink) error {
	if err := binary.Write(to, binary.BigEndian, uint64(i)); err != nil {
		return err
	}
	return to.Close()
}

func (image) Release() {}
