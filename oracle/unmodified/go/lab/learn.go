package lab

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"time"

	"raftoracle/adapter"
)

// names decide between fields that behave alike; without case and underscores.
var names = map[string][]string{
	"term":           {"currentterm", "term", "curterm", "currterm", "nowterm", "cterm"},
	"vote":           {"votedfor", "votefor", "votedto", "voteto", "voted", "vote", "votedid"},
	"commit":         {"commitindex", "committedindex", "commitidx", "committed", "commitedindex", "commit", "commitid"},
	"snapshot_index": {"lastincludedindex", "lastincludeindex", "snapshotindex", "lastsnapshotindex", "snapindex", "baseindex"},
	"snapshot_term":  {"lastincludedterm", "lastincludeterm", "snapshotterm", "lastsnapshotterm", "snapterm"},
	"next_index":     {"nextindex", "nextindexes", "nextidx", "nexts", "next"},
	"match_index":    {"matchindex", "matchindexes", "matchidx", "matches", "match"},
	"role":           {"state", "role", "status", "serverstate", "identity", "currentstate", "raftstate"},
	"log":            {"log", "logs", "entries", "logentries", "raftlog"},
	"log_end":        {"size", "length", "len", "count", "last", "lastindex", "lastlogindex", "lastlogidx", "loglength", "loglen", "logsize"},
}

// A lesson is the scripted run from which fields are learned, with what is still thinkable.
type lesson struct {
	harness  *harness
	fields   *fields
	trial    *adapter.Trial
	kind     reflect.Type
	leaves   []path // all fields of a new server that may be looked at
	numbers  map[string]*candidates
	peers    map[string]*candidates
	roles    map[string][]string // by role, the text of each leaf
	log      *logLesson
	fresh    []map[string]int // by server, the numbers of its fields when it was new
	counted  int              // entries in the leader's log: commands, and what leaders add by themselves
	commands map[int]string   // the commands among them, by index
	phase    string           // which act of the script goes on
	agreed   int              // up to where all servers had applied by then
	complete bool             // whether the first server had all commands when it stood
	before   int              // the term of a new server, as GetState says

	requests []seenRequest
	aloud    bool // whether it says when an act begins
	acts     int  // how many acts may begin
	ended    string
}

// acts is how many acts the script has, the start of the servers and the steady while included.
const acts = 7

// newLesson is a scripted run that is to be played to its end.
func newLesson(h *harness) *lesson {
	return &lesson{harness: h, fields: emptyFields(), acts: acts, commands: map[int]string{}}
}

// learned is what is known of the lab's fields: what an earlier process has found out, or the
// outcome of a scripted run.
func (h *harness) learned(remembered string) *fields {
	if remembered != "" {
		return recalled(remembered)
	}
	return h.taught(newLesson(h))
}

// learnAloud prints what is learned, and before that a dot at once and for each act that begins. It may be
// told how many acts to play, and why no more: the process ended in the next.
func (h *harness) learnAloud(words []string) {
	adapter.Print(".")
	l := newLesson(h)
	l.aloud = true
	if len(words) == 2 {
		l.acts, _ = strconv.Atoi(words[0])
		l.ended = words[1]
	}
	adapter.Print(h.taught(l).remembered() + "\n")
}

// taught is what a scripted run tells of the lab's fields.
func (h *harness) taught(l *lesson) *fields {
	h.lesson = l
	h.program.ToleratesBusyLoops, h.program.ToleratesLeaks = true, true
	defer func() { h.program.ToleratesBusyLoops, h.program.ToleratesLeaks, h.lesson = false, false, nil }()
	h.fields = l.fields
	if problem := l.run(); problem != nil {
		l.note("The scripted run went no further: %v.", problem)
		l.fields.Problem = l.fields.Notes[len(l.fields.Notes)-1]
	}
	if l.roles["leader"] != nil && l.begins() {
		l.steady()
	}
	if l.trial != nil {
		l.trial.End()
	}
	l.conclude()
	return l.fields
}

