package lab

import (
	"fmt"
	"reflect"
	"sync/atomic"

	"raftoracle/adapter"
)

// fields says which fields of a lab's server are what, and how they count. It is learned once, and
// handed from process to process (remember.go).
type fields struct {
	// Paths by what they lead to: term, vote, role, log, commit, next_index, match_index,
	// snapshot_index, snapshot_term.
	Paths map[string]*path
	// Shift is what is added to a field's value to get the paper's.
	Shift map[string]int
	// PeerField is the place of a number in a struct for each peer, for next_index and match_index.
	PeerField map[string]int
	// PeerFirst is where the first peer stands in a list of next_index or match_index.
	PeerFirst map[string]int
	// TermShift is that of messages, GetState and applyCh.
	TermShift int
	// IndexShift is that of what Start returns, MessageShift that of indexes in messages.
	IndexShift   int
	MessageShift int
	// Fresh is the value of the vote's field in a new server.
	Fresh int
	// Follower, Candidate and Leader are what the field of the role shows; Candidate is empty where the
	// field only tells leaders from others.
	Follower  string
	Candidate string
	Leader    string
	// Entry says how entries look.
	Entry entryFields
	// Kinds of RPCs by method; Places are where their handlers stand, file and line.
	Kinds  map[string]string
	Places map[string]string
	// Mistaken are the fields of messages that do not say what their names promise.
	Mistaken map[string]bool
	// Part is the last part of the lab, 'A' to 'D', that works in a scripted run.
	Part byte
	// Compacts says whether snapshots can be asked for.
	Compacts bool
	// Problem is a sentence for people about where the scripted run ended, if not at its end.
	Problem string
	// Notes are sentences for people about what was found and what was not.
	Notes []string
}

// entryFields says how an entry of the log looks, and where it lies.
type entryFields struct {
	// Term and Index are places among the numbers of the entry's struct; -1 if there is none.
	Term  int
	Index int
	// IndexShift is added to an entry's own index.
	IndexShift int
	// Dummies is how many entries at the beginning of the slice stand for none, in a fresh log and
	// in one that begins with a snapshot.
	Dummies         int
	SnapshotDummies int
	// EndMoves says whether the number that says how long the log is counts from its first entry on.
	EndMoves bool
}

// path leads to what is asked for; nil if it was not found.
func (f *fields) path(what string) *path {
	if f == nil {
		return nil
	}
	return f.Paths[what]
}

// raw is a field's own value.
func (f *fields) raw(s *server, what string) reflect.Value {
	there := f.path(what)
	if there == nil || !s.state.IsValid() {
		return reflect.Value{}
	}
	return there.from(s.state)
}

// number is a field's value in the paper's counting.
func (f *fields) number(s *server, what string) (int, bool) {
	value := f.raw(s, what)
	if !value.IsValid() {
		return 0, false
	}
	number, ok := integer(value)
	return number + f.Shift[what], ok
}

// text is a field's value as text.
func (f *fields) text(s *server, what string) string {
	if value := f.raw(s, what); value.IsValid() {
		return textOf(value)
	}
	return ""
}

// atomicFlag is the type of a flag that is read and written by all.
var atomicFlag = reflect.TypeFor[atomic.Bool]()

// textOf is a number, a text or a flag as text, and of a value behind an interface the name of its type.
func textOf(value reflect.Value) string {
	if number, ok := integer(value); ok {
		if value.Type() == atomicFlag {
			return fmt.Sprint(number != 0)
		}
		return fmt.Sprint(number)
	}
	held := inner(value)
	switch {
	case !held.IsValid():
		return ""
	case held.Kind() == reflect.String || held.Kind() == reflect.Bool:
		return fmt.Sprint(held)
	case value.Kind() == reflect.Interface:
		return held.Type().Name()
	}
	return ""
}

// peers are the numbers of a field that has one for each peer.
func (f *fields) peers(s *server, what string) (map[string]int, bool) {
	value := inner(f.raw(s, what))
	if !value.IsValid() {
		return nil, false
	}
	found := map[string]int{}
	for place, name := range s.node.Peers {
		if name == s.node.Name {
			continue
		}
		number, ok := peerNumber(value, place+f.PeerFirst[what], f.PeerField[what])
		if !ok {
			return nil, false
		}
		found[name] = max(number+f.Shift[what], 0)
	}
	return found, true
}

// peerNumber is the number for one peer in a slice, an array or a map; field is the place of the
// number in a struct for each peer, or -1.
func peerNumber(value reflect.Value, peer, field int) (int, bool) {
	var one reflect.Value
	switch value.Kind() {
	case reflect.Slice, reflect.Array:
		if peer >= value.Len() {
			return 0, false
		}
		one = open(value.Index(peer))
	case reflect.Map:
		if !isInteger(value.Type().Key()) {
			return 0, false
		}
		if one = value.MapIndex(reflect.ValueOf(peer).Convert(value.Type().Key())); !one.IsValid() {
			return 0, true // not there yet: zero, as Go has it
		}
	default:
		return 0, false
	}
	if field >= 0 {
		if one = inner(one); !one.IsValid() || one.Kind() != reflect.Struct || field >= one.NumField() {
			return 0, false
		}
		one = open(one.Field(field))
	}
	return integer(one)
}

