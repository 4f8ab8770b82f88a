package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/hashicorp/raft"
)

// snapshotsKept is how many snapshots a disk keeps, as Consul, Nomad and Vault ask the library's own
// store of files to.
const snapshotsKept = 2

// A snapshot is never changed once it is kept.
type snapshot struct {
	meta raft.SnapshotMeta
	data []byte
}

// newer orders snapshots as the library's own store of files does: by term, then by index.
func (s *snapshot) newer(than *snapshot) int {
	if s.meta.Term != than.meta.Term {
		return int(than.meta.Term) - int(s.meta.Term)
	}
	return int(than.meta.Index) - int(s.meta.Index)
}

// A snapshotStore is a disk as the library's snapshot store.
type snapshotStore struct{ *disk }

// Create begins a snapshot.
func (s snapshotStore) Create(version raft.SnapshotVersion, index, term uint64,
	configuration raft.Configuration, configurationIndex uint64, _ raft.Transport,
) (raft.SnapshotSink, error) {
	return &sink{disk: s.disk, meta: raft.SnapshotMeta{
		Version: version, ID: fmt.Sprintf("%d-%d", term, index), Index: index, Term: term,
		Configuration: configuration, ConfigurationIndex: configurationIndex,
	}}, nil
}

// List is the newest snapshots, the newest first.
func (s snapshotStore) List() (found []*raft.SnapshotMeta, err error) {
	for _, each := range s.snapshots {
		meta := each.meta
		found = append(found, &meta)
	}
	return found, nil
}

// Open is a snapshot and what is in it.
func (s snapshotStore) Open(id string) (*raft.SnapshotMeta, io.ReadCloser, error) {
	for _, each := range s.snapshots {
		if each.meta.ID == id {
			meta := each.meta
			return &meta, io.NopCloser(bytes.NewReader(each.data)), nil
		}
	}
	return nil, nil, errors.New("there are newer snapshots")
}

// A sink takes a snapshot that is being written.
type sink struct {
	bytes.Buffer
	disk *disk
	meta raft.SnapshotMeta
}

// ID names the snapshot.
func (s *sink) ID() string { return s.meta.ID }

// Cancel leaves nothing.
func (s *sink) Cancel() error { return nil }

// Close keeps the snapshot, if it is among the newest.
func (s *sink) Close() error {
	s.disk.writes()
	s.meta.Size = int64(s.Len())
	made := &snapshot{s.meta, s.Bytes()}
	kept := slices.DeleteFunc(slices.Clone(s.disk.snapshots), func(each *snapshot) bool {
		return each.meta.ID == made.meta.ID
	})
	kept = append(kept, made)
	slices.SortFunc(kept, func(one, other *snapshot) int { return one.newer(other) })
	s.disk.snapshots = kept[:min(len(kept), snapshotsKept)]
	return nil
}
