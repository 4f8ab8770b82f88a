package labgob

import (
	"bytes"
	"strings"
	"testing"
)

type vote struct {
	Term    int
	granted bool
}

type outer struct {
	Votes []*vote
}

// warningsOf returns what is printed while f runs.
func warningsOf(f func()) string {
	var printed bytes.Buffer
	old := output
	output = &printed
	defer func() { output = old }()
	f()
	return printed.String()
}

// What is encoded is decoded again, inside an interface too.
func TestValuesComeBack(t *testing.T) {
	type entry struct{ Command interface{} }
	Register("")
	var buffer bytes.Buffer
	if err := NewEncoder(&buffer).Encode(entry{"x"}); err != nil {
		t.Fatal(err)
	}
	var back entry
	if err := NewDecoder(&buffer).Decode(&back); err != nil || back.Command != "x" {
		t.Fatalf("got %v, %v", back, err)
	}
}

// A field that gob leaves out is told once, however deep it lies.
func TestSmallLettersAreToldOnce(t *testing.T) {
	encode := func() {
		_ = NewEncoder(&bytes.Buffer{}).Encode(outer{[]*vote{{1, true}}})
	}
	if told := warningsOf(encode); !strings.Contains(told, "field granted of labgob.vote") {
		t.Errorf("got %q", told)
	}
	if told := warningsOf(encode); told != "" {
		t.Errorf("told again: %q", told)
	}
}

// A reply that is used a second time is told.
func TestFullDestinationsAreTold(t *testing.T) {
	type reply struct{ Term int }
	var buffer bytes.Buffer
	if err := NewEncoder(&buffer).Encode(reply{0}); err != nil {
		t.Fatal(err)
	}
	used := reply{7}
	told := warningsOf(func() { _ = NewDecoder(&buffer).Decode(&used) })
	if used.Term != 7 || !strings.Contains(told, "labgob.reply that is not empty") {
		t.Errorf("term %d, got %q", used.Term, told)
	}
}
