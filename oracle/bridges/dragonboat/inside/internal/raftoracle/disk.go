//go:build go1.23

package main

import (
	"slices"

	"github.com/lni/dragonboat/v4/internal/raft"
	pb "github.com/lni/dragonboat/v4/raftpb"
)

// record is one write to the disk. The library saves all that one Update asks for in one batch.
type record struct {
	snapshot  *pb.Snapshot
	installed bool // the snapshot came from a leader, and stands in place of the log
	entries   []pb.Entry
	state     *pb.State
}

// disk is what survives a crash: what was synced, and the records since, of which the last may be lost.
type disk struct {
	snapshot pb.Snapshot
	entries  []pb.Entry // behind the snapshot
	state    pb.State
	unsynced []record
}

func (d *disk) write(one record) { d.unsynced = append(d.unsynced, one) }

// sync makes all that is written safe.
func (d *disk) sync() {
	for _, each := range d.unsynced {
		d.fold(each)
	}
	d.unsynced = d.unsynced[:0]
}

// lose forgets the last records that are not synced.
func (d *disk) lose(count int) {
	d.unsynced = d.unsynced[:max(0, len(d.unsynced)-count)]
}

func (d *disk) fold(one record) {
	if one.snapshot != nil {
		if one.installed {
			d.entries = nil
		} else {
			d.entries = d.entries[one.snapshot.Index-d.snapshot.Index:]
		}
		d.snapshot = *one.snapshot
	}
	if len(one.entries) > 0 {
		kept := one.entries[0].Index - d.snapshot.Index - 1
		d.entries = append(d.entries[:kept:kept], one.entries...)
	}
	if one.state != nil {
		d.state = *one.state
	}
}

// isNew says whether nothing was ever saved.
func (d *disk) isNew() bool {
	return pb.IsEmptyState(d.state) && pb.IsEmptySnapshot(d.snapshot) && len(d.entries) == 0
}

// open is the log that a server starts with.
func (d *disk) open() *storage {
	d.sync()
	return &storage{
		snapshot: d.snapshot,
		state:    d.state,
		before:   d.snapshot.Index,
		term:     d.snapshot.Term,
		entries:  slices.Clone(d.entries),
	}
}

// storage is the log as the library reads it: its ILogDB. It knows of a write once it is safe.
type storage struct {
	snapshot pb.Snapshot
	state    pb.State
	// before and term are of the last entry that was compacted; entries follow it.
	before, term uint64
	entries      []pb.Entry
}

func (s *storage) GetRange() (uint64, uint64) { return s.before + 1, s.last() }

func (s *storage) last() uint64 { return s.before + uint64(len(s.entries)) }

func (s *storage) NodeState() (pb.State, pb.Membership) { return s.state, s.snapshot.Membership }

func (s *storage) SetState(state pb.State) { s.state = state }

func (s *storage) Snapshot() pb.Snapshot { return s.snapshot }

func (s *storage) CreateSnapshot(snapshot pb.Snapshot) error {
	if s.snapshot.Index >= snapshot.Index {
		return raft.ErrSnapshotOutOfDate
	}
	s.snapshot = snapshot
	return nil
}

func (s *storage) ApplySnapshot(snapshot pb.Snapshot) error {
	if err := s.CreateSnapshot(snapshot); err != nil {
		return err
	}
	s.before, s.term, s.entries = snapshot.Index, snapshot.Term, nil
	return nil
}

func (s *storage) Term(index uint64) (uint64, error) {
	switch {
	case index == s.before:
		return s.term, nil
	case index < s.before:
		return 0, raft.ErrCompacted
	case index > s.last():
		return 0, raft.ErrUnavailable
	}
	return s.entries[index-s.before-1].Term, nil
}

// Entries are those of [low, high), as many as have so many bytes, but one at least.
func (s *storage) Entries(low, high, limit uint64) ([]pb.Entry, error) {
	if low <= s.before {
		return nil, raft.ErrCompacted
	}
	if high > s.last()+1 {
		return nil, raft.ErrUnavailable
	}
	found := s.entries[low-s.before-1 : high-s.before-1]
	size := uint64(0)
	for place := range found {
		size += uint64(found[place].SizeUpperLimit())
		if place > 0 && size > limit {
			return slices.Clone(found[:place]), nil
		}
	}
	return slices.Clone(found), nil
}

func (s *storage) Compact(index uint64) error {
	term, err := s.Term(index)
	if err != nil {
		return err
	}
	s.entries = s.entries[index-s.before:]
	s.before, s.term = index, term
	return nil
}

// Append takes entries in, from the first one's index on.
func (s *storage) Append(entries []pb.Entry) error {
	if len(entries) > 0 {
		kept := entries[0].Index - s.before - 1
		s.entries = append(s.entries[:kept:kept], entries...)
	}
	return nil
}

// SetRange is for a log whose entries lie elsewhere, and is not used.
func (s *storage) SetRange(uint64, uint64) { panic("SetRange: the log is in memory") }

func must(err error) {
	if err != nil {
		panic(err.Error())
	}
}
