package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/hashicorp/raft"

	"raftoracle/adapter"
)

// A transport makes packets of a server's requests. It tells the library nothing of heartbeats, so
// that they go through its main thread like all others, and knows no pipelines, whose answers have to
// come in order.
type transport struct {
	node     *adapter.Node
	server   *server
	requests chan raft.RPC
	calls    []chan struct{} // those that wait for their answers; each is closed when that is over
}

// An installation is a request with the snapshot that follows it.
type installation struct {
	request *raft.InstallSnapshotRequest
	data    []byte
}

// A handOver is a request to stand, with the term of the leader that makes it: the library does not
// tell it.
type handOver struct {
	request *raft.TimeoutNowRequest
	term    uint64
}

func (t *transport) Consumer() <-chan raft.RPC          { return t.requests }
func (t *transport) LocalAddr() raft.ServerAddress      { return raft.ServerAddress(t.node.Name) }
func (t *transport) SetHeartbeatHandler(func(raft.RPC)) {}

func (t *transport) EncodePeer(_ raft.ServerID, address raft.ServerAddress) []byte {
	return []byte(address)
}

func (t *transport) DecodePeer(address []byte) raft.ServerAddress { return raft.ServerAddress(address) }

func (t *transport) AppendEntriesPipeline(raft.ServerID, raft.ServerAddress) (raft.AppendPipeline, error) {
	return nil, raft.ErrPipelineReplicationNotSupported
}

func (t *transport) AppendEntries(_ raft.ServerID, to raft.ServerAddress,
	request *raft.AppendEntriesRequest, response *raft.AppendEntriesResponse,
) error {
	sent := *request // which the library uses again
	return call(t, to, &sent, response)
}

func (t *transport) RequestVote(_ raft.ServerID, to raft.ServerAddress,
	request *raft.RequestVoteRequest, response *raft.RequestVoteResponse,
) error {
	return call(t, to, request, response)
}

func (t *transport) TimeoutNow(_ raft.ServerID, to raft.ServerAddress,
	request *raft.TimeoutNowRequest, response *raft.TimeoutNowResponse,
) error {
	return call(t, to, &handOver{request, *t.server.inside.currentTerm}, response)
}

func (t *transport) InstallSnapshot(_ raft.ServerID, to raft.ServerAddress,
	request *raft.InstallSnapshotRequest, response *raft.InstallSnapshotResponse, from io.Reader,
) error {
	data, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	return call(t, to, &installation{request, data}, response)
}

// call sends a request and waits for its answer.
func call[Response any](t *transport, to raft.ServerAddress, request any, response *Response) error {
	if err := mendLoop(request); err != nil {
		return err
	}
	message := requestMessage(request)
	if t.server.isLate(request) {
		message.Meaning = nil
	} else if isForVote(request) {
		t.server.asked++
	}
	over := make(chan struct{})
	t.calls = append(t.calls, over)
	defer func() {
		t.calls = slices.DeleteFunc(t.calls, func(each chan struct{}) bool { return each == over })
		close(over)
	}()
	answer, err := t.node.Call(string(to), message)
	if err != nil {
		return err
	}
	*response = *answer.Value.(*Response)
	return nil
}

// isForVote tells what a candidate sends.
func isForVote(request any) bool {
	_, votes := request.(*raft.RequestVoteRequest)
	_, wouldVote := preVoteTerm(request)
	return votes || wouldVote
}

// isLate tells what a thread sends that has not noticed yet that its server does not lead, or stand,
// in that term any more. No rule judges that: it is as if it had been sent before, and was long on
// its way.
func (s *server) isLate(request any) bool {
	state, term := s.raft.State(), *s.inside.currentTerm
	switch r := request.(type) {
	case *raft.AppendEntriesRequest:
		return state != raft.Leader || r.Term != term
	case *installation:
		return state != raft.Leader || r.request.Term != term
	case *raft.RequestVoteRequest:
		return state != raft.Candidate || r.Term != term
	}
	if asked, wouldVote := preVoteTerm(request); wouldVote {
		return state != raft.Candidate || asked != term+1
	}
	return state != raft.Leader
}

// serve hands a request to the library, and returns its answer.
func (t *transport) serve(request any) (any, error) {
	answers := make(chan raft.RPCResponse, 1)
	rpc := raft.RPC{RespChan: answers}
	switch request := request.(type) {
	case *raft.AppendEntriesRequest:
		received := *request
		rpc.Command = &received
	case *installation:
		received := *request.request
		rpc.Command, rpc.Reader = &received, bytes.NewReader(request.data)
	case *handOver:
		rpc.Command = request.request
	default:
		rpc.Command = request // nobody changes it
	}
	t.requests <- rpc
	answer := <-answers
	if answer.Error == nil && answer.Response == nil {
		return nil, fmt.Errorf("found neither an answer nor an error")
	}
	return answer.Response, answer.Error
}
