package lab

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"maps"
	"reflect"
	"regexp"
	"strconv"
	"sync"
)

// A machine is the state machine above a server: it keeps a digest of all that was applied.
type machine struct {
	index    int
	highest  int    // index that was ever applied
	restored int    // the index of the last snapshot that it took
	shown    int    // the index at the last look
	again    string // what was applied after what comes later, or twice, since the last look, in words
	wrong    string // what of that was last seen
	digest   [16]byte
	digests  map[int][16]byte // by index, for snapshots
	earlier  map[int]bool     // the indexes of commands that the lives before have applied
}

// apply takes one command.
func (m *machine) apply(index int, content string) {
	if m.again == "" && 0 < index && index <= m.index {
		m.again = fmt.Sprintf("applies index %d after %s", index, m.lastInWords())
	}
	for missing := m.index + 1; m.again == "" && missing < index; missing++ {
		if m.earlier[missing] { // a leader's own entry would never have been applied
			m.again = fmt.Sprintf("applies index %d without index %d, which it had applied before it started again", index, missing)
		}
	}
	m.index, m.highest = index, max(m.highest, index)
	digest := fnv.New128a()
	fmt.Fprintf(digest, "%x %d %s", m.digest, index, content)
	digest.Sum(m.digest[:0])
	m.remember()
}

// applied are the indexes of all commands and snapshots that this life and those before have taken.
func (m *machine) applied() map[int]bool {
	all := map[int]bool{}
	maps.Copy(all, m.earlier)
	for index := range m.digests {
		all[index] = true
	}
	return all
}

// lastInWords says what the machine has come to, and by what.
func (m *machine) lastInWords() string {
	if m.index == m.restored {
		return fmt.Sprintf("a snapshot up to index %d", m.index)
	}
	return fmt.Sprintf("index %d", m.index)
}

// disorder says in words what was applied twice, or after what should have come later, since the last
// look. Where the last index has fallen, everybody sees that.
func (m *machine) disorder() string {
	said := m.again
	if m.again = ""; m.index < m.shown {
		return ""
	}
	return said
}

func (m *machine) remember() {
	if m.digests == nil {
		m.digests = map[int][16]byte{}
	}
	m.digests[m.index] = m.digest
}

// snapshot writes the machine as it was at an index, as the course's config.go does: the index, then
// a list of what was applied. Some labs read that index.
func (m *machine) snapshot(index int) []byte {
	var written bytes.Buffer
	encoder := gob.NewEncoder(&written)
	text := fmt.Sprintf("raft-oracle snapshot %d %x.", index, m.digests[index])
	for _, each := range []any{index, []any{text}} {
		if err := encoder.Encode(each); err != nil {
			panic(err)
		}
	}
	return written.Bytes()
}

// snapshotPattern finds a snapshot of ours. Most processes never need it.
var snapshotPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`raft-oracle snapshot (\d+) ([0-9a-f]{32})\.`)
})

// restore reads a snapshot, which the lab may have wrapped in bytes of its own; it says whether
// there was one.
func (m *machine) restore(snapshot []byte) bool {
	if len(snapshot) == 0 {
		return false
	}
	found := snapshotPattern().FindSubmatch(snapshot)
	if found == nil {
		return false
	}
	m.index, _ = strconv.Atoi(string(found[1]))
	m.restored = m.index
	digest, _ := hex.DecodeString(string(found[2]))
	copy(m.digest[:], digest)
	m.remember()
	return true
}

// restoreMachine starts the machine from the snapshot that the persister holds, if any.
func (s *server) restoreMachine() {
	if read := s.disk.MethodByName("ReadSnapshot"); read.IsValid() && read.Type().NumIn() == 0 {
		s.applied.restore(read.Call(nil)[0].Bytes())
	}
}

// takeApplied is the service above the server: it takes what comes out of applyCh. A service that
// makes snapshots calls the lab between two messages, so a lab that holds its lock while it sends
// waits for ever. This one asks for the state now and then, which changes nothing.
func (s *server) takeApplied(applyCh reflect.Value) {
	for {
		message, ok := applyCh.Recv()
		if !ok {
			return
		}
		if message = inner(message); message.IsValid() {
			s.takeOne(message)
		}
		if s.asks {
			s.asks = false
			s.methodNamed("GetState").Call(nil)
		}
	}
}

// takeOne takes a command or a snapshot, by the names of ApplyMsg that the course has used.
func (s *server) takeOne(message reflect.Value) {
	index, content, isCommand := 0, "", true
	for i := 0; i < message.NumField(); i++ {
		field := open(message.Field(i))
		switch plain(message.Type().Field(i).Name) {
		case "commandvalid":
			isCommand = field.Bool()
		case "commandindex", "index", "commandidx", "commandid", "logindex":
			index, _ = integer(field)
		case "command":
			content = contentOf(field)
		}
	}
	if snapshot, ok := snapshotIn(message); ok {
		s.takeSnapshot(message, snapshot)
		return
	}
	if isCommand {
		s.applied.apply(index, content)
	}
}

// snapshotIn is the snapshot in a message of applyCh that has one, whatever its fields are called.
func snapshotIn(message reflect.Value) (snapshot reflect.Value, ok bool) {
	for i := range message.NumField() {
		field := open(message.Field(i))
		if field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Uint8 && field.Len() > 0 && snapshotPattern().Match(field.Bytes()) {
			return field, true
		}
	}
	return reflect.Value{}, false
}

// takeSnapshot takes a snapshot from the leader; in the older labs the service asks first whether
// it may (CondInstallSnapshot).
func (s *server) takeSnapshot(message reflect.Value, snapshot reflect.Value) {
	term, index := message.FieldByName("SnapshotTerm"), message.FieldByName("SnapshotIndex")
	ask := s.methodNamed("CondInstallSnapshot")
	if ask.IsValid() && ask.Type().NumIn() == 3 && ask.Type().NumOut() == 1 && term.IsValid() && index.IsValid() {
		may := ask.Call([]reflect.Value{
			term.Convert(ask.Type().In(0)), index.Convert(ask.Type().In(1)), snapshot.Convert(ask.Type().In(2)),
		})
		if may[0].Kind() == reflect.Bool && !may[0].Bool() {
			return
		}
	}
	s.applied.restore(snapshot.Bytes())
}

// Compact hands the lab a snapshot of all that is applied but for the last entries. Its service will
// ask for the state once more before it takes what is applied next but one.
func (s *server) Compact(keep int) {
	s.asks = s.harness.compacts()
	index := s.applied.index - keep
	if !s.harness.compacts() || index < 1 || index <= s.base() || index <= s.known.compacted {
		return
	}
	if _, ok := s.applied.digests[index]; !ok {
		return
	}
	s.known.compacted = index
	method := s.methodNamed("Snapshot")
	snapshot := s.applied.snapshot(index)
	s.node.Run(func() {
		method.Call([]reflect.Value{reflect.ValueOf(index).Convert(method.Type().In(0)), reflect.ValueOf(snapshot)})
	})
}

// takesSnapshots says whether the lab has Snapshot(index, snapshot), and no CondInstallSnapshot of
// a form that is not known.
func (s *server) takesSnapshots() bool {
	method := s.methodNamed("Snapshot")
	if !method.IsValid() || method.Type().NumIn() != 2 || !isInteger(method.Type().In(0)) {
		return false
	}
	if in := method.Type().In(1); in.Kind() != reflect.Slice || in.Elem().Kind() != reflect.Uint8 {
		return false
	}
	ask := s.methodNamed("CondInstallSnapshot")
	return !ask.IsValid() || ask.Type().NumIn() == 3
}
