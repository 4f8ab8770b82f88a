package lab

import (
	"reflect"

	"raftoracle/adapter"
)

// A seenRequest is a request of the scripted run, which tells whether the fields of messages say
// what their names promise.
type seenRequest struct {
	kind   string
	args   reflect.Value // a copy
	phase  string
	counts int // entries in the leader's log by then
}

// noteRequest keeps a copy of a request.
func (l *lesson) noteRequest(method string, args any) {
	value := inner(reflect.ValueOf(args))
	if !value.IsValid() || value.Kind() != reflect.Struct {
		return
	}
	kept := pack(args).as(value.Type())
	l.requests = append(l.requests, seenRequest{l.fields.Kinds[method], kept, l.phase, l.counted})
}

// concludeRequests drops the fields of messages that were wrong in the scripted run, where all
// went well: what they say is then not known.
func (l *lesson) concludeRequests() {
	l.fields.MessageShift = l.messageShift()
	l.expectAllCommitted()
	for _, each := range l.requests {
		switch {
		case each.kind == requestVote && each.phase == "elect":
			l.expect(each, "last_log_index", 0)
			l.expect(each, "last_log_term", 0)
		case each.kind == requestVote && each.phase == "depose" && l.complete:
			l.expect(each, "last_log_index", each.counts)
			l.expect(each, "last_log_term", l.log.termOf(each.counts))
		case each.kind == appendEntries && each.phase != "steady": // then there may be new leaders
			l.expectEntries(each)
		}
	}
}

// messageShift is what is added to indexes in messages: the one with which the previous entries of
// most AppendEntries come right. Start may count in another way than messages do.
func (l *lesson) messageShift() int {
	best, most := l.fields.IndexShift, 0
	for _, shift := range []int{l.fields.IndexShift, 0, 1} {
		l.fields.MessageShift = shift
		right := 0
		for _, seen := range l.requests {
			if seen.kind != appendEntries {
				continue
			}
			previous, ok := l.fields.said(appendEntries, "prev_log_index", seen.args)
			entries, read := l.fields.entriesIn(seen.args.Elem(), previous)
			if ok && read && len(entries) > 0 && l.isAt(previous+1, entries[0]) {
				right++
			}
		}
		if right > most {
			best, most = shift, right
		}
	}
	return best
}

// isAt says whether an entry is the one that was proposed at an index. What leaders add by themselves may
// look like anything.
func (l *lesson) isAt(index int, entry adapter.Entry) bool {
	command, ok := l.commands[index]
	return entry.Content == command || !ok && 0 < index && index <= l.counted+1
}

// expectAllCommitted drops the commit index in messages if it never was as high as what all servers
// have applied: they learned of it by such a message.
func (l *lesson) expectAllCommitted() {
	highest, known := 0, false
	for _, seen := range l.requests {
		commit, ok := l.fields.said(seen.kind, "leader_commit", seen.args)
		highest, known = max(highest, commit), known || ok
	}
	if known && highest < l.agreed {
		l.fields.Mistaken[appendEntries+".leader_commit"] = true
		l.fields.Mistaken[heartbeat+".leader_commit"] = true
	}
}

// expect compares a field of a request.
func (l *lesson) expect(seen seenRequest, name string, want int) {
	if said, ok := l.fields.said(seen.kind, name, seen.args); ok && said != want {
		l.fields.Mistaken[seen.kind+"."+name] = true
	}
}

// expectEntries compares an AppendEntries request with the commands that were proposed.
func (l *lesson) expectEntries(seen seenRequest) {
	previous, ok := l.fields.said(appendEntries, "prev_log_index", seen.args)
	if !ok {
		return
	}
	l.expect(seen, "prev_log_term", l.log.termOf(previous))
	if commit, ok := l.fields.said(appendEntries, "leader_commit", seen.args); ok && commit > seen.counts {
		l.fields.Mistaken[appendEntries+".leader_commit"] = true
	}
	entries, ok := l.fields.entriesIn(seen.args.Elem(), previous)
	for place, entry := range entries {
		if ok && !l.isAt(previous+1+place, entry) {
			l.fields.Mistaken[appendEntries+".prev_log_index"] = true
		}
	}
}