// isLog says whether a type may be a log: a slice, a map or a linked list of entries.
func isLog(kind reflect.Type) bool {
	if nextIn(kind) >= 0 {
		return hasNumber(entryOf(kind))
	}
	if kind.Kind() == reflect.Map && isInteger(kind.Key()) {
		kind = reflect.SliceOf(kind.Elem())
	}
	return isEntries(kind)
}

// listIn is a log as a list. Of a map, it ends where an index is missing.
func listIn(value reflect.Value) reflect.Value {
	if value.IsValid() && nextIn(pointedAt(value.Type())) >= 0 {
		return linked(value)
	}
	value = inner(value)
	if !value.IsValid() || value.Kind() == reflect.Slice {
		return value
	}
	places := map[int]reflect.Value{}
	first := 0
	for _, key := range value.MapKeys() {
		place, _ := integer(key)
		if places[place] = value.MapIndex(key); len(places) == 1 || place < first {
			first = place
		}
	}
	list := reflect.MakeSlice(reflect.SliceOf(value.Type().Elem()), 0, len(places))
	for place := first; places[place].IsValid(); place++ {
		list = reflect.Append(list, places[place])
	}
	return list
}

// isEntries says whether a type is a slice of structs that have a number.
func isEntries(kind reflect.Type) bool {
	if kind.Kind() != reflect.Slice {
		return false
	}
	one := kind.Elem()
	if one.Kind() == reflect.Pointer {
		one = one.Elem()
	}
	return one.Kind() == reflect.Struct && !isInteger(one) && hasNumber(one)
}

// list is the log as a list; invalid where it is not known, or not there.
func (f *fields) list(s *server) reflect.Value { return listIn(f.raw(s, "log")) }

// entry reads an entry.
func (f *fields) entry(value reflect.Value) (adapter.Entry, bool) {
	value = inner(value)
	term, ok := numberIn(value, f.Entry.Term)
	if !ok {
		return adapter.Entry{}, false
	}
	return adapter.Entry{Term: max(term+f.TermShift, 0), Content: entryContent(value)}, true
}

// ownIndex is the index that an entry says it has.
func (f *fields) ownIndex(value reflect.Value) (int, bool) {
	index, ok := numberIn(inner(value), f.Entry.Index)
	return index + f.Entry.IndexShift, ok
}

// entryContent is an entry's command: what stands in its field of any type, or else of text, or else
// in the number that is called so; it may lie in a struct within the entry.
func entryContent(value reflect.Value) string {
	text := ""
	for i := 0; i < value.NumField(); i++ {
		field := open(value.Field(i))
		switch {
		case field.Kind() == reflect.Interface:
			return contentOf(field)
		case field.Kind() == reflect.String:
			text = field.String()
		case text == "" && field.Kind() == reflect.Struct && !isForeign(field.Type()):
			text = entryContent(field)
		}
	}
	if place := commandPlace(value.Type()); text == "" && place >= 0 {
		number, _ := numberIn(value, place)
		return commandOf(int64(number))
	}
	return text
}

// base is the index after which the server's log begins.
func (s *server) base() int {
	f := s.harness.fields
	if f == nil {
		return 0
	}
	if log := f.list(s); f.Entry.Index >= 0 && log.IsValid() && log.Len() > 0 {
		if index, ok := f.ownIndex(log.Index(0)); ok && index > 0 {
			dummies := f.Entry.Dummies
			if index > 1 {
				dummies = f.Entry.SnapshotDummies
			}
			return index - 1 + dummies
		}
	}
	base, _ := f.number(s, "snapshot_index")
	return max(base, 0)
}

// entries is the log after the base, and whether it could be read.
func (s *server) entries(base int) ([]adapter.Entry, bool) {
	f := s.harness.fields
	log := f.list(s)
	if !log.IsValid() {
		if there := f.path("log"); there != nil && len(there.Held) > 0 {
			s.contradicts("log", "another object is there by now")
		}
		return nil, f.path("log") != nil
	}
	first := f.Entry.Dummies
	if base > 0 {
		first = f.Entry.SnapshotDummies
	}
	found := make([]adapter.Entry, 0, log.Len())
	for i := min(first, log.Len()); i < log.Len(); i++ {
		one, ok := f.entry(log.Index(i))
		if !ok {
			return nil, false
		}
		found = append(found, one)
	}
	return found[:s.length(base, len(found))], true
}

// length is how many of the entries in its list a log has: what was deleted may still be there, behind
// a number that says where the log ends.
func (s *server) length(base, listed int) int {
	f := s.harness.fields
	end, ok := f.number(s, logEnd)
	if !ok {
		return listed
	}
	length := end - f.Entry.Dummies - base
	if base > 0 && f.Entry.EndMoves {
		length = end - f.Entry.SnapshotDummies
	}
	if length < 0 || length > listed {
		return listed
	}
	return length
}
