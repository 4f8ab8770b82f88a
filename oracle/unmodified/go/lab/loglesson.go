package lab

import "reflect"

// A logLesson finds the log among a server's fields, and learns how its entries are counted.
type logLesson struct {
	left  []logCandidate
	terms map[int]int // by index, as Start told
	lost  bool        // whether entries went that a snapshot does not hold
}

// A logCandidate is a list of structs that may be the log, linked or not, or a map of them by their
// indexes.
type logCandidate struct {
	path     path
	dummies  int // entries of a fresh log
	term     int // the place of the term in an entry, or -1
	places   map[int]bool
	indexes  map[int]int // places that may be the entry's own index, with their shift
	snapshot int         // dummies of a log that begins with a snapshot
	right    int
	short    bool       // whether it became shorter when a snapshot was made
	ends     candidates // numbers beside it that may say how long it is
	moves    bool       // whether such a number became smaller when a snapshot was made
}

// newLogLesson lists all of these fields that may be a log.
func newLogLesson(kind reflect.Type, among []path) *logLesson {
	found := &logLesson{terms: map[int]int{}}
	for _, each := range among {
		at := pointedAt(typeAt(kind, each))
		if !isLog(at) {
			continue
		}
		one := elementOf(at)
		made := logCandidate{path: each, term: -1, places: map[int]bool{}, indexes: map[int]int{}}
		for place := range numbersOf(one) {
			made.places[place] = true
		}
		made.ends = numbersBeside(kind, among, each)
		found.left = append(found.left, made)
	}
	return found
}

// list is the candidate's value at a server.
func (c *logCandidate) list(s *server) (reflect.Value, bool) {
	value := listIn(c.path.from(s.state))
	return value, value.IsValid()
}

// lengthAt is what a number beside the list says when the last entry has this index: how long the list
// is, or would be if no snapshot had made it shorter.
func (c *logCandidate) lengthAt(index int, list reflect.Value) int {
	if c.short && !c.moves {
		return index + c.dummies
	}
	return list.Len()
}

// keep drops the candidates for which a claim does not hold.
func (l *logLesson) keep(holds func(c *logCandidate) bool) {
	var left []logCandidate
	for i := range l.left {
		if holds(&l.left[i]) {
			left = append(left, l.left[i])
		}
	}
	l.left = left
}

// fresh looks at the log of a new server: what stands there is no entry.
func (l *logLesson) fresh(s *server) {
	l.keep(func(c *logCandidate) bool {
		list, ok := c.list(s)
		if ok {
			c.dummies = list.Len()
			c.ends.keepNumber(s, list.Len(), false)
		}
		return ok && list.Len() <= 1
	})
}

// proposed looks for a command that Start accepted, at the end of the leader's log.
func (l *logLesson) proposed(s *server, index, term int, content string) {
	l.terms[index] = term + s.harness.fields.TermShift
	l.keep(func(c *logCandidate) bool {
		list, ok := c.list(s)
		if !ok || list.Len() == 0 {
			return false
		}
		last := inner(list.Index(list.Len() - 1))
		if !last.IsValid() || entryContent(last) != content {
			return false
		}
		c.ends.keepNumber(s, c.lengthAt(index, list), true)
		for place := range c.places {
			number, _ := numberIn(last, place)
			if number == term {
				continue
			}
			delete(c.places, place)
			if shift := index - number; (shift == 0 || shift == 1) && place != commandPlace(last.Type()) {
				if known, ok := c.indexes[place]; !ok || known == shift {
					c.indexes[place] = shift
				}
			}
		}
		for place, shift := range c.indexes {
			if number, _ := numberIn(last, place); number+shift != index {
				delete(c.indexes, place)
			}
		}
		c.right++
		return true
	})
}

// replicated checks that a server that has applied all has as many entries.
func (l *logLesson) replicated(s *server, count int) {
	l.keep(func(c *logCandidate) bool {
		list, ok := c.list(s)
		if ok && !c.short {
			c.ends.keepNumber(s, list.Len(), false)
		}
		return ok && (c.short || list.Len() == count+c.dummies)
	})
}

// restarted looks at a log that was read from the disk.
func (l *logLesson) restarted(s *server) {
	for i := range l.left {
		if list, ok := l.left[i].list(s); ok {
			l.left[i].ends.keepNumber(s, list.Len(), false)
		}
	}
}

