// Package cluster runs servers of a lab on labrpc in real time, and checks what they apply, for the
// labs' own tests.
package cluster

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"6.5840/labgob"
	"6.5840/labrpc"
)

// Server is the interface of a lab's Raft that its clients use.
type Server interface {
	Start(command interface{}) (index int, term int, isLeader bool)
	GetState() (term int, isLeader bool)
	Kill()
}

// Disk is a lab's persister: Copy makes one that an old life of the server cannot write to.
type Disk[D any] interface {
	Copy() D
	ReadSnapshot() []byte
}

// Applied is one message of applyCh: a command, or a snapshot in its place.
type Applied struct {
	Index    int
	Command  interface{}
	Snapshot []byte
}

// Boot starts a lab's server from its disk. It calls apply with everything that comes out of applyCh.
type Boot[D Disk[D]] func(ends []*labrpc.ClientEnd, me int, disk D, apply func(Server, Applied)) Server

// Cluster is a number of servers, with what each has applied.
type Cluster[D Disk[D]] struct {
	t       *testing.T
	boot    Boot[D]
	network *labrpc.Network
	disks   []D

	// snapshotEvery lets each server take a snapshot after so many commands; 0 is never.
	snapshotEvery int

	mu       sync.Mutex
	servers  []Server
	cutOff   []bool // of each server, whether its connections are closed
	lives    []int
	applied  [][]interface{} // of each server, from index 1 on
	restored []int           // how many snapshots each server was given by its leader
	complain []string
}

// New starts a cluster with these disks. It is taken down when the test ends.
func New[D Disk[D]](t *testing.T, boot Boot[D], snapshotEvery int, disks ...D) *Cluster[D] {
	cluster := &Cluster[D]{
		t: t, boot: boot, network: labrpc.MakeNetwork(), disks: disks, snapshotEvery: snapshotEvery,
		servers: make([]Server, len(disks)), cutOff: make([]bool, len(disks)), lives: make([]int, len(disks)), applied: make([][]interface{}, len(disks)),
		restored: make([]int, len(disks)),
	}
	for server := range disks {
		cluster.Launch(server)
	}
	t.Cleanup(func() {
		for server := range disks {
			cluster.Crash(server)
		}
		cluster.network.Cleanup()
		for _, complaint := range cluster.complain {
			t.Error(complaint)
		}
	})
	return cluster
}

// Launch starts a server, from its disk if it ran before, and connects it.
func (cluster *Cluster[D]) Launch(server int) {
	cluster.mu.Lock()
	defer cluster.mu.Unlock()
	cluster.lives[server]++
	life := cluster.lives[server]
	cluster.applied[server] = unpacked(cluster.disks[server].ReadSnapshot())
	ends := make([]*labrpc.ClientEnd, len(cluster.disks))
	for peer := range ends {
		name := fmt.Sprintf("from %d in life %d to %d", server, life, peer)
		ends[peer] = cluster.network.MakeEnd(name)
		cluster.network.Connect(name, peer)
	}
	started := cluster.boot(ends, server, cluster.disks[server], func(source Server, message Applied) {
		cluster.take(server, life, source, message)
	})
	cluster.servers[server] = started
	serves := labrpc.MakeServer()
	serves.AddService(labrpc.MakeService(started))
	cluster.network.AddServer(server, serves)
	cluster.enable(server, true)
}

// Crash ends a server; what is on its disk stays.
func (cluster *Cluster[D]) Crash(server int) {
	cluster.mu.Lock()
	defer cluster.mu.Unlock()
	if cluster.servers[server] == nil {
		return
	}
	cluster.enable(server, false)
	cluster.network.DeleteServer(server)
	cluster.disks[server] = cluster.disks[server].Copy()
	cluster.servers[server].Kill()
	cluster.servers[server] = nil
}

// Connect opens or closes all connections from and to a server that runs.
func (cluster *Cluster[D]) Connect(server int, open bool) {
	cluster.mu.Lock()
	defer cluster.mu.Unlock()
	cluster.enable(server, open)
}

// enable opens or closes the connections between a server and all others that run.
func (cluster *Cluster[D]) enable(server int, open bool) {
	cluster.cutOff[server] = !open
	for peer, life := range cluster.lives {
		cluster.network.Enable(fmt.Sprintf("from %d in life %d to %d", server, cluster.lives[server], peer), open)
		cluster.network.Enable(fmt.Sprintf("from %d in life %d to %d", peer, life, server), open)
	}
}

// Reliable chooses between a network that delivers all and one that loses and delays.
func (cluster *Cluster[D]) Reliable(yes bool) {
	cluster.network.Reliable(yes)
}

