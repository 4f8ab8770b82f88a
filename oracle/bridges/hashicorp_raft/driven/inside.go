package main

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/hashicorp/raft"
)

// An inside is what of a server the library does not show. It is read while nothing runs. Where the
// library's fields are not as they are written here, the program says so and does not start.
type inside struct {
	snapshotIndex, snapshotTerm *uint64
	logIndex, logTerm           *uint64
	configurations              *configurations
	replication                 *map[raft.ServerID]*replication
	commitment                  **commitment
	currentTerm, commitIndex    *uint64
	leaderAddress               *raft.ServerAddress
	leaderID                    *raft.ServerID // nil before 1.3.7, where a leader is an address
}

// configurations are the library's struct of this name.
type configurations struct {
	committed      raft.Configuration
	committedIndex uint64
	latest         raft.Configuration
	latestIndex    uint64
}

// replication is the beginning of the library's followerReplication.
type replication struct{ currentTerm, nextIndex uint64 }

// commitment is the library's struct of this name.
type commitment struct {
	mutex        [8]byte // a sync.Mutex
	commitCh     chan struct{}
	matchIndexes map[raft.ServerID]uint64
}

// places are where the fields lie in a raft.Raft.
var places = func() map[string]uintptr {
	found := map[string]uintptr{}
	whole := reflect.TypeFor[raft.Raft]()
	leader := field(whole, "leaderState")
	address := "leaderAddr"
	if _, hasID := whole.FieldByName("leaderID"); hasID {
		found["leaderID"] = place(whole, "leaderID", reflect.TypeFor[raft.ServerID]())
	} else {
		address = "leader"
	}
	found["leaderAddress"] = place(whole, address, reflect.TypeFor[raft.ServerAddress]())
	for name, wanted := range map[string]reflect.Type{
		"lastSnapshotIndex": reflect.TypeFor[uint64](), "lastSnapshotTerm": reflect.TypeFor[uint64](),
		"currentTerm": reflect.TypeFor[uint64](), "commitIndex": reflect.TypeFor[uint64](),
		"lastLogIndex": reflect.TypeFor[uint64](), "lastLogTerm": reflect.TypeFor[uint64](),
		"configurations": reflect.TypeFor[configurations](),
	} {
		found[name] = place(whole, name, wanted)
	}
	state := field(leader.Type, "replState")
	agree(state.Type.Key(), reflect.TypeFor[raft.ServerID]())
	agree(state.Type.Elem().Elem(), reflect.TypeFor[replication]())
	found["replState"] = leader.Offset + state.Offset
	commits := field(leader.Type, "commitment")
	agree(commits.Type.Elem(), reflect.TypeFor[commitment]())
	found["commitment"] = leader.Offset + commits.Offset
	return found
}()

// place is where a field lies in a raft.Raft, which has the type that is written here.
func place(whole reflect.Type, name string, wanted reflect.Type) uintptr {
	one := field(whole, name)
	agree(one.Type, wanted)
	if len(one.Index) > 1 { // in the embedded raftState
		return whole.Field(one.Index[0]).Offset + one.Offset
	}
	return one.Offset
}

// field is a field of the library's struct.
func field(of reflect.Type, name string) reflect.StructField {
	found, ok := of.FieldByName(name)
	if !ok {
		panic(fmt.Sprintf("hashicorp-raft: found no field %s in %s, expected that of raft 1.8", name, of))
	}
	return found
}

// agree holds a type of the library to the one that is written here: the same, or a struct that
// begins with the same fields.
func agree(found, wanted reflect.Type) {
	if found == wanted {
		return
	}
	if wanted.Kind() != reflect.Struct || found.Kind() != reflect.Struct {
		panic(fmt.Sprintf("hashicorp-raft: found a %s, expected a %s", found, wanted))
	}
	for i := range wanted.NumField() {
		one, other := found.Field(i), wanted.Field(i)
		if other.Name != "mutex" && one.Name != other.Name || one.Offset != other.Offset || one.Type.Size() != other.Type.Size() {
			panic(fmt.Sprintf("hashicorp-raft: found %s.%s, expected %s", found, one.Name, other.Name))
		}
	}
}

// insideOf is the inside of a server.
func insideOf(r *raft.Raft) inside {
	at := func(name string) unsafe.Pointer { return unsafe.Add(unsafe.Pointer(r), places[name]) }
	found := inside{
		snapshotIndex:  (*uint64)(at("lastSnapshotIndex")),
		snapshotTerm:   (*uint64)(at("lastSnapshotTerm")),
		logIndex:       (*uint64)(at("lastLogIndex")),
		logTerm:        (*uint64)(at("lastLogTerm")),
		configurations: (*configurations)(at("configurations")),
		replication:    (*map[raft.ServerID]*replication)(at("replState")),
		commitment:     (**commitment)(at("commitment")),
		currentTerm:    (*uint64)(at("currentTerm")),
		commitIndex:    (*uint64)(at("commitIndex")),
		leaderAddress:  (*raft.ServerAddress)(at("leaderAddress")),
	}
	if _, hasID := places["leaderID"]; hasID {
		found.leaderID = (*raft.ServerID)(at("leaderID"))
	}
	return found
}

// forgetLeader lets the server know no leader.
func (i inside) forgetLeader() {
	*i.leaderAddress = ""
	if i.leaderID != nil {
		*i.leaderID = ""
	}
}
