package main

import (
	"encoding/binary"
	"fmt"
	"strings"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
)

// content is what an entry holds, as text: a command, nothing, or a change of the configuration.
func content(entry *pb.Entry) string {
	change := changeIn(entry)
	if change == nil {
		return string(entry.GetData())
	}
	singles := change.AsV2().GetChanges()
	if len(singles) == 0 {
		return "leave joint configuration"
	}
	words := []string{"change configuration:"}
	for _, each := range singles {
		name := strings.TrimPrefix(each.GetType().String(), "ConfChange")
		words = append(words, fmt.Sprintf("%s %d", name, each.GetNodeId()))
	}
	return strings.Join(words, " ")
}

// label is a message in one line, which tells apart all messages of one link that differ.
func label(m *pb.Message) string {
	words := []string{m.GetType().String()}
	add := func(format string, values ...any) { words = append(words, fmt.Sprintf(format, values...)) }
	if m.GetTerm() != 0 {
		add("t%d", m.GetTerm())
	}
	switch m.GetType() {
	case pb.MsgVote, pb.MsgPreVote:
		add("last %d@%d", m.GetIndex(), m.GetLogTerm())
	case pb.MsgApp:
		add("prev %d@%d", m.GetIndex(), m.GetLogTerm())
		if len(m.GetEntries()) > 0 {
			add("entries")
		}
		for _, entry := range m.GetEntries() {
			add("%d@%d", entry.GetIndex(), entry.GetTerm())
		}
		add("commit %d", m.GetCommit())
	case pb.MsgHeartbeat:
		add("commit %d", m.GetCommit())
	case pb.MsgAppResp:
		if m.GetReject() {
			add("rejects prev %d hint %d@%d", m.GetIndex(), m.GetRejectHint(), m.GetLogTerm())
		} else {
			add("match %d", m.GetIndex())
		}
	case pb.MsgVoteResp, pb.MsgPreVoteResp:
		if m.GetReject() {
			add("rejects")
		} else {
			add("grants")
		}
	case pb.MsgSnap:
		metadata := m.GetSnapshot().GetMetadata()
		add("to %d@%d", metadata.GetIndex(), metadata.GetTerm())
	case pb.MsgProp:
		for _, entry := range m.GetEntries() {
			add("%q", content(entry))
		}
	case pb.MsgTransferLeader:
		add("to S%d", m.GetFrom())
	}
	switch context := m.GetContext(); {
	case m.GetType() == pb.MsgReadIndex:
		add("%s", m.GetEntries()[0].GetData())
	case m.GetType() == pb.MsgReadIndexResp:
		add("%s index %d", m.GetEntries()[0].GetData(), m.GetIndex())
	case (m.GetType() == pb.MsgHeartbeat || m.GetType() == pb.MsgHeartbeatResp) && len(context) == 8:
		add("read %d", binary.LittleEndian.Uint64(context))
	case len(context) > 0:
		add("%q", context)
	}
	return strings.Join(words, " ")
}

// byTransfer is what a candidate says whose leader asked it to stand; the library keeps the name to itself.
const byTransfer = "CampaignTransfer"

// meaning is a message in the protocol's vocabulary.
func meaning(m *pb.Message) map[string]any {
	term, index, logTerm, granted := m.GetTerm(), m.GetIndex(), m.GetLogTerm(), !m.GetReject()
	switch m.GetType() {
	case pb.MsgVote, pb.MsgPreVote:
		told := map[string]any{"type": kinds[m.GetType()], "term": term, "last_log_index": index, "last_log_term": logTerm}
		if string(m.GetContext()) == byTransfer {
			told["by_transfer"] = true
		}
		return told
	case pb.MsgVoteResp, pb.MsgPreVoteResp:
		return map[string]any{"type": kinds[m.GetType()], "term": term, "vote_granted": granted}
	case pb.MsgApp:
		entries := [][2]any{}
		for _, entry := range m.GetEntries() {
			entries = append(entries, [2]any{entry.GetTerm(), content(entry)})
		}
		return map[string]any{"type": "append_entries", "term": term, "prev_log_index": index,
			"prev_log_term": logTerm, "entries": entries, "leader_commit": m.GetCommit()}
	case pb.MsgAppResp:
		told := map[string]any{"type": "append_entries_response", "term": term, "success": granted}
		if granted {
			told["match_index"] = index
		}
		return told
	case pb.MsgHeartbeat:
		return map[string]any{"type": "heartbeat", "term": term, "leader_commit": m.GetCommit()}
	case pb.MsgHeartbeatResp:
		return map[string]any{"type": "heartbeat_response", "term": term}
	case pb.MsgSnap:
		metadata := m.GetSnapshot().GetMetadata()
		return map[string]any{"type": "install_snapshot", "term": term,
			"last_included_index": metadata.GetIndex(), "last_included_term": metadata.GetTerm()}
	case pb.MsgTimeoutNow:
		return map[string]any{"type": "timeout_now", "term": term}
	}
	other := map[string]any{"type": "other"}
	if term != 0 { // proposals and requests to read have none
		other["term"] = term
	}
	return other
}

var kinds = map[pb.MessageType]string{
	pb.MsgVote:        "request_vote",
	pb.MsgPreVote:     "pre_vote",
	pb.MsgVoteResp:    "request_vote_response",
	pb.MsgPreVoteResp: "pre_vote_response",
}

// roles are the protocol's; who only asks whether to stand is a follower still.
var roles = map[raft.StateType]string{
	raft.StateFollower:     "follower",
	raft.StatePreCandidate: "follower",
	raft.StateCandidate:    "candidate",
	raft.StateLeader:       "leader",
}
