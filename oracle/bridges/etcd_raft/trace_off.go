//go:build !with_tla

package main

import "go.etcd.io/raft/v3"

var tracer raft.TraceLogger
