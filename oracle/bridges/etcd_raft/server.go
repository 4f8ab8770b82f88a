package main

import (
	"errors"
	"reflect"
	"slices"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"
	"google.golang.org/protobuf/proto"
)

// server is one RawNode with its disk, and the application on top of it: a state machine in memory,
// which is rebuilt from the snapshot after a crash, and the clients that wait for it.
type server struct {
	id      uint64
	options options
	disk    *disk
	outbox  []parcel
	armed   *crashPoint
	shown   shown
	told    []told // what clients got since the last reply

	// What a crash takes along.
	node *raft.RawNode
	*raft.MemoryStorage
	applied uint64
	conf    *pb.ConfState
	since   uint64          // the index that put conf in force, or of the snapshot that tells it
	passed  []configuration // in force since the last view, with conf at the end
	machine *machine
	waiting []*waiting
	queue   []*pb.Message // what is under way to the disk, where that takes time
	isLate  bool          // whether what is sent now has waited for a write
}

// parcel is a message that leaves, and whether it was made in an earlier step.
type parcel struct {
	message *pb.Message
	isLate  bool
}

// crashPoint says where the next step ends: after so many writes and sends, with so many writes lost.
type crashPoint struct{ after, lost int }

// errCrashed ends a step at its crash point.
var errCrashed = errors.New("the server crashed inside a step")

func newServer(id uint64, servers int, chosen options) *server {
	return &server{id: id, options: chosen, disk: newDisk(servers)}
}

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

// drive does what the library wants done, in the order of its documentation, until it wants no more.
func (s *server) drive() {
	for s.node != nil && s.node.HasReady() {
		ready := s.node.Ready()
		s.confirm(ready.ReadStates)
		if s.options.async {
			s.send(ready.Messages)
			continue
		}
		s.save(ready.Snapshot, ready.Entries, ready.HardState, ready.MustSync)
		s.send(ready.Messages)
		s.install(ready.Snapshot)
		s.apply(ready.CommittedEntries)
		s.node.Advance(ready)
	}
	if len(s.waiting) > 0 {
		s.serve()
	}
}

// save writes to the disk. Entries come before the hard state, as in etcd, and a crash may part
// them; what comes with a snapshot is written at once.
func (s *server) save(snapshot *pb.Snapshot, entries []*pb.Entry, hard *pb.HardState, sync bool) {
	if raft.IsEmptyHardState(hard) {
		hard = nil
	}
	if hard != nil && hard.GetVote() == raft.None {
		// A storage message does not say MustSync, and no response waits for a term without a vote.
		before, _, err := s.InitialState()
		must(err)
		sync = sync || raft.MustSync(hard, before, len(entries))
	}
	if !raft.IsEmptySnap(snapshot) {
		s.write(record{snapshot: snapshot, installed: true, entries: entries, hard: hard})
		must(s.ApplySnapshot(snapshot))
		s.disk.sync()
		s.shown.forgetLog()
	} else {
		if len(entries) > 0 {
			s.write(record{entries: entries})
		}
		if hard != nil {
			s.write(record{hard: hard})
		}
		if sync {
			s.disk.sync()
		}
	}
	if len(entries) > 0 {
		must(s.Append(entries))
		if !s.options.late { // else it is shown from when it is under way
			s.shown.changedFrom(entries[0].GetIndex())
		}
	}
	if hard != nil {
		must(s.SetHardState(hard))
	}
}

func (s *server) write(one record) {
	s.operation()
	s.disk.write(one)
}

// send hands messages to the network, and does those that are for the disk and the state machine.
func (s *server) send(messages []*pb.Message) {
	if s.options.late && !s.options.earlyVoteRequests {
		messages = votesAskedOnceWritten(messages)
	}
	for _, message := range messages {
		switch message.GetTo() {
		case raft.LocalAppendThread:
			if s.options.late {
				s.later(message)
			} else {
				s.store(message)
			}
		case raft.LocalApplyThread:
			s.apply(message.GetEntries())
			s.send(message.GetResponses())
		case s.id:
			must(s.node.Step(message))
		default:
			s.operation()
			s.outbox = append(s.outbox, parcel{message, s.isLate})
		}
	}
}

