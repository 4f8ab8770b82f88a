package main

// The transport: what the Raft sends becomes a message of raft-oracle, which decides when it
// arrives: at once, late, twice, after others, or never.

import (
	"encoding/json"
	"fmt"
	"strings"

	"raftoracle/adapter"
)

// transport is the sending half, one for each life of a server.
type transport struct{ node *adapter.Node }

func (t transport) RequestVote(peer string, asked VoteRequest) (reply VoteReply, err error) {
	label := fmt.Sprintf("RequestVote t%d last %d@%d", asked.Term, asked.LastLogIndex, asked.LastLogTerm)
	meaning := adapter.Meaning{
		"type": "request_vote", "term": asked.Term,
		"last_log_index": asked.LastLogIndex, "last_log_term": asked.LastLogTerm,
	}
	answer, err := t.node.Call(peer, message("RequestVote", asked, label, meaning))
	if err == nil {
		err = json.Unmarshal(answer.Body, &reply)
	}
	return reply, err
}

func (t transport) AppendEntries(peer string, sent AppendRequest) (reply AppendReply, err error) {
	var entries strings.Builder
	for offset, entry := range sent.Entries {
		fmt.Fprintf(&entries, " %d@%d:%s", sent.PrevLogIndex+1+offset, entry.Term, entry.Command)
	}
	label := fmt.Sprintf("AppendEntries t%d prev %d@%d entries%s commit %d",
		sent.Term, sent.PrevLogIndex, sent.PrevLogTerm, &entries, sent.LeaderCommit)
	meaning := adapter.Meaning{
		"type": "append_entries", "term": sent.Term,
		"prev_log_index": sent.PrevLogIndex, "prev_log_term": sent.PrevLogTerm,
		"entries": shownEntries(sent.Entries), "leader_commit": sent.LeaderCommit,
	}
	answer, err := t.node.Call(peer, message("AppendEntries", sent, label, meaning))
	if err == nil {
		err = json.Unmarshal(answer.Body, &reply)
	}
	return reply, err
}

// Receive is the other half: it runs when a request arrives, in a goroutine of its own. What it
// returns is on its way back then.
func (s *server) Receive(from string, request adapter.Message) (adapter.Message, error) {
	switch request.Kind {
	case "RequestVote":
		var asked VoteRequest
		if err := json.Unmarshal(request.Body, &asked); err != nil {
			return adapter.Message{}, err
		}
		return voteAnswer(s.raft.HandleRequestVote(from, asked)), nil
	case "AppendEntries":
		var sent AppendRequest
		if err := json.Unmarshal(request.Body, &sent); err != nil {
			return adapter.Message{}, err
		}
		return appendAnswer(s.raft.HandleAppendEntries(sent), sent), nil
	}
	return adapter.Message{}, fmt.Errorf("found a request %q", request.Kind)
}

func voteAnswer(reply VoteReply) adapter.Message {
	label := fmt.Sprintf("RequestVote reply t%d %s", reply.Term, yesOrNo(reply.VoteGranted))
	return message("RequestVote", reply, label, adapter.Meaning{
		"type": "request_vote_response", "term": reply.Term, "vote_granted": reply.VoteGranted,
	})
}

func appendAnswer(reply AppendReply, sent AppendRequest) adapter.Message {
	meaning := adapter.Meaning{
		"type": "append_entries_response", "term": reply.Term, "success": reply.Success,
	}
	about := reply.MayMatchAt
	if reply.Success {
		about = sent.PrevLogIndex + len(sent.Entries)
		meaning["match_index"] = about
	}
	label := fmt.Sprintf("AppendEntries reply t%d %s %d", reply.Term, yesOrNo(reply.Success), about)
	return message("AppendEntries", reply, label, meaning)
}

// message makes a message of a value. Its label tells it apart, in one line without counters,
// addresses or times: a schedule is replayed by labels. Its meaning says in the words of the paper
// what it is; it may be left out, and then fewer rules can be judged.
func message(kind string, body any, label string, meaning adapter.Meaning) adapter.Message {
	content, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return adapter.Message{Kind: kind, Body: content, Label: label, Meaning: meaning}
}

func yesOrNo(value bool) string {
	if value {
		return "yes"
	}
	return "no"
}
