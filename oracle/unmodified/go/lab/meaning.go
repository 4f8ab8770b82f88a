package lab

import (
	"reflect"
	"regexp"
	"strings"
	"sync"
	"unsafe"

	"raftoracle/adapter"
)

// requestOf is a request as it was sent.
type requestOf = adapter.Message

// The kinds of RPCs, as the paper's figures have them.
const (
	requestVote     = "request_vote"
	appendEntries   = "append_entries"
	installSnapshot = "install_snapshot"
	preVote         = "pre_vote"
	heartbeat       = "heartbeat"
	otherKind       = "other"
)

// words are the names that a field of a message may have, without case and underscores; the
// first that fits is taken.
var words = map[string]map[string][]string{
	requestVote: {
		"term":           {"term", "candidateterm", "currentterm", "cterm"},
		"last_log_index": {"lastlogindex", "lastindex", "lastlogidx", "lastlogid", "lastentryindex"},
		"last_log_term":  {"lastlogterm", "lastterm", "lastentryterm"},
	},
	preVote: {
		"term":           {"term", "nextterm", "candidateterm", "currentterm"},
		"last_log_index": {"lastlogindex", "lastindex", "lastlogidx", "lastlogid", "lastentryindex"},
		"last_log_term":  {"lastlogterm", "lastterm", "lastentryterm"},
	},
	appendEntries: {
		"term":           {"term", "leaderterm", "currentterm", "cterm"},
		"prev_log_index": {"prevlogindex", "previndex", "prelogindex", "prevlogidx", "preventryindex", "preindex", "previdx", "prevlogid", "prelogid", "lastlogindex"},
		"prev_log_term":  {"prevlogterm", "prevterm", "prelogterm", "preventryterm", "preterm", "prevlogtrem", "lastlogterm"},
		"leader_commit":  {"leadercommit", "leadercommitindex", "commitindex", "committedindex", "leadercommitidx", "leadercommitedindex", "leadercommitid", "commitidx", "commitid", "commit"},
	},
	heartbeat: {
		"term":          {"term", "leaderterm", "currentterm", "cterm"},
		"leader_commit": {"leadercommit", "leadercommitindex", "commitindex", "committedindex"},
	},
	installSnapshot: {
		"term":                {"term", "leaderterm", "currentterm", "cterm"},
		"last_included_index": {"lastincludedindex", "lastincludeindex", "snapshotindex", "lastsnapshotindex", "lastincludedidx", "lastincludedentryindex", "lastsnapindex"},
		"last_included_term":  {"lastincludedterm", "lastincludeterm", "snapshotterm", "lastsnapshotterm", "lastincludedentryterm", "lastsnapterm"},
	},
}

// replyWords are the names of the fields of replies.
var replyWords = map[string][]string{
	"term":         {"term", "replyterm", "currentterm", "cterm"},
	"vote_granted": {"votegranted", "granted", "voted", "grantvote", "isvotegranted", "vote", "grant", "ok", "accept", "accepted"},
	"success":      {"success", "succ", "issuccess", "ok", "successful", "accept", "accepted"},
}

// replyFlags are the fields of replies that tell whether the replier agrees.
var replyFlags = map[string]string{requestVote: "vote_granted", preVote: "vote_granted", appendEntries: "success"}

// kindOf tells what a request is: by what it carries (entries, a snapshot), by its method's name, or
// by the fields that only one kind has.
func kindOf(method string, args reflect.Type) string {
	args, name := pointedAt(args), plain(method)
	if args.Kind() != reflect.Struct {
		return otherKind
	}
	entries, snapshot := false, false
	for i := range args.NumField() {
		field := args.Field(i).Type
		entries = entries || isEntries(field)
		snapshot = snapshot || field.Kind() == reflect.Slice && field.Elem().Kind() == reflect.Uint8
	}
	has := func(kind, what string) bool { return fieldNamed(args, words[kind][what]) != nil }
	switch {
	case strings.Contains(name, "prevote") && has(preVote, "term"):
		return preVote
	case entries && has(appendEntries, "term"):
		return appendEntries
	case snapshot && has(installSnapshot, "last_included_index"):
		return installSnapshot
	case entries || snapshot:
		return otherKind
	case has(appendEntries, "prev_log_index") && !has(requestVote, "last_log_index"):
		return appendEntries
	case (has(requestVote, "last_log_index") || strings.Contains(name, "vote")) && has(requestVote, "term"):
		return requestVote
	case holdsAny(args):
		return otherKind // an entry, or what else a lab has of its own
	case (strings.Contains(name, "heartbeat") || strings.Contains(name, "append")) && has(heartbeat, "term"):
		return heartbeat
	}
	return otherKind
}

