// Command zz_raft_oracle_lab drives the lab that it imports. It stands beside the lab at build
// time only.
package main

import (
	labrpc "ORACLE/labrpc"
	raft "ORACLE/raft"

	"raftoracle/lab"
)

func main() {
	labrpc.RaftOracleCall = func(end *labrpc.ClientEnd, method string, args interface{}, reply interface{}) bool {
		return lab.Call(end, method, args, reply)
	}
	lab.Main(lab.Source{Name: "ORACLE_NAME", Make: raft.Make})
}
