//go:build go1.23

package main

import (
	"fmt"
	"math"
	"strconv"

	"github.com/lni/dragonboat/v4/config"
	"github.com/lni/dragonboat/v4/logger"
)

// settings are the fields of the library's configuration that a run may choose.
var settings = []setting{
	{"check_quorum", "off", "a leader that hears no quorum steps down, and voters keep to a leader (CheckQuorum)"},
	{"max_size", "0", "bytes of entries in one message; 0: one entry, none: no limit (MaxEntrySize)"},
	{"pre_vote", "off", "ask before raising the term (PreVote)"},
}

// options are the settings of one run.
type options struct {
	checkQuorum, preVote bool
	maxSize              uint64
}

// parseOptions reads settings; those that are left out have their defaults.
func parseOptions(given map[string]string) (options, error) {
	values := map[string]string{}
	for _, each := range settings {
		values[each.Name] = each.Default
	}
	for name, value := range given {
		if _, known := values[name]; !known {
			return options{}, fmt.Errorf("settings: found %q, which dragonboat does not have", name)
		}
		values[name] = value
	}
	var chosen options
	for name, place := range map[string]*bool{"check_quorum": &chosen.checkQuorum, "pre_vote": &chosen.preVote} {
		if values[name] != "on" && values[name] != "off" {
			return options{}, fmt.Errorf("%s: found %q, expected on or off", name, values[name])
		}
		*place = values[name] == "on"
	}
	chosen.maxSize = math.MaxUint64
	if values["max_size"] != "none" {
		size, err := strconv.ParseUint(values["max_size"], 10, 63)
		if err != nil {
			return options{}, fmt.Errorf("max_size: found %q, expected a number from 0 on, or none", values["max_size"])
		}
		chosen.maxSize = size
	}
	return chosen, nil
}

// electionTicks is how many heartbeat intervals an election timeout has; the library suggests ten.
const electionTicks = 10

// shard is the one Raft group of a run.
const shard = 1

// configuration is what a server of this id is started with.
func (o options) configuration(id uint64) config.Config {
	return config.Config{
		ReplicaID:    id,
		ShardID:      shard,
		CheckQuorum:  o.checkQuorum,
		PreVote:      o.preVote,
		ElectionRTT:  electionTicks,
		HeartbeatRTT: 1,
	}
}

// quiet is a logger that says nothing, and panics where the library does.
type quiet struct{}

func (quiet) SetLevel(logger.LogLevel) {}
func (quiet) Debugf(string, ...any)    {}
func (quiet) Infof(string, ...any)     {}
func (quiet) Warningf(string, ...any)  {}
func (quiet) Errorf(string, ...any)    {}
func (quiet) Panicf(format string, v ...any) {
	panic(fmt.Sprintf(format, v...))
}
