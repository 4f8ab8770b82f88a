package lab

import (
	"fmt"
	"sort"
	"strings"

	"raftoracle/adapter"
)

// inWords says for people what each learned field is.
var inWords = []struct{ what, words, checks string }{
	{"term", "term", "what messages mean: GetState may keep us waiting when they are sent"},
	{"role", "role", "candidates are told from followers"},
	{"vote", "vote", "that a vote stays where it is"},
	{"log", "log", "log matching, leader completeness, what is committed where"},
	{"commit", "commit index", "what is committed, and that it stays so"},
	{"next_index", "next index", "what leaders know of their followers"},
	{"match_index", "match index", "what leaders know of their followers"},
	{logEnd, "end of the log", ""},
	{"snapshot_index", "last index of the snapshot", "logs that begin with a snapshot"},
	{"snapshot_term", "last term of the snapshot", "logs that begin with a snapshot"},
}

// explanation says what was recognised, what can be checked with that and what not.
func (f *fields) explanation(h *harness) string {
	var text strings.Builder
	fmt.Fprintf(&text, "Server: %s; GetState, Start and applyCh show term, leadership and what is applied.\n", h.make.function.Type().Out(0))
	for _, each := range inWords {
		if there := f.Paths[each.what]; there != nil {
			fmt.Fprintf(&text, "%-27s %s%s\n", each.words+":", there.Name, shiftInWords(f.Shift[each.what]))
		} else if !f.needsNo(each.what) {
			fmt.Fprintf(&text, "%-27s not found; not checked: %s\n", each.words+":", each.checks)
		}
	}
	var methods []string
	for name := range f.Kinds {
		methods = append(methods, name)
	}
	sort.Strings(methods)
	for _, name := range methods {
		fmt.Fprintf(&text, "%-27s %s%s\n", "RPC "+f.Kinds[name]+":", name, placeInWords(f.Places[name]))
	}
	var mistaken []string
	for name := range f.Mistaken {
		mistaken = append(mistaken, name)
	}
	if sort.Strings(mistaken); len(mistaken) > 0 {
		fmt.Fprintf(&text, "Fields of messages that do not say what their names promise, and are not looked at: %s.\n", strings.Join(mistaken, ", "))
	}
	fmt.Fprintf(&text, "Parts that work in a scripted run: A to %c.\n", f.Part)
	for _, note := range f.Notes {
		text.WriteString(note + "\n")
	}
	return text.String()
}

// needsNo says of what was not found that nothing is missed without it.
func (f *fields) needsNo(what string) bool {
	switch what {
	case logEnd:
		return true
	case "snapshot_term": // the entry before the log may have it
		return !f.Compacts || f.Entry.SnapshotDummies > 0
	case "snapshot_index":
		return !f.Compacts || f.Entry.Index >= 0
	}
	return false
}

// placeInWords says where a handler stands, if that is known.
func placeInWords(place string) string {
	if place == "" {
		return ""
	}
	return " at " + place
}

// shiftInWords says how a field counts, if not as the paper does.
func shiftInWords(shift int) string {
	if shift == 0 {
		return ""
	}
	return fmt.Sprintf(" %+d", shift)
}

// describe fills in what the program shows and understands.
func (h *harness) describe() {
	f, p := h.fields, &h.program
	p.Observes = []string{"applied_digest"}
	p.Hides, p.Offers = nil, nil
	if f.path("vote") != nil {
		p.Observes = append(p.Observes, "voted_for")
	}
	if f.path("next_index") != nil && f.path("match_index") != nil {
		p.Observes = append(p.Observes, "next_index and match_index")
	}
	if f.path("log") == nil {
		p.Hides = append(p.Hides, "log")
	}
	if f.path("commit") == nil {
		p.Hides = append(p.Hides, "commit")
	}
	if f.Compacts {
		p.Offers = append(p.Offers, "Compact")
		p.Observes = append(p.Observes, "snapshots")
	}
	if len(f.Kinds) > 0 && len(p.Hides) == 0 && f.path("term") != nil {
		p.Observes = append(p.Observes, "message meanings")
	}
	h.part, p.Handlers, p.Summary = f.Part, f.Places, f.Problem
	p.Settings = append([]adapter.Setting{}, settings...)
	for i := range p.Settings {
		if p.Settings[i].Name == "part" {
			p.Settings[i].Default = "3" + string(rune(f.Part))
		}
	}
}