// votesAskedOnceWritten makes a candidate's requests wait for the write of its own term and vote,
// which comes with them: else the others may elect it in a term that it forgets.
func votesAskedOnceWritten(messages []*pb.Message) []*pb.Message {
	var requests, rest []*pb.Message
	for _, message := range messages {
		switch {
		case message.GetType() == pb.MsgVote:
			requests = append(requests, message)
			continue
		case message.GetTo() == raft.LocalAppendThread:
			message.Responses = append(message.Responses, requests...)
			requests = nil
		}
		rest = append(rest, message)
	}
	return append(rest, requests...)
}

// store does what a message to the disk asks for, and sends its responses.
func (s *server) store(message *pb.Message) {
	hard := &pb.HardState{Term: message.Term, Vote: message.Vote, Commit: message.Commit}
	s.save(message.GetSnapshot(), message.GetEntries(), hard, len(message.GetResponses()) > 0)
	s.install(message.GetSnapshot())
	s.send(message.GetResponses())
}

// install takes over the state machine of a leader's snapshot.
func (s *server) install(snapshot *pb.Snapshot) {
	if raft.IsEmptySnap(snapshot) {
		return
	}
	s.takeOver(snapshot)
}

// takeOver makes the state machine a snapshot's.
func (s *server) takeOver(snapshot *pb.Snapshot) {
	metadata := snapshot.GetMetadata()
	s.applied, s.machine = metadata.GetIndex(), openMachine(snapshot.GetData())
	s.enforce(metadata.GetConfState(), metadata.GetIndex())
}

// configuration is who belongs to the cluster from an index on.
type configuration struct {
	conf  *pb.ConfState
	since uint64
}

// enforce puts a configuration in force.
func (s *server) enforce(conf *pb.ConfState, since uint64) {
	s.conf, s.since = conf, since
	s.passed = append(s.passed, configuration{conf, since})
}

// apply executes committed entries.
func (s *server) apply(entries []*pb.Entry) {
	for _, entry := range entries {
		if change := changeIn(entry); change != nil {
			s.enforce(s.node.ApplyConfChange(change), entry.GetIndex())
		}
		s.applied = entry.GetIndex()
		if text := content(entry); text != "" {
			s.machine.apply(s.applied, text)
		}
	}
}

// changeIn is the change of the configuration in an entry; nil where it is none.
func changeIn(entry *pb.Entry) pb.ConfChangeI {
	switch entry.GetType() {
	case pb.EntryConfChange:
		change := &pb.ConfChange{}
		must(proto.Unmarshal(entry.GetData(), change))
		return change
	case pb.EntryConfChangeV2:
		change := &pb.ConfChangeV2{}
		must(proto.Unmarshal(entry.GetData(), change))
		return change
	}
	return nil
}

// Steps

// Snapshot is what a leader sends to a follower whose entries it has compacted: the state machine
// as it is now, as in etcd. The last one on the disk may be older than the follower's membership.
func (s *server) Snapshot() (*pb.Snapshot, error) {
	term, err := s.Term(s.applied)
	metadata := &pb.SnapshotMetadata{ConfState: s.conf, Index: proto.Uint64(s.applied), Term: proto.Uint64(term)}
	return &pb.Snapshot{Data: s.machine.saved(), Metadata: metadata}, err
}

// restart starts the server from its disk; the state machine is the snapshot's.
func (s *server) restart() {
	s.MemoryStorage = s.disk.open()
	s.outbox, s.armed, s.passed = nil, nil, nil
	s.shown.forgetLog()
	s.takeOver(s.disk.snapshot)
	node, err := raft.NewRawNode(s.options.configuration(s.id, s, s.applied))
	must(err)
	s.node = node
}

// crash ends the server; its clients notice that, and cannot know what became of their operations.
func (s *server) crash() {
	s.node, s.armed, s.queue, s.isLate = nil, nil, nil, false
	for len(s.waiting) > 0 {
		s.giveUp(s.waiting[0])
	}
}

// electionTimeout: a follower or candidate asks for votes. At a leader as many ticks go by, which
// matter where it checks its quorum or hands over its leadership.
func (s *server) electionTimeout() {
	status := s.node.BasicStatus()
	if status.RaftState != raft.StateLeader {
		if !s.isBound(status) {
			must(s.node.Campaign())
		}
		return
	}
	if !s.options.checkQuorum && status.LeadTransferee == raft.None {
		return
	}
	for range electionTicks {
		if s.node.BasicStatus().RaftState == raft.StateLeader {
			s.node.Tick()
		}
	}
}

