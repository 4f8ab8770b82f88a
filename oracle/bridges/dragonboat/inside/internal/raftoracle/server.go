//go:build go1.23

package main

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/lni/dragonboat/v4/internal/raft"
	pb "github.com/lni/dragonboat/v4/raftpb"
)

// server is one Peer with its disk, and the application on top of it: a state machine in memory,
// which is rebuilt from the snapshot after a crash.
type server struct {
	id      uint64
	servers int
	options options
	disk    disk
	outbox  []pb.Message
	armed   *crashPoint
	shown   shown

	// What a crash takes along.
	peer      *raft.Peer
	log       *storage
	applied   uint64
	confirmed uint64 // what the library knows to be applied
	machine   machine
	clients   clients
	members   configuration
	passed    []configuration // in force since the last view, with members at the end
}

// crashPoint says where the next step ends: after so many writes and sends, with so many writes lost.
type crashPoint struct{ after, lost int }

// errCrashed ends a step at its crash point.
var errCrashed = errors.New("the server crashed inside a step")

// act does one step and all that follows from it; whether it ended at the crash point.
func (s *server) act(step func()) (crashed bool) {
	armed := s.armed
	defer func() {
		if failure := recover(); failure == errCrashed {
			s.disk.lose(armed.lost)
			s.crash()
			crashed = true
		} else if failure != nil {
			panic(failure)
		}
	}()
	if s.peer != nil {
		s.peer.NotifyRaftLastApplied(s.applied)
	}
	step()
	s.drive()
	if armed != nil && s.armed == armed {
		s.armed = nil
	}
	return false
}

// operation counts a write or a send, which does not happen where the server crashes before.
func (s *server) operation() {
	if s.armed == nil {
		return
	}
	if s.armed.after == 0 {
		panic(errCrashed)
	}
	s.armed.after--
}

// drive does what the library wants done, in the order of its engine, until it wants no more: entries
// go to followers before they are on the own disk, all else after that.
func (s *server) drive() {
	for s.peer != nil && (s.peer.HasUpdate(true) || s.confirmed != s.applied) {
		update, err := s.peer.GetUpdate(true, s.applied)
		must(err)
		s.confirmed = s.applied
		s.send(update.Messages, true)
		s.clients.confirmed(update.ReadyToReads)
		s.save(update)
		s.send(update.Messages, false)
		s.peer.Commit(update)
		s.install(update.Snapshot)
		s.apply(update.CommittedEntries)
		s.peer.NotifyRaftLastApplied(s.applied)
	}
	s.clients.read(s.applied, s.machine.Values)
}

// save writes to the disk. What changes no more than the commit index is not synced.
func (s *server) save(update pb.Update) {
	entries := slices.Clone(update.EntriesToSave)
	one := record{entries: entries}
	if !pb.IsEmptyState(update.State) {
		one.state = &update.State
	}
	if !pb.IsEmptySnapshot(update.Snapshot) {
		one.snapshot, one.installed = &update.Snapshot, true
	}
	if one.state == nil && one.snapshot == nil && len(entries) == 0 {
		return
	}
	s.operation()
	saved := s.log.state
	s.disk.write(one)
	if one.snapshot != nil || len(entries) > 0 || one.state.Term != saved.Term || one.state.Vote != saved.Vote {
		s.disk.sync()
	}
	if one.snapshot != nil {
		must(s.log.ApplySnapshot(update.Snapshot))
		s.shown.forgetLog()
	}
	if len(entries) > 0 {
		must(s.log.Append(slices.Clone(entries)))
		s.shown.changedFrom(entries[0].Index)
	}
	if one.state != nil {
		s.log.SetState(update.State)
	}
}

// send hands messages to the network, those with entries or the others. The library sends to its peers
// in no certain order; here they go by receiver.
func (s *server) send(messages []pb.Message, replicates bool) {
	ordered := slices.Clone(messages)
	slices.SortStableFunc(ordered, func(one, other pb.Message) int { return int(one.To) - int(other.To) })
	for _, message := range ordered {
		if (message.Type == pb.Replicate) == replicates {
			s.operation()
			s.outbox = append(s.outbox, message)
		}
	}
}

// install takes over the state machine of a leader's snapshot.
func (s *server) install(snapshot pb.Snapshot) {
	if pb.IsEmptySnapshot(snapshot) {
		return
	}
	s.takeOver(snapshot)
	must(s.peer.RestoreRemotes(snapshot))
}

