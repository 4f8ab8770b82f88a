package facts

import (
	"io"
	"runtime"
	"time"

	"github.com/hashicorp/raft"
)

const (
	// spins are attempts at a hand-over before the thread sleeps between them.
	spins = 50
	pause = 50 * time.Microsecond
	// ownVote is how long a request for votes waits for the candidate's own.
	ownVote = 200 * time.Millisecond
)

// transport writes a line before a message leaves, and one as it is taken in hand.
//
// A request is handed to the library's main thread, and its answer taken, with the tracer's lock
// held: both succeed only where that thread waits for just this, and what it does next has to wait
// for the lock. So the lines between a request and its answer are what came of it. Answers to a
// server's own requests, which other threads wait for, are held back until the main thread has
// answered the request that it is handling.
type transport struct {
	raft.Transport
	life     *life
	consumer chan raft.RPC
}

type traced interface {
	raft.Transport
	base() *transport
}

// preVoteTransport is one that knows PreVotes.
type preVoteTransport struct {
	*transport
	inner raft.WithPreVote
}

func newTransport(life *life, inner raft.Transport) traced {
	plain := &transport{inner, life, make(chan raft.RPC)}
	if knows, is := inner.(raft.WithPreVote); is {
		return &preVoteTransport{plain, knows}
	}
	return plain
}

func (t *transport) base() *transport { return t }

func (t *transport) Consumer() <-chan raft.RPC { return t.consumer }

// SetHeartbeatHandler is not passed on, so that heartbeats come by the consumer, too: handled in a
// thread of their own, they would run between the lines of other messages.
func (t *transport) SetHeartbeatHandler(func(raft.RPC)) {}

func (t *transport) Close() error {
	if closing, is := t.Transport.(raft.WithClose); is {
		return closing.Close()
	}
	return nil
}

// serve hands over one request after another.
func (t *transport) serve() {
	for request := range t.Transport.Consumer() {
		answers := make(chan raft.RPCResponse)
		handed := request
		handed.RespChan = answers
		isHanded := t.insist(func() bool { return t.hand(handed) })
		if !isHanded {
			return
		}
		var answer raft.RPCResponse
		isAnswered := t.insist(func() (taken bool) {
			answer, taken = t.take(request.Command, answers)
			return taken
		})
		if !isAnswered {
			return
		}
		request.RespChan <- answer
	}
}

// insist tries again, with the lock held, until it succeeds; false once the server is no more.
func (t *transport) insist(attempt func() bool) bool {
	for tries := 0; ; tries++ {
		t.life.tracer.mutex.Lock()
		dead := t.life.dead
		done := !dead && attempt()
		t.life.tracer.mutex.Unlock()
		if dead || done {
			return done
		}
		if tries < spins {
			runtime.Gosched()
		} else {
			time.Sleep(pause)
		}
	}
}

func (t *transport) hand(request raft.RPC) bool {
	// What has changed by now: once it has the request, the main thread may change more.
	t.life.writeChanged()
	select {
	case t.consumer <- request:
		if message := requestOf(request.Command); message != nil {
			t.life.handling = true
			if install, is := request.Command.(*raft.InstallSnapshotRequest); is {
				t.life.installing = install.LastLogIndex
			}
			t.put(&packet{Event: "receive", From: t.life.tracer.senderOf(request.Command), Message: message})
		}
		return true
	default:
		return false
	}
}

func (t *transport) take(command any, answers <-chan raft.RPCResponse) (raft.RPCResponse, bool) {
	select {
	case answer := <-answers:
		t.answered(command, answer)
		t.life.handling, t.life.installing = false, 0
		t.life.tracer.idle.Broadcast()
		return answer, true
	default:
		return raft.RPCResponse{}, false
	}
}

func (t *transport) answered(command any, answer raft.RPCResponse) {
	if answer.Error != nil {
		return
	}
	install, isInstall := command.(*raft.InstallSnapshotRequest)
	installed, isAnswer := answer.Response.(*raft.InstallSnapshotResponse)
	if isInstall && isAnswer && installed.Success {
		t.life.replaced(install)
	}
	if message := responseOf(command, answer.Response); message != nil {
		t.line(&packet{Event: "send", To: t.life.tracer.senderOf(command), Message: message})
	}
}

// line writes a message's line.
func (t *transport) line(line *packet) {
	t.life.writeChanged()
	t.put(line)
}

func (t *transport) put(line *packet) {
	if t.life.dead {
		return
	}
	line.Server, line.Seq = t.life.name, t.life.number()
	t.life.tracer.encode(line)
}

// send writes that a request leaves. Threads of the library go on sending for a while once the
// server has stopped to lead or to stand: such a message is late.
func (t *transport) send(id raft.ServerID, request any) error {
	t.life.tracer.mutex.Lock()
	defer t.life.tracer.mutex.Unlock()
	if vote, is := request.(*raft.RequestVoteRequest); is {
		t.awaitOwnVote(vote.Term)
	}
	if t.life.dead {
		return errStopped
	}
	message := requestOf(request)
	t.line(&packet{Event: "send", To: string(id), Late: t.isLate(message), Message: message})
	return nil
}

