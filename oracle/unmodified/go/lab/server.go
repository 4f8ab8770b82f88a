package lab

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"raftoracle/adapter"
)

// A server is one life of a server of the lab.
type server struct {
	harness *harness
	node    *adapter.Node
	raft    reflect.Value // what Make returned, as a pointer to a struct
	state   reflect.Value // that struct
	disk    reflect.Value // the persister
	applied machine
	known   memory
	before  memory          // of the life before
	answer  *answer         // what GetState was asked for last
	said    map[string]bool // the requests that it has sent, by receiver and label
	asks    bool            // whether its service asks for the state before it takes more
	begun   int             // the last index of the snapshot with which its service began
}

// A disk is what a crash leaves: the persister, and what the lives before had shown and applied.
type disk struct {
	persister reflect.Value
	shown     memory
	applied   map[int]bool
}

// start makes a server, as the course's config.go does.
func (h *harness) start(node *adapter.Node) adapter.Server {
	s := &server{harness: h, node: node, answer: &answer{}, said: map[string]bool{}}
	s.known.promised.vote = noVote
	made := h.make.function.Type()
	s.disk = reflect.New(made.In(h.make.persister).Elem())
	if kept, ok := node.Disk.(disk); ok {
		s.disk, s.before, s.applied.earlier = kept.persister, kept.shown, kept.applied
		s.known.promised, s.known.spoke = s.before.promised, s.before.spoke
	}
	s.restoreMachine()
	s.begun = s.applied.index
	ends := reflect.MakeSlice(made.In(h.make.ends), len(node.Peers), len(node.Peers))
	for peer := range node.Peers {
		one := reflect.New(made.In(h.make.ends).Elem().Elem())
		h.ends[one.Interface()] = end{s, peer}
		ends.Index(peer).Set(one)
	}
	applyCh := reflect.MakeChan(reflect.ChanOf(reflect.BothDir, made.In(h.make.applyCh).Elem()), 0)
	go s.takeApplied(applyCh)
	raft := h.make.call(ends, node.Index, s.disk, applyCh)
	for raft.Kind() == reflect.Interface {
		raft = raft.Elem()
	}
	s.raft, s.state = raft, raft.Elem()
	if err := h.fields.correct(s, h.corrections); err != nil {
		node.Fail("fields: " + err.Error())
	}
	h.corrections = nil
	return s
}

// Propose hands a command to Start.
func (s *server) Propose(command string) {
	start := s.methodNamed("Start")
	out := start.Call([]reflect.Value{asArgument(command, start.Type().In(0))})
	if len(out) == 3 && out[2].Kind() == reflect.Bool && out[2].Bool() {
		index, _ := integer(out[0])
		term, _ := integer(out[1])
		s.known.started = append(s.known.started, started{index, term, command})
	}
}

// patience is how long, by its own clock, a server may keep GetState waiting.
const patience = 30 * time.Second

// throughGetState is the end of the name of the function below in which GetState is called.
const throughGetState = ").answered.func1"

// asked is GetState's answer. Where it waits for a lock that a caller holds, time goes on until it
// answers; where nothing will ever happen again, that is a deadlock.
func (s *server) asked() (term int, leader bool) {
	if s.answer.known && s.answer.activity == s.node.Activity() { // nothing has happened since
		return s.answer.term, s.answer.leader
	}
	for range 3 {
		if term, leader = s.askedOnce(); s.node.Failed() || !s.hasMovedOn(term) {
			break // else what waited for the lock, too, came after GetState
		}
	}
	if !s.node.Failed() && s.hasMovedOn(term) {
		s.contradicts("term", "it does not say %d, as GetState does", term)
	}
	return term, leader
}

// askedOnce asks GetState, and waits for its answer.
func (s *server) askedOnce() (term int, leader bool) {
	term, leader, answered := s.answered()
	if answered || s.node.Failed() {
		return term, leader
	}
	f := s.harness.fields
	isSeen := f.path("term") != nil && f.path("role") != nil
	if s.node.Waits() && (isSeen || s.harness.lesson != nil) {
		return s.byFields() // it holds a lock during a Call, and will give it back
	}
	s.node.Pass(patience, func() bool {
		term, leader, answered = s.answer.term, s.answer.leader, s.answer.known
		return answered
	})
	if !answered && !s.node.Failed() {
		s.node.Fail("deadlock: GetState " + s.node.WaitThrough(throughGetState) + s.node.WaitsAt(throughGetState, ").takeApplied"))
	}
	return term, leader
}

// An answer is GetState's, once it is known.
type answer struct {
	term   int
	leader bool
	known  bool
	// activity of the node by the time of the answer, if that came at once.
	activity int
}

