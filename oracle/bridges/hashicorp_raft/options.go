package main

import (
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// options are what a run is asked for.
type options struct {
	servers   int
	seed      int64
	seconds   float64
	preVote   bool
	inside    bool
	maxAppend uint64
	trailing  uint64
	threshold uint64
	timeout   time.Duration
	rate      uint64
	readDelay time.Duration
	faults    map[string]bool
}

type setting struct{ name, fallback, meaning string }

var settings = []setting{
	{"crash", "stop", "stop: servers are shut down; inside: they also stop before any write to the disk"},
	{"faults", "all", "none, all, or some of " + strings.Join(faultNames, "+")},
	{"max_append", "8", "entries in one AppendEntries (MaxAppendEntries)"},
	{"pre_vote", "on", "ask before raising the term (PreVoteDisabled)"},
	{"rate", "400", "commands a second"},
	{"read_delay", "0", "milliseconds that a read of the log may take at most"},
	{"threshold", "60", "entries from one snapshot to the next (SnapshotThreshold)"},
	{"timeout", "50", "milliseconds of an election timeout (HeartbeatTimeout, ElectionTimeout)"},
	{"trailing", "200", "entries that stay in the log behind a snapshot (TrailingLogs)"},
}

type assignments map[string]string

func (a assignments) String() string { return "" }

func (a assignments) Set(text string) error {
	name, value, found := strings.Cut(text, "=")
	if !found || name == "" {
		return fmt.Errorf("found %q, expected KEY=VALUE", text)
	}
	a[name] = value
	return nil
}

func parse(arguments []string) (options, error) {
	given := assignments{}
	var chosen options
	flags := flag.NewFlagSet("hashicorp-raft", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&chosen.servers, "servers", 3, "")
	flags.Int64Var(&chosen.seed, "seed", 0, "")
	flags.Float64Var(&chosen.seconds, "seconds", 20, "")
	flags.Var(given, "set", "")
	if err := flags.Parse(arguments); err != nil {
		return chosen, err
	}
	if flags.NArg() > 0 {
		return chosen, fmt.Errorf("found %q, expected --servers, --seed, --seconds or --set", flags.Arg(0))
	}
	if chosen.servers < 1 || chosen.servers > mostServers {
		return chosen, fmt.Errorf("servers: found %d, expected 1 to %d", chosen.servers, mostServers)
	}
	if !(chosen.seconds > 0 && chosen.seconds <= mostSeconds) {
		return chosen, fmt.Errorf("seconds: found %g, expected more than 0 and at most %d", chosen.seconds, mostSeconds)
	}
	return chosen, chosen.set(given)
}

const (
	mostServers = 9
	mostSeconds = 24 * 60 * 60
)

// set reads settings; those that are left out have their defaults.
func (o *options) set(given assignments) error {
	values, names := map[string]string{}, []string{}
	for _, each := range settings {
		values[each.name] = each.fallback
		names = append(names, each.name)
	}
	for name, value := range given {
		if _, known := values[name]; !known {
			return fmt.Errorf("set: found %q, expected one of %s", name, strings.Join(names, ", "))
		}
		values[name] = value
	}
	var timeout, delay uint64
	numbers := []struct {
		name         string
		place        *uint64
		lowest, most uint64
	}{
		{"max_append", &o.maxAppend, 1, 1024}, {"trailing", &o.trailing, 0, 1_000_000},
		{"threshold", &o.threshold, 1, 1_000_000}, {"timeout", &timeout, 10, 10_000}, {"rate", &o.rate, 0, 100_000},
		{"read_delay", &delay, 0, 1000},
	}
	for _, each := range numbers {
		number, err := strconv.ParseUint(values[each.name], 10, 32)
		if err != nil || number < each.lowest || number > each.most {
			return fmt.Errorf("%s: found %q, expected a number from %d to %d",
				each.name, values[each.name], each.lowest, each.most)
		}
		*each.place = number
	}
	o.timeout = time.Duration(timeout) * time.Millisecond
	o.readDelay = time.Duration(delay) * time.Millisecond
	return o.setWords(values)
}

func (o *options) setWords(values map[string]string) error {
	switch values["pre_vote"] {
	case "on", "off":
		o.preVote = values["pre_vote"] == "on"
	default:
		return fmt.Errorf("pre_vote: found %q, expected on or off", values["pre_vote"])
	}
	switch values["crash"] {
	case "stop", "inside":
		o.inside = values["crash"] == "inside"
	default:
		return fmt.Errorf("crash: found %q, expected stop or inside", values["crash"])
	}
	o.faults = map[string]bool{}
	for _, name := range faultNames {
		o.faults[name] = values["faults"] == "all"
	}
	if values["faults"] == "all" || values["faults"] == "none" {
		return nil
	}
	for name := range strings.SplitSeq(values["faults"], "+") {
		if _, known := o.faults[name]; !known {
			return fmt.Errorf("faults: found %q, expected none, all, or some of %s", name, strings.Join(faultNames, "+"))
		}
		o.faults[name] = true
	}
	return nil
}
