// Package labrpc is a network of channels inside one process, which loses, delays and reorders
// messages on request, so that servers can be tested without one.
//
// It has the public interface of the course's labrpc and shares no code with it:
//
//	network := MakeNetwork()
//	end := network.MakeEnd("from 0 to 1")    // the client's side of a connection
//	network.Connect("from 0 to 1", 1)        // to the server of this name
//	network.Enable("from 0 to 1", true)
//	server := MakeServer()
//	server.AddService(MakeService(receiver)) // the methods of receiver become RPCs
//	network.AddServer(1, server)
//	ok := end.Call("Raft.RequestVote", &args, &reply)
//
// Call returns true after the handler ran and its reply arrived. It returns false if the request or
// the reply was lost or the server is gone, after some time, and then the handler may have run or not.
package labrpc

import (
	"bytes"
	"fmt"
	"math/rand"
	"sync"
	"sync/atomic"
	"time"

	"6.5840/labgob"
)

// A ClientEnd is one client's side of a connection to one server.
type ClientEnd struct {
	name    interface{}
	network *Network
}

// request is a call on its way, with the channel that its caller waits on.
type request struct {
	end    interface{}
	method string
	args   []byte
	answer chan answer
}

// answer is what comes back: the reply, or ok=false where something was lost.
type answer struct {
	ok    bool
	reply []byte
}

// Call sends a request, waits for its reply, and tells whether that came. svcMeth is the type of the
// receiver and its method, as in "Raft.AppendEntries"; reply is a pointer.
func (end *ClientEnd) Call(svcMeth string, args interface{}, reply interface{}) bool {
	sent := request{end.name, svcMeth, encode(args), make(chan answer, 1)}
	select {
	case end.network.requests <- sent:
	case <-end.network.done:
		return false
	}
	got := <-sent.answer
	if got.ok {
		decode(got.reply, reply)
	}
	return got.ok
}

// A Network connects client ends to servers.
type Network struct {
	requests chan request
	done     chan struct{}
	count    int64
	bytes    int64

	mu             sync.Mutex
	reliable       bool
	longDelays     bool
	longReordering bool
	ends           map[interface{}]*ClientEnd
	enabled        map[interface{}]bool
	servers        map[interface{}]*Server
	connections    map[interface{}]interface{}
}

// MakeNetwork starts a reliable network without ends and servers.
func MakeNetwork() *Network {
	network := &Network{
		requests:    make(chan request),
		done:        make(chan struct{}),
		reliable:    true,
		ends:        map[interface{}]*ClientEnd{},
		enabled:     map[interface{}]bool{},
		servers:     map[interface{}]*Server{},
		connections: map[interface{}]interface{}{},
	}
	go network.accept()
	return network
}

// accept takes requests and carries each in a goroutine of its own, until Cleanup.
func (network *Network) accept() {
	for {
		select {
		case taken := <-network.requests:
			atomic.AddInt64(&network.count, 1)
			atomic.AddInt64(&network.bytes, int64(len(taken.args)))
			go network.carry(taken)
		case <-network.done:
			return
		}
	}
}

// route is what happens to a request that is sent at this moment.
type route struct {
	server         *Server
	reliable       bool
	longDelays     bool
	longReordering bool
}

// routeOf returns the way of a client end's requests; its server is nil where they get lost.
func (network *Network) routeOf(end interface{}) route {
	network.mu.Lock()
	defer network.mu.Unlock()
	way := route{reliable: network.reliable, longDelays: network.longDelays, longReordering: network.longReordering}
	if server, connected := network.connections[end]; connected && network.enabled[end] {
		way.server = network.servers[server]
	}
	return way
}

// carry brings one request to its server and the reply back, as far as the network lets them pass.
func (network *Network) carry(sent request) {
	way := network.routeOf(sent.end)
	if way.server == nil {
		longest := 100
		if way.longDelays {
			longest = 7000
		}
		pause(longest)
		sent.answer <- answer{}
		return
	}
	if !way.reliable {
		pause(27)
		if oneIn(10) {
			sent.answer <- answer{}
			return
		}
	}
	reply := network.await(sent, way.server)
	if !reply.ok || !way.reliable && oneIn(10) {
		sent.answer <- answer{}
		return
	}
	if way.longReordering && !oneIn(3) {
		time.Sleep(200 * time.Millisecond)
		pause(2000)
	}
	sent.answer <- reply
}