// answered is GetState's answer, if it comes at once.
func (s *server) answered() (term int, leader, ok bool) {
	said := &answer{}
	s.answer = said
	s.node.Run(func() {
		out := s.methodNamed("GetState").Call(nil)
		term, _ := integer(out[0])
		*said = answer{term: term, leader: out[1].Bool(), known: true}
	})
	said.activity = s.node.Activity()
	return said.term, said.leader, said.known
}

// hasMovedOn says whether the term is another one by now than GetState has said.
func (s *server) hasMovedOn(term int) bool {
	number, ok := s.harness.fields.number(s, "term")
	return ok && number-s.harness.fields.termShift() != term
}

// byFields is the term, and whether the server leads, where GetState keeps us waiting.
func (s *server) byFields() (term int, leader bool) {
	f := s.harness.fields
	term, leader = s.known.term, s.known.leader
	if number, ok := f.number(s, "term"); ok {
		term, leader = number-f.termShift(), f.text(s, "role") == f.Leader
	}
	return term, leader
}

// unblock lets time go on at a server that holds a lock during a Call, until the Call is over: what
// has arrived meanwhile waits for that lock.
func (s *server) unblock() {
	s.answered()
	for range s.node.Peers { // it may call one after the other, or sleep
		if s.answer.known || s.node.Failed() {
			return
		}
		s.node.Pass(s.node.CallTimeout()+time.Millisecond, func() bool { return s.answer.known })
	}
}

// Term is the current term by the lab's own field, for looking at it while the clock goes on.
func (s *server) Term() int {
	if term, ok := s.harness.fields.number(s, "term"); ok {
		return term
	}
	return s.known.term
}

// isSilent says whether a server has sent nothing yet.
func (s *server) isSilent() bool { return len(s.said) == 0 }

// Crash copies the byte slices of the persister, as the course's config.go does.
func (s *server) Crash() any {
	old := s.disk.Elem()
	fresh := reflect.New(old.Type())
	for i := 0; i < old.NumField(); i++ {
		field := open(old.Field(i))
		if field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Uint8 {
			open(fresh.Elem().Field(i)).SetBytes(append([]byte(nil), field.Bytes()...))
		}
	}
	return disk{fresh, s.known, s.applied.applied()}
}

// applyLimit is how long, by its own clock, a server may take to apply what is committed, or to
// hand over a snapshot, once it can.
const applyLimit = 30 * time.Millisecond

// Settle lets a server that polls get to what it is about to do anyway: apply what is committed,
// or notice that it has won.
func (s *server) Settle(step string) {
	if commit, ok := s.harness.fields.number(s, "commit"); ok && max(commit, s.base()) > s.applied.index {
		s.node.Pass(applyLimit, func() bool {
			commit, _ := s.harness.fields.number(s, "commit")
			return max(commit, s.base()) <= s.applied.index
		})
	}
	if step != "receive" && step != "client_request" || s.node.Sends() > 0 {
		return
	}
	if s.unblock(); s.node.Failed() || s.harness.fields.path("role") == nil || s.harness.fields.Candidate == "" {
		return
	}
	if before := s.harness.fields.text(s, "role"); before == s.harness.fields.Candidate {
		s.node.Pass(25*time.Millisecond, func() bool {
			return s.harness.fields.text(s, "role") != before || s.node.Sends() > 0
		})
	}
}

// persisted says whether the lab has ever saved anything.
func (s *server) persisted() bool {
	disk := s.disk.Elem()
	for i := 0; i < disk.NumField(); i++ {
		field := open(disk.Field(i))
		if field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Uint8 && field.Len() > 0 {
			return true
		}
	}
	return false
}

// noMethod stands for the place of a method that is not there.
const noMethod = -1

// methodNamed is a method of the lab's server; it is not valid where there is none, and as long as
// Make has not returned: a service that gets messages before has nobody to call.
func (s *server) methodNamed(name string) reflect.Value {
	if !s.raft.IsValid() {
		return reflect.Value{}
	}
	place, known := s.harness.methods[name]
	if !known {
		place = noMethod
		if found, ok := s.raft.Type().MethodByName(name); ok {
			place = found.Index
		}
		s.harness.methods[name] = place
	}
	if place == noMethod {
		return reflect.Value{}
	}
	return s.raft.Method(place)
}

// method is a method of the lab's server that has to be there.
func (s *server) method(name string) reflect.Value {
	method := s.methodNamed(name)
	if !method.IsValid() {
		panic(fmt.Sprintf("labrpc: found no method %s of %s", name, strings.TrimPrefix(s.raft.Type().String(), "*")))
	}
	return method
}
