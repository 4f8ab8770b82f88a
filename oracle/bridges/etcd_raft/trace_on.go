//go:build with_tla

package main

import (
	"encoding/json"
	"os"

	"go.etcd.io/raft/v3"
)

// tracer writes the library's own trace to the file that RAFT_TRACE names, one JSON object a line,
// in the form that tla/Traceetcdraft.tla of go.etcd.io/raft reads.
var tracer = openTrace()

type traceFile struct{ encoder *json.Encoder }

func openTrace() raft.TraceLogger {
	path := os.Getenv("RAFT_TRACE")
	if path == "" {
		return nil
	}
	file, err := os.Create(path)
	must(err)
	return &traceFile{json.NewEncoder(file)}
}

// TraceEvent writes one event.
func (t *traceFile) TraceEvent(event *raft.TracingEvent) {
	must(t.encoder.Encode(struct {
		Tag   string             `json:"tag"`
		Event *raft.TracingEvent `json:"event"`
	}{"trace", event}))
}
