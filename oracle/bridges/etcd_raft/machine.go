package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"
)

// machine is the application on top of the log: a key-value store, and a digest of all that was
// applied. It executes each operation of a client once: the network may repeat what a follower
// hands on to its leader.
type machine struct {
	Digest   string            `json:"digest"`
	Values   map[string]string `json:"values"`
	Executed map[string]string `json:"executed"` // what each operation was answered
}

// openMachine is the machine that a snapshot holds; the first one holds nothing.
func openMachine(snapshot []byte) *machine {
	found := &machine{Values: map[string]string{}, Executed: map[string]string{}}
	if len(snapshot) > 0 {
		must(json.Unmarshal(snapshot, found))
	}
	return found
}

// saved is the machine as a snapshot holds it.
func (m *machine) saved() []byte {
	bytes, err := json.Marshal(m)
	must(err)
	return bytes
}

// apply takes note of a committed entry's content, and executes it if it is a client's operation.
func (m *machine) apply(index uint64, text string) {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s\n%d %s", m.Digest, index, text)
	m.Digest = fmt.Sprintf("%016x", hash.Sum64())
	if one, command, found := operationIn(text); found {
		if _, repeated := m.Executed[one]; !repeated {
			m.Executed[one] = m.execute(strings.Split(command, " "))
		}
	}
}

// execute does a command of the key-value store; what it does not know changes nothing.
func (m *machine) execute(words []string) string {
	switch {
	case len(words) == 2 && words[0] == "get":
		return m.Values[words[1]]
	case len(words) == 3 && words[0] == "set":
		m.Values[words[1]] = words[2]
	case len(words) == 3 && words[0] == "append":
		m.Values[words[1]] += words[2]
		return m.Values[words[1]]
	}
	return ""
}

// operationIn is a client's operation in an entry: its name and its command.
func operationIn(text string) (one, command string, found bool) {
	if !strings.HasPrefix(text, "client ") {
		return "", "", false
	}
	return strings.Cut(text, ": ")
}
