package raft

// Entry is one command in the log, and the term in which a leader received it.
type Entry struct {
	Term    int
	Command interface{}
}

// Log is the replicated log. Its first entry has index 1.
type Log struct {
	Entries []Entry
}

// lastIndex is the index of the last entry, or 0.
func (log *Log) lastIndex() int {
	return len(log.Entries)
}

// has tells whether there is an entry of this index; that of index 0 is always there.
func (log *Log) has(index int) bool {
	return index >= 0 && index <= log.lastIndex()
}

// at returns the entry of an index that is there, and an entry of term 0 before the first one.
func (log *Log) at(index int) Entry {
	if index == 0 {
		return Entry{}
	}
	return log.Entries[index-1]
}

// from returns a copy of the entries from an index on.
func (log *Log) from(index int) []Entry {
	return append([]Entry(nil), log.Entries[index-1:]...)
}

// append adds entries at the end.
func (log *Log) append(entries ...Entry) {
	log.Entries = append(log.Entries, entries...)
}

// cutAt removes the entry of an index and all that follow.
func (log *Log) cutAt(index int) {
	log.Entries = append([]Entry(nil), log.Entries[:index-1]...)
}

// firstOf returns the lowest index up to this one whose entries, from there on, are of one term.
func (log *Log) firstOf(index int) int {
	for index > 1 && log.at(index-1).Term == log.at(index).Term {
		index--
	}
	return index
}

// isBehind tells whether a log that ends with this index and term has all that this one has.
func (log *Log) isBehind(lastIndex int, lastTerm int) bool {
	own := log.at(log.lastIndex()).Term
	return lastTerm > own || lastTerm == own && lastIndex >= log.lastIndex()
}
