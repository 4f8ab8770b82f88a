package adapter

// shown is what raft-oracle knows of a server's log, so that only its end need be written.
type shown struct {
	known bool
	base  int
	log   []Entry
}

// shorten leaves of a view's log what raft-oracle does not know yet.
func (s *shown) shorten(view *View) {
	base := 0
	if view.Snapshot != nil {
		base = view.Snapshot.Index
	}
	same := 0
	if s.known && s.base == base {
		for same < len(view.Log) && same < len(s.log) && view.Log[same] == s.log[same] {
			same++
		}
	}
	if !s.known || s.base != base || same != len(view.Log) || same != len(s.log) {
		view.Tail = &logTail{base + same + 1, append([]Entry{}, view.Log[same:]...)}
	}
	s.known, s.base, s.log = true, base, view.Log
}
