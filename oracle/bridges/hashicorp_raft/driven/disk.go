package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/hashicorp/raft"

	"raftoracle/adapter"
)

// A disk is what a server has stored: every write is safe when it returns. It is the library's log
// store, stable store and snapshot store.
type disk struct {
	node *adapter.Node
	// entries are those of the log, by rising index; entries behind a snapshot may stand below a gap.
	entries []raft.Log
	// shown are the same entries as views show them. What a view holds of it is never changed.
	shown   []adapter.Entry
	numbers map[string]uint64
	texts   map[string][]byte
	// snapshots are the newest ones, the newest first.
	snapshots []*snapshot
	// lent are entries that can be read though they are not there, for a mend.
	lent map[uint64]raft.Log
	// voteTerm is the term of a vote that is written together with it, for a mend.
	voteTerm *uint64
	stored   func(*raft.Log) // told of each new entry
}

// errNotFound is what the library expects of a log store.
var errNotFound = raft.ErrLogNotFound

func newDisk() *disk {
	return &disk{numbers: map[string]uint64{}, texts: map[string][]byte{}}
}

// copied is a disk with the same contents, for the next life.
func (d *disk) copied() *disk {
	return &disk{
		entries: slices.Clip(d.entries), shown: slices.Clip(d.shown),
		numbers: maps.Clone(d.numbers), texts: maps.Clone(d.texts), snapshots: d.snapshots,
	}
}

// writes is called before each write; a crash inside a step may keep it from returning.
func (d *disk) writes() {
	if d.node != nil {
		d.node.Operation()
	}
}

// The stable store.

func (d *disk) Set(key, value []byte) error {
	d.writes()
	if d.voteTerm != nil && bytes.Equal(key, keyVoteCandidate) {
		d.numbers[string(keyVoteTerm)], d.voteTerm = *d.voteTerm, nil
	}
	d.texts[string(key)] = slices.Clone(value)
	return nil
}

func (d *disk) Get(key []byte) ([]byte, error) { return d.texts[string(key)], nil }

func (d *disk) SetUint64(key []byte, value uint64) error {
	if chosen.mends[mendTornVote] && bytes.Equal(key, keyVoteTerm) {
		d.voteTerm = &value
		return nil
	}
	d.writes()
	d.numbers[string(key)] = value
	return nil
}

func (d *disk) GetUint64(key []byte) (uint64, error) { return d.numbers[string(key)], nil }

// The log store.

func (d *disk) FirstIndex() (uint64, error) {
	if len(d.entries) == 0 {
		return 0, nil
	}
	return d.entries[0].Index, nil
}

func (d *disk) LastIndex() (uint64, error) {
	if len(d.entries) == 0 {
		return 0, nil
	}
	return d.entries[len(d.entries)-1].Index, nil
}

// place is where an index stands, or would stand.
func (d *disk) place(index uint64) (place int, found bool) {
	if len(d.entries) == 0 {
		return 0, false
	}
	if near := int(index) - int(d.entries[0].Index); near >= 0 && near < len(d.entries) && d.entries[near].Index == index {
		return near, true
	}
	place = sort.Search(len(d.entries), func(i int) bool { return d.entries[i].Index >= index })
	return place, place < len(d.entries) && d.entries[place].Index == index
}

func (d *disk) GetLog(index uint64, entry *raft.Log) error {
	place, found := d.place(index)
	if !found {
		lent, isLent := d.lent[index]
		if !isLent {
			return errNotFound
		}
		*entry = lent
		return nil
	}
	*entry = d.entries[place]
	return nil
}

func (d *disk) StoreLog(entry *raft.Log) error { return d.StoreLogs([]*raft.Log{entry}) }

func (d *disk) StoreLogs(entries []*raft.Log) error {
	d.writes()
	for _, entry := range entries {
		if place, found := d.place(entry.Index); found {
			d.entries, d.shown = slices.Clone(d.entries), slices.Clone(d.shown)
			d.entries[place], d.shown[place] = *entry, shownEntry(entry)
		} else {
			d.entries = slices.Insert(d.entries, place, *entry)
			d.shown = slices.Insert(slices.Clip(d.shown[:place]), place, shownEntry(entry))
		}
		if d.stored != nil {
			d.stored(entry)
		}
	}
	return nil
}

func (d *disk) DeleteRange(low, high uint64) error {
	d.writes()
	from, _ := d.place(low)
	until, found := d.place(high)
	if found {
		until++
	}
	d.entries = append(slices.Clip(d.entries[:from]), d.entries[until:]...)
	d.shown = append(slices.Clip(d.shown[:from]), d.shown[until:]...)
	return nil
}

// after is the log from the entry after an index on, as views show it.
func (d *disk) after(index uint64) ([]adapter.Entry, error) {
	place, found := d.place(index + 1)
	if place == len(d.entries) {
		return nil, nil
	}
	if last := d.entries[len(d.entries)-1].Index; !found || last-index != uint64(len(d.entries)-place) {
		return nil, fmt.Errorf("its log has a gap after the snapshot up to %d", index)
	}
	return d.shown[place:], nil
}

// shownEntry is an entry as views show it.
func shownEntry(entry *raft.Log) adapter.Entry {
	shown := adapter.Entry{Term: int(entry.Term)}
	switch entry.Type {
	case raft.LogCommand:
		shown.Content = string(entry.Data)
	case raft.LogConfiguration:
		shown.Content = "members " + describeMembers(raft.DecodeConfiguration(entry.Data))
	case raft.LogNoop:
	default:
		shown.Content = entry.Type.String()
	}
	return shown
}

// describeMembers names voters, and learners in brackets.
func describeMembers(configuration raft.Configuration) string {
	var words []string
	for _, server := range configuration.Servers {
		word := string(server.ID)
		if server.Suffrage != raft.Voter {
			word = "(" + word + ")"
		}
		words = append(words, word)
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}
