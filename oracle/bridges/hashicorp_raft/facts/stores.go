package facts

import (
	"fmt"
	"hash/fnv"

	"github.com/hashicorp/raft"
)

// The keys under which the library keeps its term and vote.
const (
	keyTerm      = "CurrentTerm"
	keyVoteTerm  = "LastVoteTerm"
	keyCandidate = "LastVoteCand"
)

// stableStore writes a fact behind each write of a term or vote, in the thread that makes it, and
// so before any message that rests on it.
type stableStore struct {
	raft.StableStore
	life *life
}

func (s *stableStore) SetUint64(key []byte, value uint64) error {
	if err := s.StableStore.SetUint64(key, value); err != nil {
		return err
	}
	s.life.tracer.mutex.Lock()
	defer s.life.tracer.mutex.Unlock()
	switch string(key) {
	case keyTerm:
		s.life.termIs(value)
	case keyVoteTerm:
		s.life.voteTerm = value
	}
	return nil
}

func (s *stableStore) Set(key, value []byte) error {
	if err := s.StableStore.Set(key, value); err != nil {
		return err
	}
	if string(key) == keyCandidate {
		s.life.tracer.mutex.Lock()
		defer s.life.tracer.mutex.Unlock()
		s.life.voteIs(value)
	}
	return nil
}

// termIs writes a new term. That of a candidate, whose vote for itself comes next, says nothing
// about the vote.
func (l *life) termIs(term uint64) {
	if term == l.term {
		return
	}
	l.term = term
	line := &fact{Event: "term", Term: &term}
	if l.state != raft.Candidate {
		line.VotedFor = l.vote()
	}
	l.write(line)
}

// voteIs writes a vote, the second of whose keys is written now.
func (l *life) voteIs(candidate []byte) {
	l.candidate = candidate
	l.write(&fact{Event: "term", Term: &l.term, VotedFor: l.vote()})
	if l.vote() == l.name && l.state == raft.Candidate {
		l.roleIs("candidate")
		l.tracer.idle.Broadcast()
	}
}

// logStore writes a fact behind each write of the log. The library sends and acknowledges entries
// only after that, as it learns from our return that they are stored.
type logStore struct {
	raft.LogStore
	life *life
}

// newLogStore says that a store is monotonic where it is.
func newLogStore(life *life, inner raft.LogStore) raft.LogStore {
	store := &logStore{inner, life}
	if monotonic, is := inner.(raft.MonotonicLogStore); is && monotonic.IsMonotonic() {
		return monotonicLogStore{store}
	}
	return store
}

type monotonicLogStore struct{ *logStore }

func (monotonicLogStore) IsMonotonic() bool { return true }

func (s *logStore) StoreLog(entry *raft.Log) error { return s.StoreLogs([]*raft.Log{entry}) }

func (s *logStore) StoreLogs(entries []*raft.Log) error {
	if err := s.LogStore.StoreLogs(entries); err != nil {
		return err
	}
	s.life.tracer.mutex.Lock()
	defer s.life.tracer.mutex.Unlock()
	for _, entry := range entries {
		s.life.appended(entry)
	}
	return nil
}

// DeleteRange truncates the log, or compacts it: then it deletes the beginning, and nothing that is
// not in a snapshot, whose line says all.
func (s *logStore) DeleteRange(low, high uint64) error {
	first, err := s.LogStore.FirstIndex()
	if err != nil {
		return err
	}
	if err := s.LogStore.DeleteRange(low, high); err != nil {
		return err
	}
	s.life.tracer.mutex.Lock()
	defer s.life.tracer.mutex.Unlock()
	if low > first || high > max(s.life.snapshot, s.life.installing) {
		s.life.truncated(low)
	}
	return nil
}

// snapshotStore writes a fact behind each snapshot that is taken; one that is installed is written
// with the answer to the leader, as it is in force only then.
type snapshotStore struct {
	raft.SnapshotStore
	life *life
}

func (s *snapshotStore) Create(version raft.SnapshotVersion, index, term uint64,
	configuration raft.Configuration, configurationIndex uint64, transport raft.Transport,
) (raft.SnapshotSink, error) {
	inner, err := s.SnapshotStore.Create(version, index, term, configuration, configurationIndex, transport)
	if err != nil {
		return nil, err
	}
	return &sink{inner, s.life, index, term}, nil
}

type sink struct {
	raft.SnapshotSink
	life        *life
	index, term uint64
}

func (s *sink) Close() error {
	if err := s.SnapshotSink.Close(); err != nil {
		return err
	}
	s.life.tracer.mutex.Lock()
	defer s.life.tracer.mutex.Unlock()
	if s.index != s.life.installing && s.index > s.life.snapshot {
		s.life.snapshot = s.index
		s.life.write(&fact{Event: "snapshot", Index: &s.index, Term: &s.term})
	}
	return nil
}

// digestOf names an entry's content.
func digestOf(entry *raft.Log) string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte{byte(entry.Type)})
	_, _ = hash.Write(entry.Data)
	return fmt.Sprintf("%016x", hash.Sum64())
}
