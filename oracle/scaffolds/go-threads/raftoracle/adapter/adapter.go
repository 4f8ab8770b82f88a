// Package adapter is what a program for raft-oracle is written against: the declarations alone, for
// your editor and `go vet`. raft-oracle builds with its own package of this name in place of it.
package adapter

import (
	"errors"
	"fmt"
	"os"
	"time"
)

const elsewhere = "this program runs only where raft-oracle has built it: raft-oracle hunt ."

// ErrTimeout is what Call returns when no answer came in time.
var ErrTimeout = errors.New("no answer in time")

// Main speaks the protocol on standard input and output until the input ends. Asked to --explain, it
// says what the program promises.
func Main(program *Program) {
	fmt.Fprintln(os.Stderr, elsewhere)
	os.Exit(64)
}

// A Compactor can be asked for a snapshot of all that it applied but for the last entries.
type Compactor interface{ Compact(keep int) }

// A Configuration of the cluster, in force from the entry at Since on.
type Configuration struct {
	Voters    []string `json:"voters"`
	Learners  []string `json:"learners,omitempty"`
	NewVoters []string `json:"new_voters,omitempty"`
	Since     int      `json:"voters_since,omitempty"`
}

// A Durable server says what its disk holds of the log. It needs that where it offers CrashInside, and
// its view shows what it has in memory.
type Durable interface {
	Stored() (log []Entry, snapshot *Snapshot)
}

// A DurableVote can show the term and the vote that are on its disk, inside a step.
type DurableVote interface {
	StoredVote() (term int, vote *string)
}

// An Elector knows itself how far its clock goes on in an election timeout. Without that, it is until
// the server sends anything, or its term changes.
type Elector interface{ ElectionTimeout() }

// An Entry of a log: its term, and the client's command as it is.
type Entry struct {
	Term    int
	Content string
}

// A Heartbeater knows itself how far its clock goes on in a heartbeat timeout.
type Heartbeater interface{ HeartbeatTimeout() }

// An Invoker executes the operations of clients. It returns at once, and says later, with Node.Answer,
// what came of one.
type Invoker interface {
	Invoke(client, number int, command string)
}

// Meaning says what a message says, in the words of the paper's figures; nil if unknown.
type Meaning map[string]any

// A Message is what one server says to another.
type Message struct {
	// Kind, Body and Value are for the program alone. What Value refers to is shared by the servers,
	// and must not change.
	Kind  string
	Body  []byte
	Value any
	// Label describes the message in a trace, in one line.
	Label string
	// Meaning is what the rules of the paper's figures see of it.
	Meaning Meaning
	// Late says that a thread sends what it made in an earlier term.
	Late bool
}

// A Node is one life of a server, as its transport and its author see it.
type Node struct {
	// Name of the server, "S1" to "S9", and its place among Peers, from 0 on.
	Name  string
	Index int
	// Peers are the names of all servers, itself included.
	Peers []string
	// Disk is what the life before left; nil in the first one.
	Disk any

	unexported struct{}
}

// Advance lets the server's clock go on by so much.
func (n *Node) Advance(span time.Duration) { panic(elsewhere) }

// Call sends a request, and returns the answer, or ErrTimeout when none came in time.
func (n *Node) Call(to string, request Message) (Message, error) { panic(elsewhere) }

// Activity is how often something may have happened at the server: where it is as before, all is.
func (n *Node) Activity() int { panic(elsewhere) }

// Answer tells a client what came of its operation; with nil, that it cannot know.
func (n *Node) Answer(client, number int, output *string) { panic(elsewhere) }

// CallTimeout is how long a Call waits for its answer.
func (n *Node) CallTimeout() time.Duration { panic(elsewhere) }

// Fail reports that the server has failed, in one line that is the same in every process.
func (n *Node) Fail(what string) { panic(elsewhere) }

// FailCalls ends all Calls that wait, with ErrTimeout, as if their connections had broken.
func (n *Node) FailCalls() { panic(elsewhere) }

// Failed says whether the server has failed.
func (n *Node) Failed() bool { panic(elsewhere) }

// IsGone says whether this life is over.
func (n *Node) IsGone() bool { panic(elsewhere) }

