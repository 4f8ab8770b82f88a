package main

import (
	"fmt"
	"strings"

	"github.com/hashicorp/raft"

	"raftoracle/adapter"
)

// other is the meaning of what the paper does not have.
var other = adapter.Meaning{"type": "other"}

// isHeartbeat tells the library's heartbeats, which say nothing but their term.
func isHeartbeat(request *raft.AppendEntriesRequest) bool {
	return request.PrevLogEntry == 0 && request.LeaderCommitIndex == 0 && len(request.Entries) == 0
}

// requestMessage is a request with what it says.
func requestMessage(request any) adapter.Message {
	switch r := request.(type) {
	case *raft.AppendEntriesRequest:
		return appendMessage(r)
	case *raft.RequestVoteRequest:
		label := fmt.Sprintf("RequestVote t%d last %d@%d", r.Term, r.LastLogIndex, r.LastLogTerm)
		meaning := adapter.Meaning{
			"type": "request_vote", "term": r.Term,
			"last_log_index": r.LastLogIndex, "last_log_term": r.LastLogTerm,
		}
		if r.LeadershipTransfer {
			label += " in a transfer"
			meaning["by_transfer"] = true
		}
		return adapter.Message{Value: r, Label: label, Meaning: meaning}
	case *installation:
		index, term := r.request.LastLogIndex, r.request.LastLogTerm
		label := fmt.Sprintf("InstallSnapshot t%d last %d@%d", r.request.Term, index, term)
		return adapter.Message{Value: r, Label: label, Meaning: adapter.Meaning{
			"type": "install_snapshot", "term": r.request.Term,
			"last_included_index": index, "last_included_term": term,
		}}
	case *handOver:
		label := fmt.Sprintf("TimeoutNow of the leader of t%d", r.term)
		return adapter.Message{Value: r, Label: label, Meaning: adapter.Meaning{"type": "timeout_now", "term": r.term}}
	}
	if message, ok := preVoteMessage(request); ok {
		return message
	}
	panic(fmt.Sprintf("found a %T, expected a request of the library", request))
}

// appendMessage is an AppendEntries request with what it says.
func appendMessage(r *raft.AppendEntriesRequest) adapter.Message {
	if isHeartbeat(r) {
		label := fmt.Sprintf("Heartbeat t%d", r.Term)
		return adapter.Message{Value: r, Label: label, Meaning: adapter.Meaning{
			"type": "heartbeat", "term": r.Term, "leader_commit": 0,
		}}
	}
	entries := make([]adapter.Entry, len(r.Entries))
	var words strings.Builder
	for i, entry := range r.Entries {
		entries[i] = shownEntry(entry)
		fmt.Fprintf(&words, " %d@%d", entry.Index, entry.Term)
		if content := entries[i].Content; content != "" {
			fmt.Fprintf(&words, " %q", content)
		}
	}
	label := fmt.Sprintf("AppendEntries t%d prev %d@%d%s commit %d",
		r.Term, r.PrevLogEntry, r.PrevLogTerm, words.String(), r.LeaderCommitIndex)
	return adapter.Message{Value: r, Label: label, Meaning: adapter.Meaning{
		"type": "append_entries", "term": r.Term,
		"prev_log_index": r.PrevLogEntry, "prev_log_term": r.PrevLogTerm,
		"entries": entries, "leader_commit": r.LeaderCommitIndex,
	}}
}

// yes is how an answer says whether it grants or accepts.
var yes = map[bool]string{true: "yes", false: "no"}

// responseMessage is an answer with what it says; what a follower holds follows from the request.
func responseMessage(request, response any) adapter.Message {
	switch r := response.(type) {
	case *raft.AppendEntriesResponse:
		return appendedMessage(request.(*raft.AppendEntriesRequest), r)
	case *raft.RequestVoteResponse:
		asked := request.(*raft.RequestVoteRequest)
		label := fmt.Sprintf("RequestVote t%d: %s in t%d", asked.Term, yes[r.Granted], r.Term)
		return adapter.Message{Value: r, Label: label, Meaning: adapter.Meaning{
			"type": "request_vote_response", "term": r.Term, "vote_granted": r.Granted,
		}}
	case *raft.InstallSnapshotResponse:
		asked := request.(*installation).request
		label := fmt.Sprintf("InstallSnapshot t%d last %d@%d: %s in t%d",
			asked.Term, asked.LastLogIndex, asked.LastLogTerm, yes[r.Success], r.Term)
		meaning := adapter.Meaning{"type": "install_snapshot_response", "term": r.Term, "success": r.Success}
		if r.Success {
			meaning["match_index"] = asked.LastLogIndex
		}
		return adapter.Message{Value: r, Label: label, Meaning: meaning}
	case *raft.TimeoutNowResponse:
		return adapter.Message{Value: r, Label: "TimeoutNow: yes", Meaning: other}
	}
	if message, ok := preVoteAnswer(request, response); ok {
		return message
	}
	panic(fmt.Sprintf("found a %T, expected an answer of the library", response))
}

// appendedMessage is the answer to an AppendEntries request.
func appendedMessage(asked *raft.AppendEntriesRequest, r *raft.AppendEntriesResponse) adapter.Message {
	if isHeartbeat(asked) {
		label := fmt.Sprintf("Heartbeat t%d: %s in t%d", asked.Term, yes[r.Success], r.Term)
		return adapter.Message{Value: r, Label: label, Meaning: adapter.Meaning{
			"type": "heartbeat_response", "term": r.Term,
		}}
	}
	label := fmt.Sprintf("AppendEntries t%d prev %d@%d+%d: %s in t%d, last %d",
		asked.Term, asked.PrevLogEntry, asked.PrevLogTerm, len(asked.Entries), yes[r.Success], r.Term, r.LastLog)
	meaning := adapter.Meaning{"type": "append_entries_response", "term": r.Term, "success": r.Success}
	if r.Success {
		meaning["match_index"] = asked.PrevLogEntry + uint64(len(asked.Entries))
	}
	return adapter.Message{Value: r, Label: label, Meaning: meaning}
}
