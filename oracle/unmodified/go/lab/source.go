// Package lab drives an unmodified lab Raft of MIT's 6.824 or 6.5840, and what has their shape: a
// function like Make(peers, me, persister, applyCh), with Start and GetState.
//
// The lab's own labrpc is compiled with another ClientEnd.Call, which ends here; nothing else of
// it is touched. What a server shows through its own interface (GetState, what it sends, what
// comes out of applyCh) is taken from there. What else is wanted (log, commit index, vote, ...) is
// read from its fields by reflection. Which fields these are is learned from a scripted run
// (learn.go): a field is taken for the commit index because it behaves like one, and its name only
// decides between several that do.
package lab

import (
	"os"
	"strings"

	"raftoracle/adapter"
)

// A Source is a lab, as the small program that imports it hands it over.
type Source struct {
	// Name of the directory, for people.
	Name string
	// Make is the function that makes a server; one of its parameters is a slice of pointers to ends.
	Make any
}

// A harness is what the process knows of its lab.
type harness struct {
	source  Source
	make    maker
	program adapter.Program
	fields  *fields
	part    byte // 'A' to 'D': nothing of a later part happens
	ends    map[any]end
	methods map[string]int // places of methods of the lab's server, by name
	lesson  *lesson        // while the scripted run goes on
	// corrections are the user's words for where fields are.
	corrections map[string]string
}

// An end is one of a server's connections to a peer.
type end struct {
	server *server
	peer   int
}

var current *harness

// Main drives the lab as raft-oracle asks on standard input.
func Main(source Source) {
	make, err := makerOf(source.Make)
	if err != nil {
		adapter.Refuse(err)
	}
	h := &harness{source: source, make: make, part: 'D', ends: map[any]end{}, methods: map[string]int{}}
	current = h
	h.program = adapter.Program{
		Name:     "lab " + source.Name,
		Version:  "1",
		Settings: settings,
		Observes: []string{"applied_digest"},
		Start:    h.start,
	}
	h.program.Configure = h.configure
	h.program.Prepare = func(remembered string) string {
		if remembered == "" {
			remembered = keptBeside()
		}
		h.fields = h.learned(remembered)
		h.describe()
		if remembered == "" {
			remembered = h.fields.remembered()
		}
		return remembered
	}
	if len(os.Args) > 1 && os.Args[1] == "--learn" {
		h.learnAloud(os.Args[2:])
		return
	}
	if given, is := adapter.IsExplained(); is {
		explain(h, given)
		return
	}
	adapter.Main(&h.program)
}

// Call carries out a call of the lab's labrpc: the method is "Raft.RequestVote" or the like.
func Call(end any, method string, args, reply any) bool {
	from, ok := current.ends[end]
	if !ok {
		return false
	}
	return from.server.call(from.peer, method[strings.LastIndex(method, ".")+1:], args, reply)
}

// explain prints what was found, and what can be checked with it, by these settings.
func explain(h *harness, given map[string]string) {
	h.fields = h.learned(keptBeside())
	h.describe()
	if _, err := h.configure(nil, given); err != nil {
		adapter.Refuse(err)
	}
	if h.corrections != nil { // a server shows which fields there are
		if _, err := adapter.NewTrial(&h.program, 1); err != nil {
			adapter.Refuse(err)
		}
		h.describe()
	}
	adapter.Print(h.fields.explanation(h))
}
