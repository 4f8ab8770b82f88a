package facts

import "github.com/hashicorp/raft"

// told is what a message says.
type told struct {
	Type         string  `json:"type"`
	Term         *uint64 `json:"term,omitempty"`
	LastLogIndex *uint64 `json:"last_log_index,omitempty"`
	LastLogTerm  *uint64 `json:"last_log_term,omitempty"`
	VoteGranted  *bool   `json:"vote_granted,omitempty"`
	PrevLogIndex *uint64 `json:"prev_log_index,omitempty"`
	PrevLogTerm  *uint64 `json:"prev_log_term,omitempty"`
	Entries      [][]any `json:"entries,omitzero"`
	LeaderCommit *uint64 `json:"leader_commit,omitempty"`
	Success      *bool   `json:"success,omitempty"`
	MatchIndex   *uint64 `json:"match_index,omitempty"`
	LastIncluded *uint64 `json:"last_included_index,omitempty"`
	IncludedTerm *uint64 `json:"last_included_term,omitempty"`
}

// packet is a line of a message that leaves, or is taken in hand.
type packet struct {
	Event   string `json:"event"`
	Server  string `json:"server"`
	Seq     int    `json:"seq"`
	To      string `json:"to,omitempty"`
	From    string `json:"from,omitempty"`
	Late    bool   `json:"late,omitempty"`
	Message *told  `json:"message"`
}

// requestOf is what a request says; nil for one that is not known.
func requestOf(command any) *told {
	switch each := command.(type) {
	case *raft.RequestVoteRequest:
		return &told{Type: "request_vote", Term: &each.Term,
			LastLogIndex: &each.LastLogIndex, LastLogTerm: &each.LastLogTerm}
	case *raft.RequestPreVoteRequest:
		return &told{Type: "pre_vote", Term: &each.Term,
			LastLogIndex: &each.LastLogIndex, LastLogTerm: &each.LastLogTerm}
	case *raft.AppendEntriesRequest:
		return &told{Type: "append_entries", Term: &each.Term, PrevLogIndex: &each.PrevLogEntry,
			PrevLogTerm: &each.PrevLogTerm, Entries: entriesOf(each), LeaderCommit: &each.LeaderCommitIndex}
	case *raft.InstallSnapshotRequest:
		return &told{Type: "install_snapshot", Term: &each.Term,
			LastIncluded: &each.LastLogIndex, IncludedTerm: &each.LastLogTerm}
	case *raft.TimeoutNowRequest:
		return &told{Type: "timeout_now"}
	}
	return nil
}

func entriesOf(request *raft.AppendEntriesRequest) [][]any {
	entries := make([][]any, len(request.Entries))
	for place, entry := range request.Entries {
		entries[place] = []any{entry.Term, digestOf(entry)}
	}
	return entries
}

// responseOf is what a response says, given the request that it answers: the library counts an
// acknowledged request up to the last entry in it, so that is its match_index. Nil for the answer
// to TimeoutNow, which says nothing, and for what is not known.
func responseOf(command, response any) *told {
	switch each := response.(type) {
	case *raft.RequestVoteResponse:
		return &told{Type: "request_vote_response", Term: &each.Term, VoteGranted: &each.Granted}
	case *raft.RequestPreVoteResponse:
		return &told{Type: "pre_vote_response", Term: &each.Term, VoteGranted: &each.Granted}
	case *raft.AppendEntriesResponse:
		answer := &told{Type: "append_entries_response", Term: &each.Term, Success: &each.Success}
		if request, is := command.(*raft.AppendEntriesRequest); is && each.Success {
			match := request.PrevLogEntry + uint64(len(request.Entries))
			answer.MatchIndex = &match
		}
		return answer
	case *raft.InstallSnapshotResponse:
		answer := &told{Type: "install_snapshot_response", Term: &each.Term, Success: &each.Success}
		if request, is := command.(*raft.InstallSnapshotRequest); is && each.Success {
			answer.MatchIndex = &request.LastLogIndex
		}
		return answer
	}
	return nil
}

// senderOf is who sent a request.
func (t *Tracer) senderOf(command any) string {
	with, is := command.(raft.WithRPCHeader)
	if !is {
		return "unknown"
	}
	head := with.GetRPCHeader()
	if len(head.ID) > 0 {
		return string(head.ID)
	}
	return t.nameOf(raft.ServerAddress(head.Addr))
}