// await runs the handler and returns its reply, unless the way to the server closes meanwhile.
func (network *Network) await(sent request, server *Server) answer {
	reply := make(chan answer, 1)
	go func() { reply <- server.dispatch(sent) }()
	for {
		select {
		case got := <-reply:
			got.ok = network.routeOf(sent.end).server == server
			return got
		case <-time.After(100 * time.Millisecond):
			if network.routeOf(sent.end).server != server {
				return answer{}
			}
		}
	}
}

// pause sleeps for a random time of at most so many milliseconds.
func pause(longest int) {
	time.Sleep(time.Duration(rand.Intn(longest+1)) * time.Millisecond)
}

// oneIn is true once in so many times.
func oneIn(times int) bool {
	return rand.Intn(times) == 0
}

// Cleanup ends the network; calls that come later return false.
func (network *Network) Cleanup() {
	close(network.done)
}

// MakeEnd makes a client end of this name, which is connected to nothing yet.
func (network *Network) MakeEnd(endname interface{}) *ClientEnd {
	network.mu.Lock()
	defer network.mu.Unlock()
	if _, there := network.ends[endname]; there {
		panic(fmt.Sprintf("labrpc: MakeEnd: there is an end %v already", endname))
	}
	end := &ClientEnd{endname, network}
	network.ends[endname] = end
	return end
}

// Connect lets a client end lead to a server. It may be done once.
func (network *Network) Connect(endname interface{}, servername interface{}) {
	network.mu.Lock()
	defer network.mu.Unlock()
	network.connections[endname] = servername
}

// Enable opens or closes a client end; a closed one loses all requests and replies.
func (network *Network) Enable(endname interface{}, enabled bool) {
	network.mu.Lock()
	defer network.mu.Unlock()
	network.enabled[endname] = enabled
}

// AddServer puts a server under this name, in place of one that was there.
func (network *Network) AddServer(servername interface{}, server *Server) {
	network.mu.Lock()
	defer network.mu.Unlock()
	network.servers[servername] = server
}

// DeleteServer takes a server away; replies that it has not given yet are lost.
func (network *Network) DeleteServer(servername interface{}) {
	network.mu.Lock()
	defer network.mu.Unlock()
	delete(network.servers, servername)
}

// Reliable chooses between a network that delivers all and one that loses and delays.
func (network *Network) Reliable(yes bool) {
	network.mu.Lock()
	defer network.mu.Unlock()
	network.reliable = yes
}

// LongReordering holds most replies back for up to two seconds.
func (network *Network) LongReordering(yes bool) {
	network.mu.Lock()
	defer network.mu.Unlock()
	network.longReordering = yes
}

// LongDelays lets calls that go nowhere wait for up to seven seconds before they return.
func (network *Network) LongDelays(yes bool) {
	network.mu.Lock()
	defer network.mu.Unlock()
	network.longDelays = yes
}

// GetCount returns how many requests a server got.
func (network *Network) GetCount(servername interface{}) int {
	network.mu.Lock()
	defer network.mu.Unlock()
	return network.servers[servername].GetCount()
}

// GetTotalCount returns how many requests were sent.
func (network *Network) GetTotalCount() int {
	return int(atomic.LoadInt64(&network.count))
}

// GetTotalBytes returns how large all requests were together.
func (network *Network) GetTotalBytes() int64 {
	return atomic.LoadInt64(&network.bytes)
}

// encode turns arguments or a reply into bytes, so that nobody shares memory with its peer.
func encode(value interface{}) []byte {
	var buffer bytes.Buffer
	if err := labgob.NewEncoder(&buffer).Encode(value); err != nil {
		panic(fmt.Sprintf("labrpc: cannot encode a %T: %v", value, err))
	}
	return buffer.Bytes()
}

// decode fills what destination points to.
func decode(content []byte, destination interface{}) {
	if err := labgob.NewDecoder(bytes.NewReader(content)).Decode(destination); err != nil {
		panic(fmt.Sprintf("labrpc: cannot decode a %T: %v", destination, err))
	}
}
