package labrpc

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// A Server is a set of services that requests are dispatched to.
type Server struct {
	mu       sync.Mutex
	services map[string]*Service
	count    int
}

// MakeServer makes a server without services.
func MakeServer() *Server {
	return &Server{services: map[string]*Service{}}
}

// AddService lets the server answer requests to a service.
func (server *Server) AddService(service *Service) {
	server.mu.Lock()
	defer server.mu.Unlock()
	server.services[service.name] = service
}

// GetCount returns how many requests came in.
func (server *Server) GetCount() int {
	server.mu.Lock()
	defer server.mu.Unlock()
	return server.count
}

// dispatch runs the handler that a request names, and returns its reply.
func (server *Server) dispatch(sent request) answer {
	receiver, method, _ := strings.Cut(sent.method, ".")
	server.mu.Lock()
	server.count++
	service, there := server.services[receiver]
	server.mu.Unlock()
	if !there {
		panic(fmt.Sprintf("labrpc: %s: the server has no service %s", sent.method, receiver))
	}
	return answer{true, service.call(method, sent.args)}
}

// A Service is an object whose methods are RPC handlers.
type Service struct {
	name     string
	receiver reflect.Value
}

// MakeService makes a service of an object; its name is that of the object's type. Handlers are the
// methods of the form func(args *Args, reply *Reply) or func(args Args, reply *Reply).
func MakeService(rcvr interface{}) *Service {
	receiver := reflect.ValueOf(rcvr)
	return &Service{reflect.Indirect(receiver).Type().Name(), receiver}
}

// call runs one handler on arguments that it decodes, and returns its encoded reply.
func (service *Service) call(name string, args []byte) []byte {
	method := service.receiver.MethodByName(name)
	if !method.IsValid() || !isHandler(method.Type()) {
		panic(fmt.Sprintf("labrpc: %s has no RPC handler %s", service.name, name))
	}
	wanted := method.Type().In(0)
	decoded := reflect.New(wanted)
	decode(args, decoded.Interface())
	reply := reflect.New(method.Type().In(1).Elem())
	method.Call([]reflect.Value{decoded.Elem(), reply})
	return encode(reply.Interface())
}

// isHandler tells whether a method takes arguments and a pointer to its reply, and returns nothing.
func isHandler(method reflect.Type) bool {
	return method.NumIn() == 2 && method.NumOut() == 0 && method.In(1).Kind() == reflect.Pointer
}
