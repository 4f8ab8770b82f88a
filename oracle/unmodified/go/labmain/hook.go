package labrpc

import _ "raftoracle/bubble" // first of all, so that what is printed at the start goes nowhere

// RaftOracleCall carries out a call.
var RaftOracleCall func(end *ClientEnd, method string, args interface{}, reply interface{}) bool

// Call hands the call to raft-oracle.
func (e *ClientEnd) Call(svcMeth string, args interface{}, reply interface{}) bool {
	return RaftOracleCall(e, svcMeth, args, reply)
}