// Operation is called before each write to the disk and each message that is sent. Where the server
// is to crash inside its step before that, it does not return.
func (n *Node) Operation() { panic(elsewhere) }

// Pass lets the server's clock go on until something is so, at most for the time given.
func (n *Node) Pass(limit time.Duration, until func() bool) bool { panic(elsewhere) }

// Run does f in a goroutine of the bubble, and says whether it came to its end before all
// goroutines of the bubble waited.
func (n *Node) Run(f func()) (ended bool) { panic(elsewhere) }

// Send sends a message that needs no answer.
func (n *Node) Send(to string, message Message) { panic(elsewhere) }

// Sends is how many messages the server has sent since the last command began.
func (n *Node) Sends() int { panic(elsewhere) }

// Waits says whether the server waits for the answer to a Call.
func (n *Node) Waits() bool { panic(elsewhere) }

// An Owing server knows what of the term and the vote that it has shown last others may count on after
// a crash: what it has told them.
type Owing interface {
	Owed(term int, vote *string) (int, *string)
}

// A Program is an implementation, as its author describes it.
type Program struct {
	Name    string
	Version string
	Summary string
	// Handlers say where the implementation handles messages whose labels begin with a word: file
	// and line.
	Handlers map[string]string
	// Observes and Offers are the words of the protocol for what is shown and understood beyond
	// the least.
	Observes []string
	Offers   []string
	// Hides names what cannot be seen after all: "log" or "commit".
	Hides    []string
	Settings []Setting
	// Prepare, if there is one, is called first in each process, with what it returned in the
	// process before; so what was found out once need not be found out again.
	Prepare func(remembered string) string
	// Configure is called at each reset, before any server starts. It returns the names of actions
	// that do nothing in this cluster; an error says in one line what does not fit.
	Configure func(servers []string, settings map[string]string) (without []string, err error)
	// HidesNow names what this cluster does not show after all, in the words of Observes and Hides;
	// Configure may set it.
	HidesNow []string
	// Start begins a life of a server, in a goroutine of its bubble. It may block for a while.
	Start func(node *Node) Server
	// CallTimeout is how long, by its own clock, a Call waits for its answer; 0 for a second.
	CallTimeout time.Duration
	// HeartbeatSpan is how long a heartbeat timeout goes on once the first heartbeat is sent.
	HeartbeatSpan time.Duration
	// RunsTwice says that a request may arrive more than once, RunsLate that it may still arrive
	// when its Call has returned.
	RunsTwice, RunsLate bool
	// ToleratesBusyLoops says that going round and round without a pause is no failure: the
	// server sleeps a millisecond of its time, and goes on.
	ToleratesBusyLoops bool
	// ToleratesLeaks says that goroutines which wait for ever are no failure, however many.
	ToleratesLeaks bool
}

// A Reconfigurer can be asked for a configuration.
type Reconfigurer interface {
	ChangeMembership(voters, learners []string)
}

// A Server is one life of a server of the implementation.
//
// View and Crash are called while its bubble is quiescent, from outside of it. The other
// functions run in goroutines of the bubble, and may block.
type Server interface {
	// View shows the server.
	View() View
	// Propose hands it a client's command.
	Propose(command string)
	// Receive handles a message. What it returns is the answer to a Call; the answer to a Send is
	// dropped.
	Receive(from string, message Message) (Message, error)
	// Crash returns what is on its disk at this moment, as the next life's Node.Disk. It must not
	// share memory with this life, which may go on for some instants.
	Crash() any
}

// A Setting is one `--set NAME=VALUE` that a Program understands.
type Setting struct {
	Name    string `json:"name"`
	Default string `json:"default"`
	Meaning string `json:"meaning"`
}

// A Settler gets a chance, after each step, to let its clock go on a little (Node.Pass), for what
// it does by polling.
type Settler interface{ Settle(step string) }

// A Snapshot covers the log up to an index; its term is -1 where it is not known.
type Snapshot struct {
	Index, Term int
}

// A Transferer can be asked to hand over its leadership.
type Transferer interface{ TransferLeadership(target string) }

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
}

// A Watched server says its term while its clock goes on; so an election is noticed that sends
// nothing, as that of a server without peers.
type Watched interface{ Term() int }
