package labrpc

import (
	"sync"
	"testing"
	"time"
)

// Echo is a service that repeats what it hears and counts it.
type Echo struct {
	mu    sync.Mutex
	heard int
}

// Args and Reply are what Echo exchanges.
type Args struct{ Text string }

// Reply carries the text back.
type Reply struct{ Text string }

// Repeat is the handler.
func (echo *Echo) Repeat(args *Args, reply *Reply) {
	echo.mu.Lock()
	defer echo.mu.Unlock()
	echo.heard++
	reply.Text = args.Text
}

// count returns how often the handler ran.
func (echo *Echo) count() int {
	echo.mu.Lock()
	defer echo.mu.Unlock()
	return echo.heard
}

// connected returns a network with one server and one end that leads to it.
func connected(t *testing.T) (*Network, *ClientEnd, *Echo) {
	network := MakeNetwork()
	t.Cleanup(network.Cleanup)
	echo := &Echo{}
	server := MakeServer()
	server.AddService(MakeService(echo))
	network.AddServer("server", server)
	end := network.MakeEnd("end")
	network.Connect("end", "server")
	network.Enable("end", true)
	return network, end, echo
}

// repeat calls the handler once, and tells whether the text came back.
func repeat(end *ClientEnd) bool {
	var reply Reply
	return end.Call("Echo.Repeat", &Args{"x"}, &reply) && reply.Text == "x"
}

// A reliable network delivers every call exactly once.
func TestReliableCallsReturn(t *testing.T) {
	network, end, echo := connected(t)
	for i := 0; i < 20; i++ {
		if !repeat(end) {
			t.Fatal("a call returned false, or with another text")
		}
	}
	if network.GetCount("server") != 20 || network.GetTotalCount() != 20 || echo.count() != 20 {
		t.Errorf("counted %d, %d, %d", network.GetCount("server"), network.GetTotalCount(), echo.count())
	}
}

// A closed end, and a server that is gone, let calls return false, and the handler does not run.
func TestWhatIsGoneAnswersFalse(t *testing.T) {
	network, end, echo := connected(t)
	network.Enable("end", false)
	if repeat(end) {
		t.Error("a closed end delivered a call")
	}
	network.Enable("end", true)
	network.DeleteServer("server")
	if repeat(end) {
		t.Error("a server that is gone answered")
	}
	if echo.count() != 0 {
		t.Errorf("the handler ran %d times", echo.count())
	}
}

// An unreliable network loses some calls and some replies, and no handler runs twice for one call.
func TestUnreliableNetworksLose(t *testing.T) {
	network, end, echo := connected(t)
	network.Reliable(false)
	const calls = 300
	returned := make(chan bool, calls)
	for i := 0; i < calls; i++ {
		go func() { returned <- repeat(end) }()
	}
	good := 0
	for i := 0; i < calls; i++ {
		if <-returned {
			good++
		}
	}
	if heard := echo.count(); !(good < heard && heard < calls) {
		t.Errorf("of %d calls %d were heard, and %d returned true", calls, heard, good)
	}
}

// With reordering most replies are late.
func TestRepliesAreReordered(t *testing.T) {
	network, end, _ := connected(t)
	network.LongReordering(true)
	const calls = 30
	late := make(chan bool, calls)
	for i := 0; i < calls; i++ {
		go func() {
			start := time.Now()
			late <- repeat(end) && time.Since(start) >= 200*time.Millisecond
		}()
	}
	held := 0
	for i := 0; i < calls; i++ {
		if <-late {
			held++
		}
	}
	if held < 5 || held == calls {
		t.Errorf("%d of %d replies were held back", held, calls)
	}
}

// After Cleanup calls return false instead of waiting.
func TestCallsAfterCleanupReturn(t *testing.T) {
	network := MakeNetwork()
	end := network.MakeEnd("end")
	network.Cleanup()
	if repeat(end) {
		t.Error("a network that is gone delivered a call")
	}
}
