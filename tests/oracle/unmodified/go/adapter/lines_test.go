package adapter

import (
	"encoding/json"
	"math/rand"
	"os"
	"reflect"
	"testing"

	"raftoracle/bubble"
)

// TestMain shows what is printed, which is kept in memory else.
func TestMain(m *testing.M) {
	code := m.Run()
	Print(string(bubble.Printed()))
	os.Exit(code)
}

// MarshalJSON writes an entry as a pair.
func (e Entry) MarshalJSON() ([]byte, error) { return inJSON([]any{e.Term, e.Content}), nil }

// MarshalJSON writes a snapshot as a pair.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	if s.Term < 0 {
		return inJSON([]any{s.Index, nil}), nil
	}
	return inJSON([]any{s.Index, s.Term}), nil
}

// texts are such as stand in labels, and such as need care in JSON.
var texts = []string{
	"", "S1", "v17", "AppendEntries Term=3 Entries=[{1 2 v1}] <-> & done", "a \"quoted\" \\ back", "tab\tline\n",
	"na\u00efve \u2028 \U0001F600", "not \xff UTF-8", "\x7f", "\x00",
}

// A draw makes values at random.
type draw struct{ *rand.Rand }

func (d draw) text() string { return texts[d.Intn(len(texts))] }

func (d draw) number() int { return []int{0, 1, 2, 17, 1234567890, -1}[d.Intn(6)] }

// some makes none, one or two things.
func some[T any](d draw, one func() T) (made []T) {
	for range d.Intn(3) {
		made = append(made, one())
	}
	return made
}

func (d draw) peers() map[string]int {
	made := map[string]int{}
	for _, name := range some(d, d.text) {
		made[name] = d.number()
	}
	return made
}

func (d draw) entry() Entry { return Entry{d.number(), d.text()} }

func (d draw) configuration() Configuration {
	return Configuration{some(d, d.text), some(d, d.text), some(d, d.text), d.number()}
}

func (d draw) view() View {
	made := View{
		Role: d.text(), Term: d.number(), Commit: d.number(), Applied: d.number(), Match: d.peers(), Next: d.peers(),
		Digest: d.text(), Earlier: some(d, d.configuration),
	}
	if d.Intn(2) == 0 {
		vote, members := d.text(), d.configuration()
		made.Vote, made.Configuration = &vote, &members
		made.Snapshot = &Snapshot{d.number(), d.number()}
		made.Tail = &logTail{d.number(), append([]Entry{}, some(d, d.entry)...)}
	}
	return made
}

func (d draw) meaning() Meaning {
	made := Meaning{}
	values := []any{d.number(), d.text(), true, false, nil, some(d, d.entry), []Entry{}, []int{1, 2}, 1.5, uint8(3)}
	for _, name := range some(d, d.text) {
		made[name] = values[d.Intn(len(values))]
	}
	return made
}

func (d draw) sent() sentMessage {
	return sentMessage{d.text(), d.text(), d.text(), d.text(), d.meaning(), d.Intn(2) == 0}
}

func (d draw) answer() answered {
	made := answered{Client: d.number(), Number: d.number()}
	if d.Intn(2) == 0 {
		output := d.text()
		made.Output = &output
	}
	return made
}

func (d draw) reply() reply {
	made := reply{Without: some(d, d.text), Sent: some(d, d.sent), Crashed: d.Intn(2) == 0, Error: d.text()}
	made.Overlapping = d.Intn(2) == 0
	made.Hides = some(d, d.text)
	made.Answers = some(d, d.answer)
	made.Views = map[string]View{}
	for _, name := range some(d, d.text) {
		made.Views[name] = d.view()
	}
	return made
}

func TestRepliesAreWrittenAsEncodingJsonWritesThem(t *testing.T) {
	d := draw{rand.New(rand.NewSource(1))}
	drawn := map[string]bool{}
	for range 20000 {
		made := d.reply()
		note(drawn, reflect.ValueOf(made))
		if found, want := string(writeReply(nil, &made)), string(inJSON(made)); found != want {
			t.Fatalf("found %s\nexpected %s", found, want)
		}
	}
	checkAllDrawn(t, drawn)
}

