//go:build !without_pre_vote

package main

import (
	"fmt"

	"github.com/hashicorp/raft"

	"raftoracle/adapter"
)

// hasPreVote says whether the library asks for PreVotes; pre_vote_missing.go stands for those that do not.
const hasPreVote = true

func (t *transport) RequestPreVote(_ raft.ServerID, to raft.ServerAddress,
	request *raft.RequestPreVoteRequest, response *raft.RequestPreVoteResponse,
) error {
	return call(t, to, request, response)
}

// preVoteTerm is the term for which a request asks for a PreVote.
func preVoteTerm(request any) (term uint64, ok bool) {
	asked, ok := request.(*raft.RequestPreVoteRequest)
	if !ok {
		return 0, false
	}
	return asked.Term, true
}

// preVoteMessage is a request for a PreVote with what it says.
func preVoteMessage(request any) (message adapter.Message, ok bool) {
	r, ok := request.(*raft.RequestPreVoteRequest)
	if !ok {
		return adapter.Message{}, false
	}
	label := fmt.Sprintf("RequestPreVote t%d last %d@%d", r.Term, r.LastLogIndex, r.LastLogTerm)
	return adapter.Message{Value: r, Label: label, Meaning: adapter.Meaning{
		"type": "pre_vote", "term": r.Term,
		"last_log_index": r.LastLogIndex, "last_log_term": r.LastLogTerm,
	}}, true
}

// preVoteAnswer is the answer to such a request with what it says.
func preVoteAnswer(request, response any) (message adapter.Message, ok bool) {
	r, ok := response.(*raft.RequestPreVoteResponse)
	if !ok {
		return adapter.Message{}, false
	}
	term, _ := preVoteTerm(request)
	label := fmt.Sprintf("RequestPreVote t%d: %s in t%d", term, yes[r.Granted], r.Term)
	return adapter.Message{Value: r, Label: label, Meaning: adapter.Meaning{
		"type": "pre_vote_response", "term": r.Term, "vote_granted": r.Granted,
	}}, true
}
