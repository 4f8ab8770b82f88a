// Package adapter speaks raft-oracle's adapter protocol for a Raft that owns its threads and timers.
//
// Its author writes a Program: how a server is started with a transport that calls Node.Call or
// Node.Send, and what can be seen of it. This package keeps each server in a bubble (package
// bubble), makes packets of its messages, lets its clock go on when a timeout is asked for, crashes
// and restarts it. After each reset the process replaces itself, so that a schedule runs the same
// way in every process.
//
// docs/protocol.md of raft-oracle explains each field; the names here are the same.
package adapter

// A Setting is one `--set NAME=VALUE` that a Program understands.
type Setting struct {
	Name    string `json:"name"`
	Default string `json:"default"`
	Meaning string `json:"meaning"`
}

// Meaning says what a message says, in the words of the paper's figures; nil if unknown.
type Meaning map[string]any

// An Entry of a log: its term, and the client's command as it is.
type Entry struct {
	Term    int
	Content string
}

// A Configuration of the cluster, in force from the entry at Since on.
type Configuration struct {
	Voters    []string `json:"voters"`
	Learners  []string `json:"learners,omitempty"`
	NewVoters []string `json:"new_voters,omitempty"`
	Since     int      `json:"voters_since,omitempty"`
}

// A View is what can be seen of one server. Fields that a Program does not promise in
// Observes may stay as they are.
type View struct {
	Role     string         `json:"role"`
	Term     int            `json:"term"`
	Vote     *string        `json:"vote"`
	Commit   int            `json:"commit"`
	Applied  int            `json:"applied"`
	Match    map[string]int `json:"match,omitempty"`
	Next     map[string]int `json:"next,omitempty"`
	Digest   string         `json:"digest,omitempty"`
	Snapshot *Snapshot      `json:"snapshot,omitempty"`
	// Log is the whole log from the entry after the snapshot on.
	Log []Entry `json:"-"`
	*Configuration
	Earlier []Configuration `json:"earlier,omitempty"`

	Tail *logTail `json:"log,omitempty"`
}

// A Snapshot covers the log up to an index; its term is -1 where it is not known.
type Snapshot struct {
	Index, Term int
}

// logTail is the end of a log, from an index on.
type logTail struct {
	From    int     `json:"from"`
	Entries []Entry `json:"entries"`
}

// sentMessage is a message that left.
type sentMessage struct {
	From    string  `json:"from,omitempty"`
	To      string  `json:"to"`
	Message string  `json:"message"`
	Label   string  `json:"label"`
	Meaning Meaning `json:"meaning,omitempty"`
	Late    bool    `json:"late,omitempty"`
}

// answered is what a client got for its operation; nothing where it cannot know what became of it.
type answered struct {
	Client int     `json:"client"`
	Number int     `json:"number"`
	Output *string `json:"output"`
}

// command is any command of the protocol.
type command struct {
	Op       string            `json:"op"`
	Servers  []string          `json:"servers"`
	Settings map[string]string `json:"settings"`
	Server   string            `json:"server"`
	Command  string            `json:"command"`
	From     string            `json:"from"`
	Message  string            `json:"message"`
	Keep     int               `json:"keep"`
	Voters   []string          `json:"voters"`
	Learners []string          `json:"learners"`
	Target   string            `json:"target"`
	After    int               `json:"after"`
	Client   int               `json:"client"`
	Number   int               `json:"number"`
}

// reply is the reply to any command but hello.
type reply struct {
	Sent    []sentMessage   `json:"sent,omitempty"`
	Answers []answered      `json:"answers,omitempty"`
	Views   map[string]View `json:"views,omitempty"`
	Without []string        `json:"without,omitempty"`
	Hides   []string        `json:"hides,omitempty"`
	Crashed bool            `json:"crashed,omitempty"`
	// Overlapping says that something else was handled in this step, too, or is not done yet.
	Overlapping bool   `json:"overlapping,omitempty"`
	Error       string `json:"error,omitempty"`
}

// helloReply is the reply to hello.
type helloReply struct {
	Protocol int       `json:"protocol"`
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	Network  string    `json:"network"`
	Observes []string  `json:"observes"`
	Hides    []string  `json:"hides,omitempty"`
	Offers   []string  `json:"offers,omitempty"`
	Settings []Setting `json:"settings"`
	Summary  string    `json:"summary,omitempty"`

	Handlers map[string]string `json:"handlers,omitempty"`
	// Fresh says that each reset is a new process, so that another one may do the next reset ahead.
	Fresh bool `json:"fresh,omitempty"`
}