// note marks the fields of structs that were drawn, and those among them that were not empty.
func note(drawn map[string]bool, value reflect.Value) {
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			note(drawn, value.Elem())
		}
	case reflect.Slice:
		for i := range value.Len() {
			note(drawn, value.Index(i))
		}
	case reflect.Map:
		for _, key := range value.MapKeys() {
			note(drawn, value.MapIndex(key))
		}
	case reflect.Struct:
		for i := range value.NumField() {
			if field := value.Type().Field(i); field.Tag.Get("json") != "-" {
				name := value.Type().Name() + "." + field.Name
				drawn[name] = drawn[name] || !value.Field(i).IsZero()
				note(drawn, value.Field(i))
			}
		}
	}
}

// checkAllDrawn complains of fields that were never drawn: nobody has seen how they are written.
func checkAllDrawn(t *testing.T, drawn map[string]bool) {
	for name, was := range drawn {
		if !was {
			t.Errorf("%s was always empty, expected it in some lines", name)
		}
	}
}

func (d draw) command() command {
	settings := map[string]string{}
	for _, name := range some(d, d.text) {
		settings[name] = d.text()
	}
	return command{
		Op: d.text(), Servers: some(d, d.text), Settings: settings, Server: d.text(), Command: d.text(), From: d.text(),
		Message: d.text(), Keep: d.number(), Voters: some(d, d.text), Learners: some(d, d.text), Target: d.text(),
		After: d.number(), Client: d.number(), Number: d.number(),
	}
}

// fields are names and values of a command, right and wrong ones.
var fields = []string{
	`"op":"receive"`, `"server":"S1"`, `"server":"S2"`, `"Server":"S3"`, `"from":"S2"`, `"message":"\u0041 \"b\""`,
	`"message":"plain"`, `"message":{"a":1}`, `"message":null`, `"keep":3`, `"keep":-3`, `"keep":03`, `"keep":1.5`,
	`"keep":99999999999999999999`, `"servers":["S1","S2"]`, `"servers":[]`, `"servers":["S1",]`, `"servers":[1]`,
	`"settings":{}`, `"settings":{"a":"1","b":"2"}`, `"settings":{"a":1}`, `"settings":{"a":"1","a":"2"}`,
	`"lost":2`, `"op" : "x"`, `"op":"`, `op`, `{}`, ``, ` `,
}

// line is a command with some of these fields, mostly put together well.
func (d draw) line() string {
	line := "{"
	for i, each := range some(d, func() string { return fields[d.Intn(len(fields))] }) {
		if i > 0 {
			line += ","
		}
		line += each
	}
	return line + []string{"}", "}", "}", "} ", "}\n", "", "}}", "} x"}[d.Intn(8)]
}

func TestCommandsAreReadAsEncodingJsonReadsThem(t *testing.T) {
	d := draw{rand.New(rand.NewSource(1))}
	lines := []string{"", "null", "[]", "{", "1"}
	drawn := map[string]bool{}
	for range 20000 {
		made := d.command()
		note(drawn, reflect.ValueOf(made))
		lines = append(lines, d.line(), string(inJSON(made)))
	}
	checkAllDrawn(t, drawn)
	for _, line := range lines {
		var want command
		problem := json.Unmarshal([]byte(line), &want)
		found, err := readCommand([]byte(line))
		if (err == nil) != (problem == nil) || err == nil && !reflect.DeepEqual(found, want) {
			t.Fatalf("%q: found %+v, %v; expected %+v, %v", line, found, err, want, problem)
		}
	}
}

func TestCommandsOfTheCommonFormAreReadByHand(t *testing.T) {
	for _, line := range []string{
		`{"op":"receive","server":"S1","from":"S2","message":"AppendEntries Term=1"}` + "\n",
		`{"op":"reset","servers":["S1","S2","S3"],"settings":{"part":"3A"}}`, `{"op":"compact","server":"S1","keep":2}`,
	} {
		r := reader{left: []byte(line)}
		if !r.command(&command{}) {
			t.Errorf("%s is left to encoding/json", line)
		}
	}
}
