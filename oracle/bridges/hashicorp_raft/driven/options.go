package main

import (
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"raftoracle/adapter"
)

// Times by a server's own clock. In a heartbeat timeout each of a leader's loops has the time to send:
// it waits for loopTimeout to twice that between two messages, and for 10 ms after one that has failed.
const (
	timeout          = time.Second
	loopTimeout      = timeout / 10 // the library's own part of it
	heartbeatTimeout = 2*loopTimeout + 20*time.Millisecond
	callTimeout      = timeout
	electionLimit    = 20 * timeout
	patience         = time.Millisecond
	never            = 100_000 * time.Hour
)

// settings are what `--set` may name.
var settings = slices.DeleteFunc([]adapter.Setting{
	{Name: "crash_inside", Default: "off", Meaning: "on: servers also crash between the writes and sends of a step"},
	{Name: "max_append", Default: "1", Meaning: "the most entries of one AppendEntries (MaxAppendEntries)"},
	{Name: "mend", Default: "all", Meaning: "none: the library as it is; some or all of " + strings.Join(allMends, "+") + ": hunts see past these findings"},
	{Name: "pre_vote", Default: "off", Meaning: "on: a PreVote before an election, as by the library's default (PreVoteDisabled)"},
	{Name: "sticky", Default: "off", Meaning: "on: a follower that knows a leader refuses its vote until its own timer runs out"},
	{Name: "trailing", Default: "1", Meaning: "entries that stay in the log behind a snapshot (TrailingLogs)"},
	{Name: "version", Default: libraryVersion(), Meaning: "of the library, from 1.3.0 on: it is fetched and built"},
}, func(each adapter.Setting) bool { return each.Name == "pre_vote" && !hasPreVote })

// options are the settings of one run.
type options struct {
	crashInside, preVote, sticky bool
	maxAppend, trailing          int
	mends                        map[string]bool
}

// chosen are those of the run under way.
var chosen options

// configure reads the settings of a reset.
func configure(_ []string, given map[string]string) (without []string, err error) {
	values := map[string]string{}
	for _, each := range settings {
		values[each.Name] = each.Default
	}
	for name, value := range given {
		if _, known := values[name]; !known {
			return nil, fmt.Errorf("settings: found %q, which hashicorp-raft does not have", name)
		}
		values[name] = value
	}
	switches := map[string]*bool{"crash_inside": &chosen.crashInside, "sticky": &chosen.sticky}
	if hasPreVote {
		switches["pre_vote"] = &chosen.preVote
	}
	for name, place := range switches {
		if values[name] != "on" && values[name] != "off" {
			return nil, fmt.Errorf("%s: found %q, expected on or off", name, values[name])
		}
		*place = values[name] == "on"
	}
	if chosen.maxAppend, err = number(values, "max_append", 1); err != nil {
		return nil, err
	}
	if chosen.trailing, err = number(values, "trailing", 0); err != nil {
		return nil, err
	}
	if chosen.mends, err = mendsIn(values["mend"]); err != nil {
		return nil, err
	}
	if built := libraryVersion(); values["version"] != built {
		return nil, fmt.Errorf("version: found %q, expected %q, which was built", values["version"], built)
	}
	if !chosen.crashInside {
		without = append(without, "CrashInside")
	}
	return without, nil
}

// number reads a setting that is one.
func number(values map[string]string, name string, least int) (int, error) {
	found, err := strconv.Atoi(values[name])
	if err != nil || found < least || found > 1024 { // what the library accepts
		return 0, fmt.Errorf("%s: found %q, expected a number from %d to 1024", name, values[name], least)
	}
	return found, nil
}

// configuration is what a server is started with.
func (o options) configuration(id raft.ServerID) *raft.Config {
	config := raft.DefaultConfig()
	config.LocalID = id
	config.HeartbeatTimeout = timeout
	config.ElectionTimeout = timeout
	config.LeaderLeaseTimeout = timeout
	config.CommitTimeout = loopTimeout
	config.MaxAppendEntries = o.maxAppend
	config.TrailingLogs = uint64(o.trailing)
	config.SnapshotInterval = never // snapshots are asked for
	config.ShutdownOnRemove = false
	config.Logger = hclog.NewNullLogger()
	setIfThere(config, "PreVoteDisabled", !o.preVote)
	setIfThere(config, "NoLegacyTelemetry", true)
	return config
}

// setIfThere sets what older versions of the library do not know.
func setIfThere(config *raft.Config, name string, value bool) {
	if place := reflect.ValueOf(config).Elem().FieldByName(name); place.IsValid() {
		place.SetBool(value)
	}
}

// libraryVersion is the version of the library that was built in.
func libraryVersion() string {
	built, _ := debug.ReadBuildInfo()
	for _, module := range built.Deps {
		if module.Path == "github.com/hashicorp/raft" {
			return module.Version[1:]
		}
	}
	return "unknown"
}