// emptyFields knows nothing.
func emptyFields() *fields {
	return &fields{
		Paths: map[string]*path{}, Shift: map[string]int{}, PeerField: map[string]int{}, PeerFirst: map[string]int{},
		Kinds: map[string]string{}, Places: map[string]string{}, Mistaken: map[string]bool{},
		Entry: entryFields{Term: -1, Index: -1}, Part: 'A',
	}
}

// note adds a sentence for people.
func (l *lesson) note(format string, values ...any) {
	l.fields.Notes = append(l.fields.Notes, fmt.Sprintf(format, values...))
}

// server is the present life of a server by its number from 0 on.
func (l *lesson) server(place int) *server {
	return l.trial.Server(l.trial.Names()[place]).(*server)
}

// begins says whether the next act is to be played, and tells of it.
func (l *lesson) begins() bool {
	if l.acts--; l.acts < 0 {
		return false
	}
	if l.aloud {
		adapter.Print(".")
	}
	return true
}

// run is the script: three servers elect, commit, make a snapshot, restart and elect again.
func (l *lesson) run() error {
	if !l.begins() {
		return errors.New(l.ended)
	}
	trial, err := adapter.NewTrial(&l.harness.program, 3)
	if err != nil {
		return err
	}
	l.trial = trial
	l.prepare()
	var problem error
	for _, act := range []struct {
		name string
		play func() error
	}{
		{"elect", l.elect}, {"replicate", l.replicate}, {"restart", l.restart}, {"compact", l.compact},
		{"depose", l.depose},
	} {
		l.phase = act.name
		if problem != nil && (act.name != "depose" || l.roles["leader"] == nil) {
			continue // a second election tells much, whatever works but that
		}
		if !l.begins() {
			return errors.New(l.ended)
		}
		if err := act.play(); problem == nil {
			problem = err
		}
	}
	return problem
}

// prepare looks at fresh servers.
func (l *lesson) prepare() {
	first := l.server(0)
	l.kind = first.raft.Type().Elem()
	l.readMethods(first)
	term, _ := first.asked()
	l.before = term
	l.fields.TermShift = -min(term, 0)
	l.numbers = map[string]*candidates{}
	l.leaves = append(leaves(l.kind), leavesHeld(first)...)
	for what, shifts := range map[string][]int{
		"term": {0, 1}, "vote": {0, -1}, "commit": {0, 1}, "snapshot_index": {0, 1, -1}, "snapshot_term": {0, 1},
	} {
		found := numbers(l.kind, l.leaves, shifts...)
		l.numbers[what] = &found
	}
	next, match := listsOfNumbers(l.kind, leaves(l.kind), 0, 1), listsOfNumbers(l.kind, leaves(l.kind), 0, 1)
	l.peers = map[string]*candidates{"next_index": &next, "match_index": &match}
	l.roles = map[string][]string{}
	l.log = newLogLesson(l.kind, l.leaves)
	for place := range l.trial.Names() {
		s := l.server(place)
		l.numbers["term"].keepNumber(s, max(term+l.fields.TermShift, 0), false)
		l.numbers["commit"].keepNumber(s, 0, false)
		l.numbers["snapshot_index"].keepNone(s)
		l.numbers["snapshot_term"].keepNone(s)
		l.log.fresh(s)
	}
	l.seeFresh()
	if l.server(0).isSilent() {
		l.seeRole("follower", 0)
	}
}

// seeFresh remembers what may be the vote of servers that have never voted: nothing of those that
// stand as soon as they are made.
func (l *lesson) seeFresh() {
	for place := range l.trial.Names() {
		values := map[string]int{}
		for _, each := range l.numbers["vote"].left {
			values[each.path.Name] = noValue
			if value, ok := integerAt(l.server(place), each.path); ok && l.server(place).isSilent() {
				values[each.path.Name] = value
			}
		}
		l.fresh = append(l.fresh, values)
	}
}

// generated stands in place of a file where the compiler has written a method.
const generated = "<autogenerated>"

