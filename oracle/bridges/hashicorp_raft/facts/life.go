package facts

import (
	"errors"
	"slices"

	"github.com/hashicorp/raft"
)

var errStopped = errors.New("the server has been stopped")

// life is a server from one start to the crash that ends it.
type life struct {
	tracer *Tracer
	name   string
	dead   bool
	raft   *raft.Raft

	term, voteTerm uint64
	candidate      []byte
	state          raft.RaftState
	// commit is what was last written, or at the start what the snapshot holds.
	commit uint64
	// snapshot is where the last snapshot ends, installing where the one ends that is being installed.
	snapshot, installing uint64
	// configurations are those in the log, behind the one that is in the snapshot.
	configurations []placed
	// changed: the last of them is not written yet.
	changed bool
	// handling: the main thread has taken a request and not answered it.
	handling bool
}

// placed is a configuration and the index of its entry.
type placed struct {
	index         uint64
	configuration raft.Configuration
}

// NewRaft is raft.NewRaft for a server whose facts are written from its start on.
func (t *Tracer) NewRaft(config *raft.Config, fsm raft.FSM, logs raft.LogStore, stable raft.StableStore,
	snapshots raft.SnapshotStore, transport raft.Transport,
) (*raft.Raft, error) {
	life, err := t.start(config.LocalID, logs, stable, snapshots, transport.LocalAddr())
	if err != nil {
		return nil, err
	}
	network := newTransport(life, transport)
	node, err := raft.NewRaft(config, newFSM(life, fsm), newLogStore(life, logs),
		&stableStore{stable, life}, &snapshotStore{snapshots, life}, network)
	if err != nil {
		t.Crash(config.LocalID)
		return nil, err
	}
	// The library calls the filter in its main thread, at once behind the change.
	node.RegisterObserver(raft.NewObserver(nil, false, func(seen *raft.Observation) bool {
		if state, isState := seen.Data.(raft.RaftState); isState {
			t.mutex.Lock()
			life.stateIs(state)
			t.mutex.Unlock()
		}
		return false
	}))
	t.mutex.Lock()
	life.raft = node
	life.stateIs(node.State())
	t.mutex.Unlock()
	go network.base().serve()
	return node, nil
}

// start writes what a server finds on its disk.
func (t *Tracer) start(id raft.ServerID, logs raft.LogStore, stable raft.StableStore,
	snapshots raft.SnapshotStore, address raft.ServerAddress,
) (*life, error) {
	life := &life{tracer: t, name: string(id), state: raft.Follower}
	if err := life.readVote(stable); err != nil {
		return nil, err
	}
	last, err := logs.LastIndex()
	if err != nil {
		return nil, err
	}
	known, err := snapshots.List()
	if err != nil {
		return nil, err
	}
	if len(known) > 0 {
		life.snapshot, life.commit = known[0].Index, known[0].Index
		life.configurations = []placed{{known[0].ConfigurationIndex, known[0].Configuration}}
	}
	if err := life.readConfigurations(logs, last); err != nil {
		return nil, err
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.names[address] = life.name
	t.lives[life.name] = life
	last = max(last, life.snapshot)
	begun := &fact{Event: "start", Term: &life.term, VotedFor: life.vote(), LastIndex: &last, Commit: &life.commit}
	if count := len(life.configurations); count > 0 {
		begun.Voters, _ = membersOf(life.configurations[count-1].configuration)
	}
	life.write(begun)
	return life, nil
}

func (l *life) readVote(stable raft.StableStore) error {
	for key, place := range map[string]*uint64{keyTerm: &l.term, keyVoteTerm: &l.voteTerm} {
		value, err := stable.GetUint64([]byte(key))
		if err != nil && err.Error() != "not found" {
			return err
		}
		*place = value
	}
	value, err := stable.Get([]byte(keyCandidate))
	if err != nil && err.Error() != "not found" {
		return err
	}
	l.candidate = value
	return nil
}

// readConfigurations reads the entries that the library reads as well.
func (l *life) readConfigurations(logs raft.LogStore, last uint64) error {
	for index := l.snapshot + 1; index <= last; index++ {
		var entry raft.Log
		if err := logs.GetLog(index, &entry); err != nil {
			return err
		}
		if entry.Type == raft.LogConfiguration {
			l.configurations = append(l.configurations, placed{index, raft.DecodeConfiguration(entry.Data)})
		}
	}
	return nil
}

// vote is whom the server voted for in its term: both keys have to be of that term.
func (l *life) vote() any {
	if l.voteTerm != l.term || l.candidate == nil {
		return nobody{}
	}
	return l.tracer.nameOf(raft.ServerAddress(l.candidate))
}

// write writes a fact, and before it what has changed unseen: here the configuration, which the
// library changes behind the entry, and the commit index, which only its main thread moves.
func (l *life) write(line *fact) {
	l.writeChanged()
	l.put(line)
}

func (l *life) put(line *fact) {
	if l.dead {
		return
	}
	line.Server, line.Seq = l.name, l.number()
	l.tracer.encode(line)
}

func (l *life) number() int {
	l.tracer.lines[l.name]++
	return l.tracer.lines[l.name]
}

func (l *life) writeChanged() {
	if l.changed {
		l.changed = false
		last := l.configurations[len(l.configurations)-1]
		voters, learners := membersOf(last.configuration)
		l.put(&fact{Event: "members", Voters: voters, Learners: learners, Index: &last.index})
	}
	if l.raft == nil {
		return
	}
	if index := l.raft.CommitIndex(); index > l.commit {
		l.commit = index
		l.put(&fact{Event: "commit", Index: &index})
	}
}

// stateIs writes a role. The library's candidates first ask for PreVotes; who stands has a vote.
func (l *life) stateIs(state raft.RaftState) {
	if state == l.state || state == raft.Shutdown {
		return
	}
	l.state = state
	l.roleIs(map[raft.RaftState]string{
		raft.Follower: "follower", raft.Candidate: "pre_candidate", raft.Leader: "leader",
	}[state])
}

func (l *life) roleIs(role string) {
	l.write(&fact{Event: "role", Role: role, Term: &l.term})
}

// appended notes an entry of the log.
func (l *life) appended(entry *raft.Log) {
	l.write(&fact{Event: "append", Index: &entry.Index, Term: &entry.Term, Digest: digestOf(entry)})
	if entry.Type == raft.LogConfiguration {
		l.configurations = append(l.configurations, placed{entry.Index, raft.DecodeConfiguration(entry.Data)})
		l.changed = true
	}
}

// truncated: the configuration before is in force again.
func (l *life) truncated(first uint64) {
	l.write(&fact{Event: "truncate", First: &first})
	for count := len(l.configurations); count > 1 && l.configurations[count-1].index >= first; count-- {
		l.configurations = l.configurations[:count-1]
		l.changed = true
	}
}

// replaced: a snapshot of a leader has taken the place of the log up to its end.
func (l *life) replaced(request *raft.InstallSnapshotRequest) {
	l.write(&fact{Event: "snapshot", Index: &request.LastLogIndex, Term: &request.LastLogTerm})
	l.snapshot = request.LastLogIndex
	configuration := raft.DecodeConfiguration(request.Configuration)
	l.configurations = []placed{{request.ConfigurationIndex, configuration}}
	l.changed = true
}

func membersOf(configuration raft.Configuration) (voters, learners []string) {
	for _, server := range configuration.Servers {
		if server.Suffrage == raft.Voter {
			voters = append(voters, string(server.ID))
		} else {
			learners = append(learners, string(server.ID))
		}
	}
	slices.Sort(voters)
	slices.Sort(learners)
	return voters, learners
}
