//go:build go1.23

package main

import (
	"encoding/json"
	"fmt"
	"strings"

	pb "github.com/lni/dragonboat/v4/raftpb"
)

// packedMessage is a message as text, in which a field that says nothing is left out. The library's own
// encoding writes the members of a snapshot in no certain order.
type packedMessage struct {
	Type     pb.MessageType
	To, From uint64
	Term     uint64       `json:",omitempty"`
	LogTerm  uint64       `json:",omitempty"`
	LogIndex uint64       `json:",omitempty"`
	Commit   uint64       `json:",omitempty"`
	Reject   bool         `json:",omitempty"`
	Hint     uint64       `json:",omitempty"`
	HintHigh uint64       `json:",omitempty"`
	Entries  []pb.Entry   `json:",omitempty"`
	Snapshot *pb.Snapshot `json:",omitempty"`
}

func packed(m pb.Message) string {
	one := packedMessage{Type: m.Type, To: m.To, From: m.From, Term: m.Term, LogTerm: m.LogTerm,
		LogIndex: m.LogIndex, Commit: m.Commit, Reject: m.Reject, Hint: m.Hint, HintHigh: m.HintHigh,
		Entries: m.Entries}
	if !pb.IsEmptySnapshot(m.Snapshot) {
		one.Snapshot = &m.Snapshot
	}
	text, err := json.Marshal(one)
	must(err)
	return string(text)
}

func unpacked(text string) pb.Message {
	var one packedMessage
	if err := json.Unmarshal([]byte(text), &one); err != nil {
		panic(fmt.Sprintf("message: found %q, expected one that this bridge has sent: %v", text, err))
	}
	found := pb.Message{Type: one.Type, To: one.To, From: one.From, ShardID: shard, Term: one.Term,
		LogTerm: one.LogTerm, LogIndex: one.LogIndex, Commit: one.Commit, Reject: one.Reject, Hint: one.Hint,
		HintHigh: one.HintHigh, Entries: one.Entries}
	if one.Snapshot != nil {
		found.Snapshot = *one.Snapshot
	}
	return found
}

// content is what an entry holds, as text: a command, nothing, or a change of the configuration.
func content(entry pb.Entry) string {
	if entry.Type != pb.ConfigChangeEntry {
		return string(entry.Cmd)
	}
	change := changeIn(entry)
	return fmt.Sprintf("change configuration: %s %d", change.Type, change.ReplicaID)
}

// label is a message in one line, which tells apart all messages of one link that differ.
func label(m pb.Message) string {
	words := []string{m.Type.String()}
	add := func(format string, values ...any) { words = append(words, fmt.Sprintf(format, values...)) }
	if m.Term != 0 {
		add("t%d", m.Term)
	}
	switch m.Type {
	case pb.RequestVote, pb.RequestPreVote:
		add("last %d@%d", m.LogIndex, m.LogTerm)
	case pb.Replicate:
		add("prev %d@%d", m.LogIndex, m.LogTerm)
		if len(m.Entries) > 0 {
			add("entries")
		}
		for _, entry := range m.Entries {
			add("%d@%d", entry.Index, entry.Term)
		}
		add("commit %d", m.Commit)
	case pb.Heartbeat:
		add("commit %d", m.Commit)
	case pb.ReplicateResp:
		if m.Reject {
			add("rejects prev %d hint %d", m.LogIndex, m.Hint)
		} else {
			add("match %d", m.LogIndex)
		}
	case pb.RequestVoteResp, pb.RequestPreVoteResp:
		if m.Reject {
			add("rejects")
		} else {
			add("grants")
		}
	case pb.InstallSnapshot:
		add("to %d@%d", m.Snapshot.Index, m.Snapshot.Term)
	case pb.Propose:
		for _, entry := range m.Entries {
			add("%q", content(entry))
		}
	case pb.LeaderTransfer:
		add("to S%d", m.Hint)
	case pb.ReadIndexResp:
		add("index %d", m.LogIndex)
	}
	return strings.Join(append(words, readIn(m)...), " ")
}

// readIn names the read that a message is about, and that the leader hands over in a request for votes.
func readIn(m pb.Message) []string {
	switch m.Type {
	case pb.Heartbeat, pb.HeartbeatResp, pb.ReadIndex, pb.ReadIndexResp:
		if m.Hint != 0 {
			return []string{fmt.Sprintf("read of client %d #%d", m.Hint, m.HintHigh)}
		}
	case pb.RequestVote:
		if m.Hint != 0 {
			return []string{"handed over"}
		}
	}
	return nil
}

// meaning is a message in the protocol's vocabulary.
func meaning(m pb.Message) map[string]any {
	switch m.Type {
	case pb.RequestVote, pb.RequestPreVote:
		told := map[string]any{"type": kinds[m.Type], "term": m.Term, "last_log_index": m.LogIndex, "last_log_term": m.LogTerm}
		if m.Type == pb.RequestVote && m.Hint != 0 { // the candidate itself, whose leader asked it to stand
			told["by_transfer"] = true
		}
		return told
	case pb.RequestVoteResp, pb.RequestPreVoteResp:
		return map[string]any{"type": kinds[m.Type], "term": m.Term, "vote_granted": !m.Reject}
	case pb.Replicate:
		entries := [][2]any{}
		for _, entry := range m.Entries {
			entries = append(entries, [2]any{entry.Term, content(entry)})
		}
		return map[string]any{"type": "append_entries", "term": m.Term, "prev_log_index": m.LogIndex,
			"prev_log_term": m.LogTerm, "entries": entries, "leader_commit": m.Commit}
	case pb.ReplicateResp:
		told := map[string]any{"type": "append_entries_response", "term": m.Term, "success": !m.Reject}
		if !m.Reject {
			told["match_index"] = m.LogIndex
		}
		return told
	case pb.Heartbeat:
		return map[string]any{"type": "heartbeat", "term": m.Term, "leader_commit": m.Commit}
	case pb.HeartbeatResp:
		return map[string]any{"type": "heartbeat_response", "term": m.Term}
	case pb.InstallSnapshot:
		return map[string]any{"type": "install_snapshot", "term": m.Term,
			"last_included_index": m.Snapshot.Index, "last_included_term": m.Snapshot.Term}
	case pb.TimeoutNow:
		return map[string]any{"type": "timeout_now", "term": m.Term}
	}
	if m.Term == 0 {
		return map[string]any{"type": "other"}
	}
	return map[string]any{"type": "other", "term": m.Term}
}

var kinds = map[pb.MessageType]string{
	pb.RequestVote:        "request_vote",
	pb.RequestPreVote:     "pre_vote",
	pb.RequestVoteResp:    "request_vote_response",
	pb.RequestPreVoteResp: "pre_vote_response",
}

// roles are the protocol's; who only asks whether to stand is a follower still.
var roles = map[string]string{
	"Follower":         "follower",
	"PreVoteCandidate": "follower",
	"Candidate":        "candidate",
	"Leader":           "leader",
	"NonVoting":        "follower",
	"Witness":          "follower",
}