// readMethods finds out what each RPC is, and where its handler stands.
func (l *lesson) readMethods(s *server) {
	kind := s.raft.Type()
	for i := 0; i < kind.NumMethod(); i++ {
		method := kind.Method(i)
		if method.Type.NumIn() != 3 || method.Type.In(2).Kind() != reflect.Pointer || method.Type.NumOut() != 0 {
			continue
		}
		if what := kindOf(method.Name, method.Type.In(1)); what != otherKind {
			l.fields.Kinds[method.Name] = what
		}
		if code := runtime.FuncForPC(method.Func.Pointer()); code != nil {
			file, line := code.FileLine(code.Entry())
			if file == generated {
				continue // it is that of a part of the server
			}
			l.fields.Places[method.Name] = fmt.Sprintf("%s:%d", file[strings.LastIndex(file, "/")+1:], line)
		}
	}
}

// seeRole notes what all fields show at a server of a known role.
func (l *lesson) seeRole(role string, place int) {
	s := l.server(place)
	var shown []string
	for _, each := range l.leaves {
		value := each.from(s.state)
		if !value.IsValid() {
			shown = append(shown, "")
			continue
		}
		shown = append(shown, textOf(value))
	}
	if before, ok := l.roles[role]; ok {
		for i := range shown {
			if shown[i] != before[i] {
				shown[i] = ""
			}
		}
	}
	l.roles[role] = shown
}

// replicate lets the leader commit three commands, first with the third server alone.
func (l *lesson) replicate() error {
	for _, place := range []int{1, 2} {
		l.numbers["commit"].keepNumber(l.server(place), 0, false)
	}
	if !l.propose(3) {
		return fmt.Errorf("the leader's Start does not accept a command")
	}
	l.numbers["commit"].keepNumber(l.server(1), 0, true)
	if err := l.exchange(1, 2); err != nil { // some send nothing again that is lost
		return err
	}
	l.trial.Drop()
	for rounds := 0; rounds < 40 && !(l.hasApplied(1) && l.hasApplied(2)); rounds++ {
		if err := l.round(1, 2); err != nil {
			return err
		}
		if rounds < 20 {
			continue
		}
		if err := l.exchange(1, 0); err != nil { // it may wait for everybody's answer
			return err
		}
	}
	leader := l.server(1)
	for _, each := range l.peers { // what only leaders have may be in the object of their role
		each.left = append(each.left, listsOfNumbers(l.kind, leavesHeld(leader)).left...)
	}
	if wrong := leader.applied.wrong; wrong != "" && !l.hasApplied(1) {
		l.fields.Part = 'B' // where hunts will find it
		return fmt.Errorf("the leader %s", wrong)
	}
	if !l.hasApplied(1) || !l.hasApplied(2) {
		return fmt.Errorf("three commands on two of three servers are not applied at the leader")
	}
	l.fields.Part = 'B'
	l.seeCommits(1, 2)
	l.peers["next_index"].keepPeer(leader, 2, l.counted+1, true)
	l.peers["match_index"].keepPeer(leader, 2, l.counted, true)
	l.peers["match_index"].keepPeerNone(leader, 0)
	return l.settle(1)
}

// propose hands commands to the second server, or says that it takes none.
func (l *lesson) propose(count int) bool {
	leader := l.trial.Names()[1]
	for range count {
		before := len(l.server(1).known.started)
		content := fmt.Sprintf("v%d", len(l.commands)+1)
		if l.trial.Propose(leader, content) != nil {
			return false
		}
		if l.server(1).unblock(); len(l.server(1).known.started) == before {
			return false
		}
		made := l.server(1).known.started[before]
		l.count(made)
		l.commands[l.counted] = content
		l.log.proposed(l.server(1), l.counted, made.term, content)
	}
	return true
}

// count takes a command that Start accepted. Indexes begin with 0 or with 1; where the first one is
// higher, the leader has added entries of its own, which hold no command.
func (l *lesson) count(made started) {
	if len(l.commands) == 0 && made.index == 0 {
		l.fields.IndexShift = 1
	}
	for l.counted++; l.counted < made.index+l.fields.IndexShift; l.counted++ {
		l.log.terms[l.counted] = made.term + l.fields.TermShift
	}
}

// round is a heartbeat of one server that reaches another, and the answer.
func (l *lesson) round(from, to int) error {
	names := l.trial.Names()
	if err := l.trial.Do("heartbeat_timeout", names[from]); err != nil {
		return err
	}
	if err := l.trial.Deliver(names[from], names[to]); err != nil {
		return err
	}
	if err := l.trial.Deliver(names[to], names[from]); err != nil {
		return err
	}
	for _, place := range []int{from, to} { // what is committed may be applied by polling
		if err := l.trial.Advance(names[place], 12*time.Millisecond); err != nil {
			return err
		}
	}
	return l.exchange(from, to)
}

