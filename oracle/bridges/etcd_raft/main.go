// A bridge to go.etcd.io/raft: a whole cluster of RawNodes behind raft-oracle's adapter protocol.
//
// It reads one JSON object a line and answers each with one. There is no clock, no network and no
// randomness: a server does something only when it is told to, and then to the end.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"go.etcd.io/raft/v3"
)

const protocol = 1

// command is a line of the input; which fields it has depends on op.
type command struct {
	Op       string            `json:"op"`
	Protocol int               `json:"protocol"`
	Servers  []string          `json:"servers"`
	Settings map[string]string `json:"settings"`
	Server   string            `json:"server"`
	From     string            `json:"from"`
	Message  string            `json:"message"`
	Command  string            `json:"command"`
	Keep     uint64            `json:"keep"`
	Voters   []string          `json:"voters"`
	Learners []string          `json:"learners"`
	Target   string            `json:"target"`
	Ticks    int               `json:"ticks"`
	Fast     []string          `json:"fast"`
	After    int               `json:"after"`
	Lost     int               `json:"lost"`
	Client   int               `json:"client"`
	Number   int               `json:"number"`
}

// reply is a line of the output.
type reply struct {
	Error   string           `json:"error,omitempty"`
	Crashed bool             `json:"crashed,omitempty"`
	Sent    []sent           `json:"sent,omitempty"`
	Answers []told           `json:"answers,omitempty"`
	Views   map[string]*view `json:"views,omitempty"`
	Without []string         `json:"without,omitempty"`
}

type setting struct {
	Name    string `json:"name"`
	Default string `json:"default"`
	Meaning string `json:"meaning"`
}

// introduction is the answer to hello.
type introduction struct {
	Protocol int       `json:"protocol"`
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	Summary  string    `json:"summary"`
	Network  string    `json:"network"`
	Observes []string  `json:"observes"`
	Offers   []string  `json:"offers"`
	Settings []setting `json:"settings"`
}

func introduce() introduction {
	return introduction{
		Protocol: protocol,
		Name:     "etcd-raft",
		Version:  libraryVersion(),
		Summary:  "go.etcd.io/raft, the library under etcd, driven through its RawNode",
		Network:  "any",
		Observes: observes,
		Offers:   offers,
		Settings: settings,
	}
}

// libraryVersion is the version of go.etcd.io/raft in this binary.
func libraryVersion() string {
	info, _ := debug.ReadBuildInfo()
	if info != nil {
		for _, module := range info.Deps {
			if module.Path == "go.etcd.io/raft/v3" {
				return strings.TrimPrefix(module.Version, "v")
			}
		}
	}
	return "unknown"
}

func main() {
	raft.SetLogger(quiet{})
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve answers every command until the input ends.
func serve(input io.Reader, output io.Writer) error {
	reader := bufio.NewReaderSize(input, 1<<16)
	writer := bufio.NewWriterSize(output, 1<<16)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	all := &cluster{}
	for {
		line, err := reader.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var asked command
		if err := json.Unmarshal(line, &asked); err != nil {
			return fmt.Errorf("a line of the input is no command: %w", err)
		}
		var answer any
		if asked.Op == "hello" {
			answer = introduce()
		} else {
			answer = all.answer(&asked)
		}
		if err := encoder.Encode(answer); err != nil {
			return err
		}
		if err := writer.Flush(); err != nil {
			return err
		}
	}
}