// take notes what a server applied, and hands it a snapshot now and then.
func (cluster *Cluster[D]) take(server, life int, source Server, message Applied) {
	cluster.mu.Lock()
	if cluster.lives[server] != life {
		cluster.mu.Unlock()
		return
	}
	if message.Snapshot != nil {
		cluster.applied[server] = unpacked(message.Snapshot)
		cluster.restored[server]++
	} else {
		cluster.check(server, message)
		cluster.applied[server] = append(cluster.applied[server], message.Command)
	}
	content := append([]interface{}(nil), cluster.applied[server]...)
	due := cluster.snapshotEvery > 0 && message.Snapshot == nil && message.Index%cluster.snapshotEvery == 0
	cluster.mu.Unlock()
	if due {
		source.(interface{ Snapshot(int, []byte) }).Snapshot(message.Index, packed(content))
	}
}

// check complains if a command is out of order, or another server applied another one there.
func (cluster *Cluster[D]) check(server int, message Applied) {
	if message.Index != len(cluster.applied[server])+1 {
		cluster.complain = append(cluster.complain, fmt.Sprintf(
			"server %d applied index %d after %d", server, message.Index, len(cluster.applied[server])))
	}
	for peer, commands := range cluster.applied {
		if message.Index <= len(commands) && commands[message.Index-1] != message.Command {
			cluster.complain = append(cluster.complain, fmt.Sprintf(
				"index %d: server %d applied %v, server %d %v",
				message.Index, server, message.Command, peer, commands[message.Index-1]))
		}
	}
}

// Leader waits until exactly one of the servers that can be reached leads in the newest term, and
// returns it.
func (cluster *Cluster[D]) Leader() int {
	cluster.t.Helper()
	for start := time.Now(); time.Since(start) < 10*time.Second; time.Sleep(50 * time.Millisecond) {
		leaders := map[int][]int{}
		newest := 0
		for server, running := range cluster.running() {
			if term, leads := running.GetState(); leads {
				leaders[term] = append(leaders[term], server)
				newest = max(newest, term)
			}
		}
		for term, those := range leaders {
			if len(those) > 1 {
				cluster.t.Fatalf("%d servers lead in term %d", len(those), term)
			}
		}
		if len(leaders[newest]) == 1 {
			return leaders[newest][0]
		}
	}
	cluster.t.Fatal("no server leads after ten seconds")
	return -1
}

// running returns the servers that run and are not cut off.
func (cluster *Cluster[D]) running() map[int]Server {
	cluster.mu.Lock()
	defer cluster.mu.Unlock()
	found := map[int]Server{}
	for server, running := range cluster.servers {
		if running != nil && !cluster.cutOff[server] {
			found[server] = running
		}
	}
	return found
}

// Agree hands a command to whoever leads until so many servers have applied it, and returns its index.
func (cluster *Cluster[D]) Agree(command interface{}, servers int) int {
	cluster.t.Helper()
	for start := time.Now(); time.Since(start) < 20*time.Second; {
		for _, running := range cluster.running() {
			index, _, isLeader := running.Start(command)
			if isLeader && cluster.await(index, command, servers) {
				return index
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	cluster.t.Fatalf("%v is not applied by %d servers after twenty seconds", command, servers)
	return -1
}

// await waits up to two seconds until so many servers have applied a command at an index.
func (cluster *Cluster[D]) await(index int, command interface{}, servers int) bool {
	for start := time.Now(); time.Since(start) < 2*time.Second; time.Sleep(10 * time.Millisecond) {
		if cluster.holders(index, command) >= servers {
			return true
		}
	}
	return false
}

// holders counts the servers that applied a command at an index.
func (cluster *Cluster[D]) holders(index int, command interface{}) int {
	cluster.mu.Lock()
	defer cluster.mu.Unlock()
	count := 0
	for server, commands := range cluster.applied {
		if cluster.servers[server] != nil && index <= len(commands) && commands[index-1] == command {
			count++
		}
	}
	return count
}

// packed is a snapshot of all commands that were applied.
func packed(commands []interface{}) []byte {
	var buffer bytes.Buffer
	if err := labgob.NewEncoder(&buffer).Encode(commands); err != nil {
		panic(err)
	}
	return buffer.Bytes()
}

// unpacked returns the commands in a snapshot; none if it is empty.
func unpacked(snapshot []byte) []interface{} {
	if len(snapshot) == 0 {
		return nil
	}
	var commands []interface{}
	if err := labgob.NewDecoder(bytes.NewReader(snapshot)).Decode(&commands); err != nil {
		panic(err)
	}
	return commands
}