// hasApplied says whether a server has applied all commands.
func (l *lesson) hasApplied(place int) bool { return l.server(place).applied.highest >= l.counted }

// settle lets the leader bring all servers up to date.
func (l *lesson) settle(leader int) error {
	for rounds := 0; rounds < 6; rounds++ {
		for place := range l.trial.Names() {
			if place == leader || !l.isUp(place) {
				continue
			}
			if err := l.round(leader, place); err != nil {
				return err
			}
		}
	}
	l.trial.Drop()
	return nil
}

// isUp says whether a server runs.
func (l *lesson) isUp(place int) bool { return l.trial.IsUp(l.trial.Names()[place]) }

// seeCommits compares the commit index of servers that have applied all.
func (l *lesson) seeCommits(places ...int) {
	for _, place := range places {
		if s := l.server(place); s.applied.highest == l.counted {
			l.numbers["commit"].keepNumber(s, l.counted, true)
			l.log.replicated(s, l.counted)
		}
	}
}

// restart crashes the third server, and looks at what it remembers.
func (l *lesson) restart() error {
	names := l.trial.Names()
	l.seeCommits(0, 1, 2)
	if !l.server(2).persisted() {
		l.note("Nothing is saved in the persister yet: no server is crashed.")
		return l.more()
	}
	l.fields.Part = 'C'
	if err := l.trial.Do("crash", names[2]); err != nil {
		return err
	}
	if err := l.trial.Do("restart", names[2]); err != nil {
		return err
	}
	l.log.restarted(l.server(2))
	return l.more()
}

// more commits another command everywhere.
func (l *lesson) more() error {
	if !l.propose(1) {
		return fmt.Errorf("the leader's Start does not accept another command")
	}
	if err := l.settle(1); err != nil {
		return err
	}
	l.seeCommits(0, 1, 2)
	l.peers["next_index"].keepPeer(l.server(1), 0, l.counted+1, true)
	l.peers["match_index"].keepPeer(l.server(1), 0, l.counted, true)
	return nil
}

// compact asks the leader for a snapshot of all but two commands, and commits another one.
func (l *lesson) compact() error {
	leader := l.server(1)
	if l.fields.Part < 'C' || !leader.takesSnapshots() {
		return nil
	}
	l.numbers["snapshot_index"].keepNone(leader)
	l.numbers["snapshot_term"].keepNone(leader) // that of the last entry is above zero by now
	l.fields.Compacts = true                    // for the time of the trial
	l.harness.program.Offers = []string{"Compact"}
	if err := l.trial.Compact(l.trial.Names()[1], 2); err != nil {
		return err
	}
	index := l.counted - 2
	l.fields.Compacts = l.log.compacted(leader, index)
	if !l.fields.Compacts && len(l.log.left) == 0 {
		l.note("The log was not found, so that nothing would show what a snapshot does: none is asked for.")
		return nil
	}
	if !l.fields.Compacts {
		l.note("Snapshot(index, snapshot) leaves the log as it is: no snapshots are asked for.")
		return nil
	}
	l.fields.Part = 'D'
	l.numbers["snapshot_index"].keepNumber(leader, index, true)
	l.numbers["snapshot_term"].keepNumber(leader, l.log.termOf(index), true)
	if !l.log.lost {
		if err := l.compactAgain(); err != nil {
			return err
		}
	}
	if l.log.lost {
		l.note("Snapshot(index, snapshot) leaves fewer entries in the log than come after the index.")
	}
	return nil
}

// compactAgain commits another command, and asks the leader for a snapshot of all but that.
func (l *lesson) compactAgain() error {
	if err := l.more(); err != nil {
		return err
	}
	if err := l.trial.Compact(l.trial.Names()[1], 1); err != nil {
		return err
	}
	l.log.compacted(l.server(1), l.counted-1)
	l.numbers["snapshot_index"].keepNumber(l.server(1), l.counted-1, true)
	return nil
}
