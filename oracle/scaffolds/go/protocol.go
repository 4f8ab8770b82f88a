package main

// The adapter protocol, version 1: one JSON object a line, each command answered by one line.
// There is nothing to change here. serve reads commands, calls the cluster, and writes what it
// returned; of a log it writes only what differs from what it wrote last.

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// Hello is the reply to the first command.
type Hello struct {
	Protocol int      `json:"protocol"`
	Name     string   `json:"name"`
	Version  string   `json:"version"`
	Network  string   `json:"network"`
	Observes []string `json:"observes"`
	Summary  string   `json:"summary,omitempty"`
}

// Sent is a message that a server sent.
type Sent struct {
	From    string         `json:"from"`
	To      string         `json:"to"`
	Message string         `json:"message"`
	Label   string         `json:"label"`
	Meaning map[string]any `json:"meaning,omitempty"`
}

// View is what can be seen of a server; Vote is nil where it voted for nobody, and Match and Next
// are a leader's.
type View struct {
	Role    string         `json:"role"`
	Term    int            `json:"term"`
	Vote    *string        `json:"vote"`
	Commit  int            `json:"commit"`
	Applied int            `json:"applied"`
	Match   map[string]int `json:"match,omitempty"`
	Next    map[string]int `json:"next,omitempty"`
	Log     []ShownEntry   `json:"-"`
	Tail    *logTail       `json:"log,omitempty"` // made from Log
}

// ShownEntry is an entry of a log.
type ShownEntry struct {
	Term    int
	Content string
}

// MarshalJSON writes an entry as [term, content].
func (e ShownEntry) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{e.Term, e.Content})
}

// The log from an index on.
type logTail struct {
	From    int          `json:"from"`
	Entries []ShownEntry `json:"entries"`
}

type command struct {
	Op       string            `json:"op"`
	Servers  []string          `json:"servers"`
	Settings map[string]string `json:"settings"`
	Server   string            `json:"server"`
	Command  string            `json:"command"`
	From     string            `json:"from"`
	Message  string            `json:"message"`
}

type reply struct {
	Sent  []Sent          `json:"sent,omitempty"`
	Views map[string]View `json:"views,omitempty"`
}

type failure struct {
	Error string `json:"error"`
}

// A conversation: the cluster, and the logs that were shown of it.
type session struct {
	hello   Hello
	cluster *Cluster
	shown   map[string][]ShownEntry
}

// Answers commands until there are no more.
func serve(hello Hello, cluster *Cluster) {
	talk := &session{hello, cluster, map[string][]ShownEntry{}}
	input := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	output.SetEscapeHTML(false)
	for {
		line, err := input.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		if err == nil {
			err = output.Encode(talk.reply(line))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// Does one command; a panic is an answer too.
func (t *session) reply(line []byte) (answer any) {
	defer func() {
		if reason := recover(); reason != nil {
			os.Stderr.Write(debug.Stack())
			answer = failure{fmt.Sprint(reason)}
		}
	}()
	var asked command
	if err := json.Unmarshal(line, &asked); err != nil {
		panic(err)
	}
	switch asked.Op {
	case "hello":
		return t.hello
	case "reset":
		t.shown = map[string][]ShownEntry{}
		return t.answer(t.cluster.Reset(asked.Servers, asked.Settings), asked.Servers...)
	case "crash":
		t.cluster.Crash(asked.Server)
		delete(t.shown, asked.Server)
		return reply{}
	}
	return t.answer(t.do(asked), asked.Server)
}

// Does a command at one running server.
func (t *session) do(asked command) []Sent {
	switch asked.Op {
	case "election_timeout":
		return t.cluster.ElectionTimeout(asked.Server)
	case "heartbeat_timeout":
		return t.cluster.HeartbeatTimeout(asked.Server)
	case "client_request":
		return t.cluster.ClientRequest(asked.Server, asked.Command)
	case "receive":
		return t.cluster.Receive(asked.Server, asked.From, asked.Message)
	case "restart":
		return t.cluster.Restart(asked.Server)
	case "connect", "disconnect":
		return nil
	}
	panic("unknown op " + asked.Op)
}

// What was sent, and what the servers look like now.
func (t *session) answer(sent []Sent, servers ...string) reply {
	views := map[string]View{}
	for _, server := range servers {
		view := t.cluster.View(server)
		view.Tail = t.tail(server, view.Log)
		views[server] = view
	}
	return reply{sent, views}
}

// The part of a server's log that was not shown before; nil if all of it was.
func (t *session) tail(server string, log []ShownEntry) *logTail {
	shown, known := t.shown[server]
	same := 0
	for same < min(len(log), len(shown)) && log[same] == shown[same] {
		same++
	}
	if known && same == len(log) && same == len(shown) {
		return nil
	}
	t.shown[server] = append([]ShownEntry{}, log...)
	return &logTail{same + 1, t.shown[server][same:]}
}
