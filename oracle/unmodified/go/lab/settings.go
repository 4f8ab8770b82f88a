package lab

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"raftoracle/adapter"
)

// settings are those of the lab hunter.
var settings = []adapter.Setting{
	{Name: "part", Default: "3D", Meaning: "3A to 3D (or 2A to 2D): nothing of a later part happens; by default as far as the lab has come"},
	{Name: "fields", Default: "as learned", Meaning: "corrects what was learned: log=Log.Entries,commit=commitIdx"},
	{Name: "call_timeout", Default: "1000", Meaning: "milliseconds of its own clock after which a Call without a reply returns false"},
	{Name: "duplicates", Default: "off", Meaning: "on: requests may arrive twice, which labrpc never does"},
	{Name: "late", Default: "off", Meaning: "on: requests may arrive after their Call returned false, which labrpc never does"},
	{Name: "busy_loops", Default: "fail", Meaning: "sleep: a server that goes round and round without a pause is no failure"},
	{Name: "race", Default: "off", Meaning: "nothing else: " + noRaces},
	{Name: "leaks", Default: "fail", Meaning: "keep: goroutines that wait for ever are no failure, however many"},
}

// noRaces says why data races are not looked for.
const noRaces = "Go's race detector would report how a hunt looks at servers; `go test -race` finds races in a lab"

// compacts says whether snapshots are asked for.
func (h *harness) compacts() bool { return h.part >= 'D' && h.fields.Compacts }

// configure reads the settings of a reset.
func (h *harness) configure(servers []string, settings map[string]string) ([]string, error) {
	p := &h.program
	for name, value := range settings {
		var err error
		switch name {
		case "part":
			h.part, err = partOf(value)
		case "fields":
			h.corrections, err = correctionsIn(value)
			p.HidesNow = hiddenBy(h.corrections)
		case "call_timeout":
			var milliseconds int
			if milliseconds, err = strconv.Atoi(value); err != nil || milliseconds < 1 {
				err = fmt.Errorf("found %q, expected milliseconds", value)
			}
			p.CallTimeout = time.Duration(milliseconds) * time.Millisecond
		case "duplicates":
			p.RunsTwice, err = isOn(value, "on", "off")
		case "late":
			p.RunsLate, err = isOn(value, "on", "off")
		case "busy_loops":
			p.ToleratesBusyLoops, err = isOn(value, "sleep", "fail")
		case "race":
			if value != "off" {
				err = fmt.Errorf("found %q, expected off: %s", value, noRaces)
			}
		case "leaks":
			p.ToleratesLeaks, err = isOn(value, "keep", "fail")
		default:
			err = fmt.Errorf("found no such setting")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	var without []string
	if h.part < 'C' {
		without = append(without, "Crash", "Restart")
	}
	if h.part < 'D' {
		without = append(without, "Compact")
	}
	if h.part < 'B' {
		without = append(without, "ClientRequest")
	}
	return without, nil
}

// partOf reads a part such as 3A or 2C.
func partOf(text string) (byte, error) {
	if len(text) == 2 && strings.ContainsRune("23", rune(text[0])) && text[1] >= 'A' && text[1] <= 'D' {
		return text[1], nil
	}
	return 0, fmt.Errorf("found %q, expected 3A, 3B, 3C or 3D", text)
}

// isOn reads one of two words.
func isOn(text, on, off string) (bool, error) {
	if text != on && text != off {
		return false, fmt.Errorf("found %q, expected %s or %s", text, on, off)
	}
	return text == on, nil
}

// correctionsIn reads a user's words for where fields are: log=Log.Entries,commit=commitIdx.
func correctionsIn(text string) (map[string]string, error) {
	found := map[string]string{}
	for _, each := range strings.Split(text, ",") {
		what, name, ok := strings.Cut(each, "=")
		what, name = strings.TrimSpace(what), strings.TrimSpace(name)
		if _, known := names[what]; !known || !ok || name == "" {
			return nil, fmt.Errorf("found %q, expected log=PATH, commit=PATH or the like, or =none", each)
		}
		found[what] = strings.TrimPrefix(name, "rf.")
	}
	return found, nil
}

// shownBy says in the words of the protocol what a field shows, or helps to show.
var shownBy = map[string][]string{
	"term": {"message meanings"}, "vote": {"voted_for"},
	"log": {"log", "message meanings"}, "commit": {"commit", "message meanings"},
	"next_index": {"next_index and match_index"}, "match_index": {"next_index and match_index"},
}

// hiddenBy is what is not shown after all where fields are corrected to none.
func hiddenBy(corrections map[string]string) []string {
	hidden := map[string]bool{}
	for what, name := range corrections {
		for _, word := range shownBy[what] {
			hidden[word] = hidden[word] || name == "none"
		}
	}
	maps.DeleteFunc(hidden, func(_ string, is bool) bool { return !is })
	return slices.Sorted(maps.Keys(hidden))
}

// correct takes the user's words instead of what was learned.
func (f *fields) correct(s *server, corrections map[string]string) error {
	if corrections["log"] != "" {
		delete(f.Paths, logEnd) // it is that of another list
	}
	for what, name := range corrections {
		delete(f.Paths, what)
		if name == "none" {
			continue
		}
		var known []string
		for _, each := range append(leaves(s.raft.Type().Elem()), leavesHeld(s)...) {
			if known = append(known, each.Name); each.Name == name {
				f.Paths[what] = &each
			}
		}
		if f.Paths[what] == nil {
			return fmt.Errorf("found no field %q for %s, expected one of %s", name, what, strings.Join(known, ", "))
		}
	}
	return nil
}
