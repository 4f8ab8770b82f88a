package main

import (
	"errors"
	"io"
	"math/rand"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

var (
	errCut  = errors.New("the link is cut")
	errLost = errors.New("the message was lost")
)

// network is what lies between the servers, and what is wrong with it.
type network struct {
	mutex  sync.Mutex
	dice   *rand.Rand
	links  map[raft.ServerAddress]*link
	isCut  map[[2]raft.ServerAddress]bool
	loss   float64
	delay  time.Duration
	expiry time.Duration
}

func newNetwork(seed int64, expiry time.Duration) *network {
	return &network{
		dice: rand.New(rand.NewSource(seed)), links: map[raft.ServerAddress]*link{},
		isCut: map[[2]raft.ServerAddress]bool{}, expiry: expiry,
	}
}

// link is a server's end of the network from one start to the next.
type link struct {
	*raft.InmemTransport
	network *network
	address raft.ServerAddress
}

// join connects a server that starts with all that run, and those with it.
func (n *network) join(address raft.ServerAddress) *link {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	_, transport := raft.NewInmemTransportWithTimeout(address, n.expiry)
	joined := &link{transport, n, address}
	n.links[address] = joined
	for other, each := range n.links {
		joined.Connect(other, each.InmemTransport)
		each.Disconnect(address)
		each.Connect(address, transport)
	}
	return joined
}

// leave cuts off a server that has stopped.
func (n *network) leave(address raft.ServerAddress) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for _, each := range n.links {
		each.Disconnect(address)
	}
	n.links[address].DisconnectAll()
	delete(n.links, address)
}

// cut ends, or mends, the way from one server to another.
func (n *network) cut(from, to raft.ServerAddress, isCut bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.isCut[[2]raft.ServerAddress{from, to}] = isCut
}

// mend ends all faults.
func (n *network) mend() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	clear(n.isCut)
	n.loss, n.delay = 0, 0
}

// worsen loses and delays messages from now on.
func (n *network) worsen(loss float64, delay time.Duration) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.loss, n.delay = loss, delay
}

// way is what becomes of one message: it takes a while, and may not arrive.
func (n *network) way(from, to raft.ServerAddress) error {
	n.mutex.Lock()
	isCut, isLost, wait := n.isCut[[2]raft.ServerAddress{from, to}], n.dice.Float64() < n.loss, time.Duration(0)
	if n.delay > 0 && n.dice.Intn(3) == 0 {
		wait = time.Duration(n.dice.Int63n(int64(n.delay)))
	}
	if isCut || isLost {
		wait = n.expiry
	}
	n.mutex.Unlock()
	time.Sleep(wait)
	switch {
	case isCut:
		return errCut
	case isLost:
		return errLost
	}
	return nil
}

// call is a request and its answer, each of which may be lost.
func (l *link) call(target raft.ServerAddress, inner func() error) error {
	if err := l.network.way(l.address, target); err != nil {
		return err
	}
	if err := inner(); err != nil {
		return err
	}
	return l.network.way(target, l.address)
}

func (l *link) AppendEntries(id raft.ServerID, target raft.ServerAddress,
	request *raft.AppendEntriesRequest, response *raft.AppendEntriesResponse,
) error {
	return l.call(target, func() error { return l.InmemTransport.AppendEntries(id, target, request, response) })
}

func (l *link) RequestVote(id raft.ServerID, target raft.ServerAddress,
	request *raft.RequestVoteRequest, response *raft.RequestVoteResponse,
) error {
	return l.call(target, func() error { return l.InmemTransport.RequestVote(id, target, request, response) })
}

func (l *link) RequestPreVote(id raft.ServerID, target raft.ServerAddress,
	request *raft.RequestPreVoteRequest, response *raft.RequestPreVoteResponse,
) error {
	return l.call(target, func() error { return l.InmemTransport.RequestPreVote(id, target, request, response) })
}

func (l *link) InstallSnapshot(id raft.ServerID, target raft.ServerAddress,
	request *raft.InstallSnapshotRequest, response *raft.InstallSnapshotResponse, data io.Reader,
) error {
	return l.call(target, func() error { return l.InmemTransport.InstallSnapshot(id, target, request, response, data) })
}

func (l *link) TimeoutNow(id raft.ServerID, target raft.ServerAddress,
	request *raft.TimeoutNowRequest, response *raft.TimeoutNowResponse,
) error {
	return l.call(target, func() error { return l.InmemTransport.TimeoutNow(id, target, request, response) })
}

// AppendEntriesPipeline is a connection; one that loses a message breaks.
func (l *link) AppendEntriesPipeline(id raft.ServerID, target raft.ServerAddress) (raft.AppendPipeline, error) {
	inner, err := l.InmemTransport.AppendEntriesPipeline(id, target)
	if err != nil {
		return nil, err
	}
	return &pipeline{inner, l, target}, nil
}

type pipeline struct {
	raft.AppendPipeline
	link   *link
	target raft.ServerAddress
}

func (p *pipeline) AppendEntries(request *raft.AppendEntriesRequest, response *raft.AppendEntriesResponse) (raft.AppendFuture, error) {
	if err := p.link.network.way(p.link.address, p.target); err != nil {
		return nil, err
	}
	return p.AppendPipeline.AppendEntries(request, response)
}