// awaitOwnVote holds a request back while the main thread, which has begun it, records its own vote.
func (t *transport) awaitOwnVote(term uint64) {
	expired := false
	timer := time.AfterFunc(ownVote, func() {
		t.life.tracer.mutex.Lock()
		expired = true
		t.life.tracer.idle.Broadcast()
		t.life.tracer.mutex.Unlock()
	})
	defer timer.Stop()
	stands := func() bool { return t.life.state == raft.Candidate && t.life.term == term }
	for !expired && !t.life.dead && stands() && t.life.vote() != t.life.name {
		t.life.tracer.idle.Wait()
	}
}

func (t *transport) isLate(message *told) bool {
	isOf := func(term uint64) bool { return message.Term == nil || *message.Term == term }
	switch message.Type {
	case "request_vote":
		return t.life.state != raft.Candidate || !isOf(t.life.term)
	case "pre_vote":
		return t.life.state != raft.Candidate || !isOf(t.life.term+1)
	}
	return t.life.state != raft.Leader || !isOf(t.life.term)
}

// receive writes that an answer is taken in hand, between two requests.
func (t *transport) receive(id raft.ServerID, request, response any) error {
	t.life.tracer.mutex.Lock()
	defer t.life.tracer.mutex.Unlock()
	for t.life.handling && !t.life.dead {
		t.life.tracer.idle.Wait()
	}
	if t.life.dead {
		return errStopped
	}
	if message := responseOf(request, response); message != nil {
		// A configuration stays unwritten: the main thread may not have come to use it.
		t.put(&packet{Event: "receive", From: string(id), Message: message})
	}
	return nil
}

func (t *transport) AppendEntries(id raft.ServerID, target raft.ServerAddress,
	request *raft.AppendEntriesRequest, response *raft.AppendEntriesResponse,
) error {
	return t.call(id, request, response, func() error {
		return t.Transport.AppendEntries(id, target, request, response)
	})
}

func (t *transport) RequestVote(id raft.ServerID, target raft.ServerAddress,
	request *raft.RequestVoteRequest, response *raft.RequestVoteResponse,
) error {
	return t.call(id, request, response, func() error {
		return t.Transport.RequestVote(id, target, request, response)
	})
}

func (t *preVoteTransport) RequestPreVote(id raft.ServerID, target raft.ServerAddress,
	request *raft.RequestPreVoteRequest, response *raft.RequestPreVoteResponse,
) error {
	return t.call(id, request, response, func() error {
		return t.inner.RequestPreVote(id, target, request, response)
	})
}

func (t *transport) InstallSnapshot(id raft.ServerID, target raft.ServerAddress,
	request *raft.InstallSnapshotRequest, response *raft.InstallSnapshotResponse, data io.Reader,
) error {
	return t.call(id, request, response, func() error {
		return t.Transport.InstallSnapshot(id, target, request, response, data)
	})
}

func (t *transport) TimeoutNow(id raft.ServerID, target raft.ServerAddress,
	request *raft.TimeoutNowRequest, response *raft.TimeoutNowResponse,
) error {
	return t.call(id, request, response, func() error {
		return t.Transport.TimeoutNow(id, target, request, response)
	})
}

// call sends a request and waits for its answer.
func (t *transport) call(id raft.ServerID, request, response any, inner func() error) error {
	if err := t.send(id, request); err != nil {
		return err
	}
	if err := inner(); err != nil {
		return err
	}
	return t.receive(id, request, response)
}

// AppendEntriesPipeline writes the lines of a pipeline.
func (t *transport) AppendEntriesPipeline(id raft.ServerID, target raft.ServerAddress) (raft.AppendPipeline, error) {
	inner, err := t.Transport.AppendEntriesPipeline(id, target)
	if err != nil {
		return nil, err
	}
	wrapped := &pipeline{inner, t, id, make(chan raft.AppendFuture), make(chan struct{})}
	go wrapped.pass()
	return wrapped, nil
}

type pipeline struct {
	raft.AppendPipeline
	transport *transport
	id        raft.ServerID
	answers   chan raft.AppendFuture
	closed    chan struct{}
}

func (p *pipeline) AppendEntries(request *raft.AppendEntriesRequest, response *raft.AppendEntriesResponse) (raft.AppendFuture, error) {
	if err := p.transport.send(p.id, request); err != nil {
		return nil, err
	}
	return p.AppendPipeline.AppendEntries(request, response)
}

func (p *pipeline) Consumer() <-chan raft.AppendFuture { return p.answers }

// Close is called once, by the thread that has opened the pipeline.
func (p *pipeline) Close() error {
	close(p.closed)
	return p.AppendPipeline.Close()
}

// pass passes on each answer once its line is written.
func (p *pipeline) pass() {
	for {
		select {
		case <-p.closed:
			return
		case ready := <-p.AppendPipeline.Consumer():
			if ready.Error() == nil {
				if p.transport.receive(p.id, ready.Request(), ready.Response()) != nil {
					return
				}
			}
			select {
			case p.answers <- ready:
			case <-p.closed:
				return
			}
		}
	}
}