// holdsAny says whether a value of any type stands in a struct, as a command does in an entry.
func holdsAny(kind reflect.Type) bool {
	for i := range kind.NumField() {
		field := kind.Field(i).Type
		if field.Kind() == reflect.Interface || field.Kind() == reflect.Struct && holdsAny(field) {
			return true
		}
	}
	return false
}

// fieldNamed is the place of the first field that has one of these names and is a number or a flag; nil
// if there is none. A term may also be called anything that ends so, or in its number, if it is not that
// of an entry.
func fieldNamed(kind reflect.Type, names []string) []int {
	key := nameIn{kind, unsafe.SliceData(names)}
	place, known := namedPlaces[key]
	if !known {
		place = findField(kind, names)
		namedPlaces[key] = place
	}
	return place
}

// A nameIn is a struct, and one of the lists of names in this file.
type nameIn struct {
	kind  reflect.Type
	names *string
}

// namedPlaces is what fieldNamed has found: it is asked several times for each message.
var namedPlaces = map[nameIn][]int{}

// findField looks for the field, in one struct type after the other.
func findField(kind reflect.Type, names []string) []int {
	fields := saidIn(kind)
	for _, name := range names {
		for _, each := range fields {
			if each.name == name {
				return each.place
			}
		}
	}
	if len(names) == 0 || names[0] != "term" {
		return nil
	}
	for _, each := range fields {
		name := strings.TrimSuffix(each.name, "number")
		if strings.HasSuffix(name, "term") && !ofEntry().MatchString(name) {
			return each.place
		}
	}
	return nil
}

// A saidField is a number or a flag that is sent.
type saidField struct {
	place    []int
	name     string // without case and underscores
	isNumber bool
}

// saidIn lists the numbers and flags in a message: first its own, then those of structs in it, whose names
// say with what is in them what that is: LastLog.Index. What is embedded has no name of its own.
func saidIn(message reflect.Type) []saidField {
	var own, within []saidField
	for i := range message.NumField() {
		field := message.Field(i)
		isNumber := isInteger(field.Type)
		switch {
		case !field.IsExported():
		case isNumber || field.Type.Kind() == reflect.Bool:
			own = append(own, saidField{[]int{i}, plain(field.Name), isNumber})
		case field.Type.Kind() == reflect.Struct && !isForeign(field.Type):
			for _, each := range saidIn(field.Type) {
				if !field.Anonymous {
					each.name = plain(field.Name) + each.name
				}
				each.place = append([]int{i}, each.place...)
				within = append(within, each)
			}
		}
	}
	return append(own, within...)
}

// ofEntry matches names of terms that are an entry's, not the sender's.
var ofEntry = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("last|prev|pre|log|entry|conflict|include|snap|match|x|fast")
})

// said is a number in a request, in the paper's counting.
func (f *fields) said(kind, name string, args reflect.Value) (int, bool) {
	args = inner(args)
	if !args.IsValid() || args.Kind() != reflect.Struct {
		return 0, false
	}
	place := fieldNamed(args.Type(), words[kind][name])
	if place == nil || f.Mistaken[kind+"."+name] {
		return 0, false
	}
	value, ok := integer(args.FieldByIndex(place))
	if strings.HasSuffix(name, "term") {
		value += f.TermShift
	} else {
		value += f.MessageShift
	}
	return max(value, 0), ok
}

