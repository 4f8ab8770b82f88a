package adapter

import (
	"slices"
	"time"
)

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

// offers says whether an optional action is understood.
func (p *Program) offers(action string) bool { return slices.Contains(p.Offers, action) }

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

// A Watched server says its term while its clock goes on; so an election is noticed that sends
// nothing, as that of a server without peers.
type Watched interface{ Term() int }

// A Durable server says what its disk holds of the log. It needs that where it offers CrashInside, and
// its view shows what it has in memory.
type Durable interface {
	Stored() (log []Entry, snapshot *Snapshot)
}

// A DurableVote can show the term and the vote that are on its disk, inside a step.
type DurableVote interface {
	StoredVote() (term int, vote *string)
}

// An Owing server knows what of the term and the vote that it has shown last others may count on after
// a crash: what it has told them.
type Owing interface {
	Owed(term int, vote *string) (int, *string)
}

// A Compactor can be asked for a snapshot of all that it applied but for the last entries.
type Compactor interface{ Compact(keep int) }

// A Reconfigurer can be asked for a configuration.
type Reconfigurer interface {
	ChangeMembership(voters, learners []string)
}

// An Elector knows itself how far its clock goes on in an election timeout. Without that, it is until
// the server sends anything, or its term changes.
type Elector interface{ ElectionTimeout() }

// A Heartbeater knows itself how far its clock goes on in a heartbeat timeout.
type Heartbeater interface{ HeartbeatTimeout() }

// A Transferer can be asked to hand over its leadership.
type Transferer interface{ TransferLeadership(target string) }

// A Settler gets a chance, after each step, to let its clock go on a little (Node.Pass), for what
// it does by polling.
type Settler interface{ Settle(step string) }

// An Invoker executes the operations of clients. It returns at once, and says later, with Node.Answer,
// what came of one.
type Invoker interface {
	Invoke(client, number int, command string)
}

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