// takeOver makes state machine and configuration a snapshot's.
func (s *server) takeOver(snapshot pb.Snapshot) {
	s.applied, s.machine = snapshot.Index, unpackedMachine(snapshot)
	if !pb.IsEmptySnapshot(snapshot) {
		voters := slices.Sorted(maps.Keys(snapshot.Membership.Addresses))
		s.enforce(configuration{voters, snapshot.Membership.ConfigChangeId})
	}
}

// apply executes committed entries.
func (s *server) apply(entries []pb.Entry) {
	for _, entry := range entries {
		s.applied = entry.Index
		switch {
		case entry.Type == pb.ConfigChangeEntry:
			s.applyChange(entry)
		case len(entry.Cmd) > 0:
			s.clients.written(entry, s.machine.execute(entry.Index, string(entry.Cmd)))
		}
	}
}

// Steps

// restart starts the server from its disk; the state machine is the snapshot's.
func (s *server) restart() {
	isNew := s.disk.isNew()
	s.log = s.disk.open()
	s.outbox, s.armed, s.passed, s.clients = nil, nil, nil, newClients()
	s.shown.forgetLog()
	s.members = firstMembers(s.servers)
	s.takeOver(s.disk.snapshot)
	s.confirmed = s.applied
	peer := raft.Launch(s.options.configuration(s.id), s.log, nil, firstAddresses(s.servers), true, isNew)
	peer.NotifyRaftLastApplied(s.applied)
	s.peer = &peer
}

func (s *server) crash() { s.peer, s.armed = nil, nil }

// electionTimeout: a follower or candidate asks for votes. At a leader as many ticks go by, which
// matter where it checks its quorum or hands over its leadership.
func (s *server) electionTimeout() {
	if !s.peer.Leads() {
		must(s.peer.ElectionTimeout())
		return
	}
	if !s.options.checkQuorum && !s.peer.HandsOver() {
		return
	}
	for range electionTicks {
		if s.peer.Leads() {
			must(s.peer.Tick())
		}
	}
}

// heartbeatTimeout: a tick at a leader. A snapshot that is not acknowledged by then is reported as
// lost, as the library's transport does when a stream breaks.
func (s *server) heartbeatTimeout() {
	if !s.peer.Leads() {
		return
	}
	var waiting []uint64
	s.peer.EachProgress(func(replica uint64, progress raft.Progress) {
		if progress.InSnapshot {
			waiting = append(waiting, replica)
		}
	})
	slices.Sort(waiting)
	for _, each := range waiting {
		must(s.peer.ReportSnapshotStatus(each, true))
	}
	must(s.peer.Tick())
}

// passTime moves the clock on without a timer running out: that is the caller's to say.
func (s *server) passTime(ticks int) {
	for range ticks {
		must(s.peer.QuiescedTick())
	}
}

func (s *server) propose(command string) {
	must(s.peer.ProposeEntries([]pb.Entry{{Cmd: []byte(command)}}))
}

// invoke begins a client's operation: a read asks for an index first, all else becomes an entry.
func (s *server) invoke(asked operation, command string) {
	if key, isRead := strings.CutPrefix(command, "get "); isRead {
		s.clients.reads[asked] = key
		must(s.peer.ReadIndex(pb.SystemCtx{Low: uint64(asked.client), High: uint64(asked.number)}))
		return
	}
	s.clients.writes[asked] = true
	entry := pb.Entry{ClientID: uint64(asked.client), SeriesID: uint64(asked.number), Cmd: []byte(command)}
	must(s.peer.ProposeEntries([]pb.Entry{entry}))
}

func (s *server) receive(message pb.Message) { must(s.peer.Handle(message)) }

func (s *server) transferLeadership(target uint64) { must(s.peer.RequestLeaderTransfer(target)) }

func (s *server) arm(after, lost int) { s.armed = &crashPoint{after, lost} }

// compact takes a snapshot of all that is applied, and keeps the last entries of these in the log.
func (s *server) compact(keep uint64) {
	if s.applied <= s.log.snapshot.Index {
		return
	}
	term, err := s.log.Term(s.applied)
	must(err)
	snapshot := pb.Snapshot{
		Filepath:   s.machine.packed(),
		Index:      s.applied,
		Term:       term,
		Membership: s.members.packed(),
	}
	s.disk.sync()
	s.disk.write(record{snapshot: &snapshot})
	s.disk.sync()
	must(s.log.CreateSnapshot(snapshot))
	if s.applied >= s.log.before+1+keep {
		must(s.log.Compact(s.applied - keep))
	}
}