// compacted says whether a log became shorter by a snapshot up to an index, and learns where its
// first entry stands then.
func (l *logLesson) compacted(s *server, index int) bool {
	last := 0
	for each := range l.terms {
		last = max(last, each)
	}
	before := l.left
	l.keep(func(c *logCandidate) bool {
		list, ok := c.list(s)
		if !ok {
			return false
		}
		dummies := list.Len() - (last - index)
		if c.short && dummies < c.snapshot { // an earlier snapshot has left more
			l.lost = true
			return true
		}
		c.short = dummies == 0 || dummies == 1
		c.snapshot = dummies
		if c.short && !c.ends.preferNumber(s, last+c.dummies) {
			c.ends.keepNumber(s, list.Len(), false)
			c.moves = true
		}
		return c.short || list.Len() == last+c.dummies
	})
	if len(l.left) == 0 {
		l.left = before
		l.keepLosing(s, last-index)
	}
	for _, each := range l.left {
		if each.short {
			return true
		}
	}
	return false
}

// keepLosing keeps what lost entries that it should have kept: that is a mistake of the lab, for hunts
// to find, and no reason not to look at its log.
func (l *logLesson) keepLosing(s *server, left int) {
	l.keep(func(c *logCandidate) bool {
		list, ok := c.list(s)
		if !ok || list.Len() >= left {
			return false
		}
		c.short, c.snapshot = true, min(c.dummies, list.Len())
		l.lost = true
		return true
	})
}

// termOf is the term of an entry.
func (l *logLesson) termOf(index int) int { return l.terms[index] }

// conclude takes the log that behaved like one.
func (l *logLesson) conclude(f *fields, kind reflect.Type) {
	if l == nil {
		return
	}
	best, rank := -1, 0
	for i, each := range l.left {
		if each.right == 0 || len(each.places) == 0 {
			continue
		}
		if mine := rankOf(each.path.word(), names["log"]); best < 0 || mine < rank {
			best, rank = i, mine
		}
	}
	if best < 0 {
		return
	}
	found := l.left[best]
	f.Paths["log"] = &found.path
	f.Entry.Dummies, f.Entry.SnapshotDummies = found.dummies, found.snapshot
	if !f.Compacts {
		f.Entry.SnapshotDummies = found.dummies
	}
	entry := elementOf(typeAt(kind, found.path))
	f.Entry.Term = bestPlace(entry, found.places, []string{"term", "logterm", "entryterm", "team"})
	places := map[int]bool{}
	for place := range found.indexes {
		places[place] = f.Entry.Term >= 0 && isBeside(entry, f.Entry.Term, place)
	}
	if f.Entry.Index = bestPlace(entry, places, []string{"index", "logindex", "idx"}); f.Entry.Index >= 0 {
		f.Entry.IndexShift = found.indexes[f.Entry.Index]
	}
	if end := found.ends.best(names["log_end"], 3, nil); end != nil {
		f.Paths[logEnd], f.Shift[logEnd], f.Entry.EndMoves = &end.path, end.shift, found.moves
	}
}

// logEnd is what leads to a number that says how long the log is, beside a list that may be longer.
const logEnd = "log_end"

// numbersBeside are the numbers in the struct that a list shares with few other things. That of a whole
// server has too many: there only those count that are called so, beside a map, which has no length that
// can be cut.
func numbersBeside(kind reflect.Type, among []path, list path) candidates {
	found := numbers(kind, among, 0, 1)
	if found.preferBeside(list); len(list.Steps) > 1 {
		return found
	}
	if pointedAt(typeAt(kind, list)).Kind() != reflect.Map {
		return candidates{}
	}
	found.keepNamed(names["log_end"])
	return found
}

// pointedAt is a type, or what it points at.
func pointedAt(kind reflect.Type) reflect.Type {
	if kind.Kind() == reflect.Pointer {
		return kind.Elem()
	}
	return kind
}

// elementOf is the struct of which a list's elements are.
func elementOf(list reflect.Type) reflect.Type {
	if list = pointedAt(list); nextIn(list) >= 0 {
		return entryOf(list)
	}
	return pointedAt(list.Elem())
}
