// Package labrpc stands where the course's labrpc stands: ends of connections to other servers.
package labrpc

// ClientEnd is an end of a connection to one server.
type ClientEnd struct {
	endname interface{}
	carry   func(svcMeth string, args interface{}, reply interface{}) bool
}

// Call sends a request and waits for the reply; false means that none came.
func (e *ClientEnd) Call(svcMeth string, args interface{}, reply interface{}) bool {
	return e.carry != nil && e.carry(svcMeth, args, reply)
}
