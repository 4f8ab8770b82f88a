package raft

// Entry is a command with the term in which a leader took it. Its index is where it stands.
type Entry struct {
	Term    int
	Command interface{}
}

// Log holds the entries after Base, the last one that the snapshot covers.
type Log struct {
	Base     int
	BaseTerm int
	Entries  []Entry
}

func (l *Log) last() int {
	return l.Base + len(l.Entries)
}

func (l *Log) term(index int) int {
	if index == l.Base {
		return l.BaseTerm
	}
	return l.Entries[index-l.Base-1].Term
}

func (l *Log) after(index int) []Entry {
	return append([]Entry(nil), l.Entries[index-l.Base:]...)
}

func (l *Log) keepUntil(index int) {
	l.Entries = append([]Entry(nil), l.Entries[:index-l.Base]...)
}

// Compact drops what a snapshot covers; what follows it stays, if it follows that very entry.
func (l *Log) compact(index, term int) {
	if index <= l.last() && l.term(index) == term {
		l.Entries = l.after(index)
	} else {
		l.Entries = nil
	}
	l.Base, l.BaseTerm = index, term
}
