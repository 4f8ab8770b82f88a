//go:build without_pre_vote

package main

import "raftoracle/adapter"

// hasPreVote says whether the library asks for PreVotes: it does not before 1.7.0.
const hasPreVote = false

func preVoteTerm(any) (term uint64, ok bool) { return 0, false }

func preVoteMessage(any) (message adapter.Message, ok bool) { return adapter.Message{}, false }

func preVoteAnswer(any, any) (message adapter.Message, ok bool) { return adapter.Message{}, false }
