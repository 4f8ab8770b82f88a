package main

import (
	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// record is one write to the disk. etcd's write-ahead log has entries and the hard state in records
// of their own, in this order; what comes with a snapshot is one record here.
type record struct {
	snapshot  *pb.Snapshot
	installed bool // the snapshot came from a leader, and stands in place of the log
	entries   []*pb.Entry
	hard      *pb.HardState
}

// disk is what survives a crash: what was synced, and the records since, of which the last may be lost.
type disk struct {
	snapshot *pb.Snapshot
	entries  []*pb.Entry // behind the snapshot
	hard     *pb.HardState
	unsynced []record
}

// newDisk is the disk of a server that knows who the first servers are, and nothing else. The
// snapshot of index 0 holds no more than the configuration, as etcd's documentation allows.
func newDisk(servers int) *disk {
	first := &pb.ConfState{}
	for id := 1; id <= servers; id++ {
		first.Voters = append(first.Voters, uint64(id))
	}
	metadata := &pb.SnapshotMetadata{ConfState: first, Index: proto.Uint64(0), Term: proto.Uint64(0)}
	return &disk{snapshot: &pb.Snapshot{Metadata: metadata}, hard: &pb.HardState{}}
}

func (d *disk) write(one record) { d.unsynced = append(d.unsynced, one) }

// sync makes all that is written safe.
func (d *disk) sync() {
	for _, each := range d.unsynced {
		d.fold(each)
	}
	d.unsynced = d.unsynced[:0]
}

// saved is the hard state as a server would find it now.
func (d *disk) saved() *pb.HardState {
	found := d.hard
	for _, each := range d.unsynced {
		if each.hard != nil {
			found = each.hard
		}
	}
	return found
}

// lose forgets the last records that are not synced.
func (d *disk) lose(count int) {
	d.unsynced = d.unsynced[:max(0, len(d.unsynced)-count)]
}

func (d *disk) fold(one record) {
	if one.snapshot != nil {
		index := one.snapshot.GetMetadata().GetIndex()
		if one.installed {
			d.entries = nil
		} else {
			d.entries = d.entries[index-d.snapshot.GetMetadata().GetIndex():]
		}
		d.snapshot = one.snapshot
	}
	if len(one.entries) > 0 {
		first := d.snapshot.GetMetadata().GetIndex() + 1
		kept := one.entries[0].GetIndex() - first
		d.entries = append(d.entries[:kept:kept], one.entries...)
	}
	if one.hard != nil {
		d.hard = one.hard
	}
}

// open is the storage that a server starts with.
func (d *disk) open() *raft.MemoryStorage {
	d.sync()
	storage := raft.NewMemoryStorage()
	must(storage.ApplySnapshot(d.snapshot))
	must(storage.SetHardState(d.hard))
	must(storage.Append(d.entries))
	return storage
}

func must(err error) {
	if err != nil {
		panic(err.Error())
	}
}