// heartbeatTimeout: a tick at a leader. A snapshot that is not acknowledged by then is reported as
// lost: the library leaves it to the application to tell, and else waits for ever.
func (s *server) heartbeatTimeout() {
	if s.node.BasicStatus().RaftState != raft.StateLeader {
		return
	}
	var waiting []uint64
	s.node.WithProgress(func(id uint64, _ raft.ProgressType, progress tracker.Progress) {
		if progress.State == tracker.StateSnapshot {
			waiting = append(waiting, id)
		}
	})
	for _, id := range waiting {
		s.node.ReportSnapshot(id, raft.SnapshotFailure)
	}
	s.node.Tick()
}

// passTime moves the clock on without a timer running out: that is the caller's to say. But where a
// lease goes by a leader's clock, the leader has its ticks: it looks whether it hears a quorum.
func (s *server) passTime(ticks int) {
	for range ticks {
		if s.options.leaseReads && s.node.BasicStatus().RaftState == raft.StateLeader {
			s.node.Tick()
		} else {
			s.node.TickQuiesced()
		}
	}
}

// isBound says whether an election timer cannot have run out yet by a clock on which a lease rests: a
// server that has heard its leader waits for an election timeout at least.
func (s *server) isBound(status raft.BasicStatus) bool {
	inside := reflect.ValueOf(s.node).Elem().FieldByName("raft").Elem()
	elapsed := inside.FieldByName("electionElapsed").Int()
	return s.options.leaseReads && status.Lead != raft.None && elapsed < electionTicks
}

func (s *server) propose(command string) { s.accept(s.node.Propose([]byte(command))) }

func (s *server) receive(message *pb.Message) { s.accept(s.node.Step(message)) }

// accept lets pass what the library refuses in the normal course of things.
func (s *server) accept(err error) {
	if !errors.Is(err, raft.ErrProposalDropped) && !errors.Is(err, raft.ErrStepPeerNotFound) {
		must(err)
	}
}

func (s *server) transferLeadership(target uint64) { s.node.TransferLeader(target) }

func (s *server) arm(after, lost int) { s.armed = &crashPoint{after, lost} }

// compact takes a snapshot of all that is applied, and keeps the last entries of these in the log.
func (s *server) compact(keep uint64) {
	if s.applied <= s.disk.snapshot.GetMetadata().GetIndex() {
		return
	}
	s.completeAll() // the disk has to know as much to be committed
	s.disk.sync()
	snapshot, err := s.CreateSnapshot(s.applied, s.conf, s.machine.saved())
	must(err)
	s.disk.write(record{snapshot: snapshot})
	s.disk.sync()
	if first, err := s.FirstIndex(); err == nil && s.applied >= first+keep {
		must(s.Compact(s.applied - keep))
	}
}

// changeMembership proposes what leads from the configuration in force to the one that is wanted.
// Only a leader does: it knows that no other change is on its way, so that the difference is right.
func (s *server) changeMembership(voters, learners []uint64) {
	if s.node.BasicStatus().RaftState != raft.StateLeader {
		return
	}
	change := &pb.ConfChangeV2{}
	add := func(kind pb.ConfChangeType, id uint64) {
		single := &pb.ConfChangeSingle{Type: kind.Enum(), NodeId: proto.Uint64(id)}
		change.Changes = append(change.Changes, single)
	}
	for _, id := range voters {
		if !slices.Contains(s.conf.GetVoters(), id) {
			add(pb.ConfChangeAddNode, id)
		}
	}
	for _, id := range learners {
		if !slices.Contains(voters, id) && !slices.Contains(s.conf.GetLearners(), id) {
			add(pb.ConfChangeAddLearnerNode, id)
		}
	}
	for _, id := range slices.Concat(s.conf.GetVoters(), s.conf.GetLearners()) {
		if !slices.Contains(voters, id) && !slices.Contains(learners, id) {
			add(pb.ConfChangeRemoveNode, id)
		}
	}
	if len(change.Changes) > 0 && len(voters) > 0 {
		s.accept(s.node.ProposeConfChange(change))
	}
}