// requestMeaning is what a request says.
func (f *fields) requestMeaning(s *server, method string, args any) adapter.Meaning {
	if f == nil {
		return nil
	}
	for _, needed := range []string{"term", "log", "commit"} {
		if f.path(needed) == nil {
			return nil // rules would compare with what is not seen
		}
	}
	kind := f.Kinds[method]
	value := reflect.ValueOf(args)
	term, ok := f.said(kind, "term", value)
	if kind == "" || kind == otherKind || !ok {
		return nil // not known, which is no other kind than those of the paper
	}
	if kind == requestVote && (term > s.Term() || asksBefore(value)) {
		kind = preVote
	}
	if kind == heartbeat && saysMore(inner(value).Type()) {
		return nil // it may well name the entry before
	}
	meaning := adapter.Meaning{"type": kind, "term": term}
	for name := range words[f.Kinds[method]] {
		if said, ok := f.said(f.Kinds[method], name, value); ok {
			meaning[name] = said
		}
	}
	if kind == appendEntries {
		previous, ok := meaning["prev_log_index"].(int)
		if !ok {
			return nil // where its entries belong is not known
		}
		if entries, ok := f.entriesIn(inner(value), previous); ok {
			meaning["entries"] = entries
		}
	}
	return meaning
}

// talkative are the heartbeats that say more, as saysMore has found.
var talkative = map[reflect.Type]bool{}

// saysMore says whether a heartbeat has numbers beyond the term, the commit index, and who leads.
func saysMore(args reflect.Type) bool {
	if more, known := talkative[args]; known {
		return more
	}
	count := 0
	for _, each := range saidIn(args) {
		if each.isNumber {
			count++
		}
	}
	talkative[args] = count > 3
	return count > 3
}

// entriesIn are the entries of an AppendEntries request after the previous one; some send that one
// again, with its own index.
func (f *fields) entriesIn(args reflect.Value, previous int) ([]adapter.Entry, bool) {
	for i := 0; i < args.NumField(); i++ {
		field := args.Field(i)
		if field.Kind() != reflect.Slice || !isEntries(field.Type()) {
			continue
		}
		entries := []adapter.Entry{}
		for j := 0; j < field.Len(); j++ {
			if index, known := f.ownIndex(field.Index(j)); known && index <= previous {
				continue
			}
			one, ok := f.entry(field.Index(j))
			if !ok {
				return nil, false
			}
			entries = append(entries, one)
		}
		return entries, true
	}
	return nil, false
}

// asksBefore says whether a request for a vote is marked as one that changes nothing yet.
func asksBefore(args reflect.Value) bool {
	args = inner(args)
	for i := 0; args.IsValid() && args.Kind() == reflect.Struct && i < args.NumField(); i++ {
		name := plain(args.Type().Field(i).Name)
		if args.Field(i).Kind() == reflect.Bool && strings.Contains(name, "prevote") && args.Field(i).Bool() {
			return true
		}
	}
	return false
}

// argsOf is what a request that was received says.
func (s *server) argsOf(request requestOf) reflect.Value {
	return request.Value.(parcel).as(pointedAt(s.method(request.Kind).Type().In(0)))
}

// isTrue is a flag in a reply.
func (f *fields) isTrue(kind, name string, reply reflect.Value) bool {
	reply = inner(reply)
	place := fieldNamed(reply.Type(), replyWords[name])
	return place != nil && reply.FieldByIndex(place).Kind() == reflect.Bool && reply.FieldByIndex(place).Bool()
}

// replyMeaning is what a reply says.
func (f *fields) replyMeaning(s *server, request requestOf, reply any) adapter.Meaning {
	if f == nil {
		return nil
	}
	kind, value := f.Kinds[request.Kind], inner(reflect.ValueOf(reply))
	asked := request.Meaning["type"]
	place := fieldNamed(value.Type(), replyWords["term"])
	if kind == "" || kind == otherKind || place == nil || request.Meaning == nil {
		return nil
	}
	if asked == preVote {
		kind = preVote
	}
	meaning := adapter.Meaning{"type": kind + "_response"}
	agrees := false
	if name, ok := replyFlags[kind]; ok {
		flag := fieldNamed(value.Type(), replyWords[name])
		if flag == nil || value.FieldByIndex(flag).Kind() != reflect.Bool {
			return nil // it agrees in words or numbers of its own
		}
		agrees = value.FieldByIndex(flag).Bool()
		meaning[name] = agrees
	}
	// Many labs leave the term of a reply at zero, or at an older one, where nobody looks at it: who
	// agrees does so in the term of the request, and else only the replier's own term says something.
	if term, ok := integer(value.FieldByIndex(place)); ok && term+f.TermShift == s.Term() {
		meaning["term"] = s.Term()
	} else if agrees {
		meaning["term"] = request.Meaning["term"]
	}
	return meaning
}
