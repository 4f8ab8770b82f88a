package lab

import (
	"reflect"
	"testing"
)

// A header is embedded in messages; a position is a part of some.
type header struct{ Term, Sender int }

type Header struct{ Term, Sender int }

type position struct{ Index, Term int }

type asking struct {
	Header
	LastLog position
}

func TestMessagesMayHaveParts(t *testing.T) {
	kind := reflect.TypeFor[asking]()
	if what := kindOf("AskForVote", kind); what != requestVote {
		t.Fatalf("found %s, expected a request for a vote", what)
	}
	args := reflect.ValueOf(&asking{Header{3, 1}, position{7, 2}})
	for name, want := range map[string]int{"term": 3, "last_log_index": 7, "last_log_term": 2} {
		if found, ok := emptyFields().said(requestVote, name, args); !ok || found != want {
			t.Fatalf("found %s=%d, expected %d", name, found, want)
		}
	}
	if place := fieldNamed(reflect.TypeFor[struct{ header }](), words[requestVote]["term"]); place != nil {
		t.Fatal("read what is never sent")
	}
}

func TestWhatHoldsACommandIsNoHeartbeat(t *testing.T) {
	entry := reflect.TypeFor[struct {
		PreTerm, Term, Index int
		Command              any
	}]()
	for kind, want := range map[reflect.Type]string{entry: otherKind, reflect.TypeFor[Header](): heartbeat} {
		if what := kindOf("AppendOne", kind); what != want {
			t.Fatalf("found %s, expected %s", what, want)
		}
	}
}
