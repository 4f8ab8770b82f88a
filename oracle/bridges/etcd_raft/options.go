package main

import (
	"fmt"
	"math"
	"strconv"

	"go.etcd.io/raft/v3"
)

// settings are the fields of raft.Config that a run may choose.
var settings = []setting{
	{"async", "off", "on: write to the disk and apply through storage messages (AsyncStorageWrites); late: they complete when the schedule says"},
	{"check_quorum", "off", "a leader that hears no quorum steps down, and voters keep to a leader (CheckQuorum)"},
	{"early_vote_requests", "off", "with async=late, on: a candidate asks for votes before its own term and vote are written, as the library lets it"},
	{"forward", "on", "a follower hands a client's command on to its leader (DisableProposalForwarding)"},
	{"lease_reads", "off", "leaders answer reads by their lease, and all clocks agree (ReadOnlyLeaseBased; implies check_quorum)"},
	{"max_inflight", "256", "append messages under way to one follower (MaxInflightMsgs)"},
	{"max_size", "0", "bytes of entries in one append message; 0: one entry, none: no limit (MaxSizePerMsg)"},
	{"pre_vote", "off", "ask before raising the term (PreVote)"},
	{"step_down_on_removal", "on", "a leader that is removed steps down, else it leads on and drops what it is asked (StepDownOnRemoval)"},
}

// options are the settings of one run.
type options struct {
	async, late, checkQuorum, earlyVoteRequests, forward, leaseReads, preVote, stepDownOnRemoval bool

	maxInflight int
	maxSize     uint64
}

// parseOptions reads settings; those that are left out have their defaults.
func parseOptions(given map[string]string) (options, error) {
	values := map[string]string{}
	for _, each := range settings {
		values[each.Name] = each.Default
	}
	for name, value := range given {
		if _, known := values[name]; !known {
			return options{}, fmt.Errorf("settings: found %q, which etcd-raft does not have", name)
		}
		values[name] = value
	}
	var chosen options
	for name, place := range map[string]*bool{
		"check_quorum":         &chosen.checkQuorum,
		"early_vote_requests":  &chosen.earlyVoteRequests,
		"forward":              &chosen.forward,
		"lease_reads":          &chosen.leaseReads,
		"pre_vote":             &chosen.preVote,
		"step_down_on_removal": &chosen.stepDownOnRemoval,
	} {
		if values[name] != "on" && values[name] != "off" {
			return options{}, fmt.Errorf("%s: found %q, expected on or off", name, values[name])
		}
		*place = values[name] == "on"
	}
	switch values["async"] {
	case "on", "late":
		chosen.async, chosen.late = true, values["async"] == "late"
	case "off":
	default:
		return options{}, fmt.Errorf("async: found %q, expected off, on or late", values["async"])
	}
	chosen.checkQuorum = chosen.checkQuorum || chosen.leaseReads
	inflight, err := strconv.Atoi(values["max_inflight"])
	if err != nil || inflight < 1 {
		return options{}, fmt.Errorf("max_inflight: found %q, expected a number from 1 on", values["max_inflight"])
	}
	chosen.maxInflight = inflight
	chosen.maxSize = noLimit
	if values["max_size"] != "none" {
		if chosen.maxSize, err = strconv.ParseUint(values["max_size"], 10, 63); err != nil {
			return options{}, fmt.Errorf("max_size: found %q, expected a number from 0 on, or none", values["max_size"])
		}
	}
	return chosen, nil
}

// noLimit is a size that no messages have.
const noLimit = math.MaxUint64

// electionTicks is how many heartbeat intervals an election timeout has; etcd suggests ten.
const electionTicks = 10

// configuration is what a server of this id is started with.
func (o options) configuration(id uint64, storage raft.Storage, applied uint64) *raft.Config {
	reads := raft.ReadOnlySafe
	if o.leaseReads {
		reads = raft.ReadOnlyLeaseBased
	}
	return &raft.Config{
		ID:                 id,
		ElectionTick:       electionTicks,
		HeartbeatTick:      1,
		Storage:            storage,
		Applied:            applied,
		AsyncStorageWrites: o.async,
		MaxSizePerMsg:      o.maxSize,
		// It defaults to MaxSizePerMsg, but does not take the 0 that is valid there: v3.7.0 panics.
		MaxCommittedSizePerReady:  max(o.maxSize, 1),
		MaxInflightMsgs:           o.maxInflight,
		CheckQuorum:               o.checkQuorum,
		ReadOnlyOption:            reads,
		PreVote:                   o.preVote,
		DisableProposalForwarding: !o.forward,
		StepDownOnRemoval:         o.stepDownOnRemoval,
		Logger:                    quiet{},
		TraceLogger:               tracer,
	}
}

// quiet is a logger that says nothing, and panics where the library wants the program to end.
type quiet struct{}

func (quiet) Debug(...any)            {}
func (quiet) Debugf(string, ...any)   {}
func (quiet) Info(...any)             {}
func (quiet) Infof(string, ...any)    {}
func (quiet) Warning(...any)          {}
func (quiet) Warningf(string, ...any) {}
func (quiet) Error(...any)            {}
func (quiet) Errorf(string, ...any)   {}
func (quiet) Fatal(v ...any)          { panic(fmt.Sprint(v...)) }
func (quiet) Fatalf(format string, v ...any) {
	panic(fmt.Sprintf(format, v...))
}
func (quiet) Panic(v ...any) { panic(fmt.Sprint(v...)) }
func (quiet) Panicf(format string, v ...any) {
	panic(fmt.Sprintf(format, v...))
}
