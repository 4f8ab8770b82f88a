package lab

import (
	"fmt"
	"reflect"

	"raftoracle/adapter"
)

// call sends a request to a peer and waits for the reply, as labrpc does.
func (s *server) call(peer int, method string, args, reply any) bool {
	name := s.node.Peers[peer]
	sent := pack(args)
	if name == s.node.Name {
		answer, err := s.handle(method, sent)
		if err != nil {
			return false
		}
		answer.unpack(reply)
		return true
	}
	request := adapter.Message{
		Kind: method, Value: sent,
		Label:   method + " " + describe(args),
		Meaning: s.harness.fields.requestMeaning(s, method, args),
	}
	request.Late = s.isLate(name, request)
	s.noteRequest(method, args)
	s.known.spoke = max(s.known.spoke, s.Term())
	if s.harness.lesson != nil {
		s.harness.lesson.noteRequest(method, args)
	}
	answer, err := s.node.Call(name, request)
	if err != nil {
		return false
	}
	answer.Value.(parcel).unpack(reply)
	return true
}

// isLate says whether a thread sends what it made in an earlier term, or repeats a call that failed:
// what the request says was so then.
func (s *server) isLate(to string, request adapter.Message) bool {
	said := to + " " + request.Label
	if s.said[said] {
		return true
	}
	s.said[said] = true
	term, ok := request.Meaning["term"].(int)
	return ok && request.Meaning["type"] != preVote && term < s.Term()
}

// Receive handles a request by the lab's own method of that name.
func (s *server) Receive(from string, request adapter.Message) (adapter.Message, error) {
	answer, err := s.handle(request.Kind, request.Value.(parcel))
	if err != nil {
		return adapter.Message{}, err
	}
	reply := answer.as(s.method(request.Kind).Type().In(1).Elem()).Interface()
	s.noteReply(from, request, reply)
	s.known.spoke = max(s.known.spoke, s.Term())
	return adapter.Message{
		Kind: request.Kind, Value: answer,
		Label:   request.Kind + " reply " + describe(reply),
		Meaning: s.harness.fields.replyMeaning(s, request, reply),
	}, nil
}

// handle calls a method with copies of what was sent.
func (s *server) handle(name string, args parcel) (parcel, error) {
	method := s.methodNamed(name)
	if !method.IsValid() {
		return parcel{}, fmt.Errorf("labrpc knows no method %s", name)
	}
	in := method.Type().In(0)
	asked := reflect.New(in)
	if in.Kind() == reflect.Pointer {
		asked = reflect.New(in.Elem())
	}
	args.unpack(asked.Interface())
	if in.Kind() != reflect.Pointer {
		asked = asked.Elem()
	}
	reply := reflect.New(method.Type().In(1).Elem())
	method.Call([]reflect.Value{asked, reply})
	return pack(reply.Interface()), nil
}
