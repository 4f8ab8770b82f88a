package facts

import "github.com/hashicorp/raft"

// machine writes a fact for each command before it is applied; what else is in the log, the library
// does not show to a state machine.
type machine struct {
	raft.FSM
	life *life
}

// newFSM offers what the inner one offers.
func newFSM(life *life, inner raft.FSM) raft.FSM {
	plain := &machine{inner, life}
	batching, isBatching := inner.(raft.BatchingFSM)
	configured, isConfigured := inner.(raft.ConfigurationStore)
	switch {
	case isBatching && isConfigured:
		return struct {
			*batchingMachine
			configurations
		}{&batchingMachine{plain, batching}, configured}
	case isBatching:
		return &batchingMachine{plain, batching}
	case isConfigured:
		return struct {
			*machine
			configurations
		}{plain, configured}
	}
	return plain
}

type configurations interface {
	StoreConfiguration(index uint64, configuration raft.Configuration)
}

func (m *machine) Apply(entry *raft.Log) any {
	m.applied(entry)
	return m.FSM.Apply(entry)
}

func (m *machine) applied(entries ...*raft.Log) {
	m.life.tracer.mutex.Lock()
	defer m.life.tracer.mutex.Unlock()
	for _, each := range entries {
		m.life.write(&fact{Event: "apply", Index: &each.Index, Term: &each.Term, Digest: digestOf(each)})
	}
}

type batchingMachine struct {
	*machine
	batching raft.BatchingFSM
}

func (m *batchingMachine) ApplyBatch(entries []*raft.Log) []any {
	m.applied(entries...)
	return m.batching.ApplyBatch(entries)
}
