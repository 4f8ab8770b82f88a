package adapter

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// Replies are written by hand, in the very bytes that encoding/json would write, which takes a
// multiple of the time.

// writeReply writes a reply.
func writeReply(to []byte, r *reply) []byte {
	to = append(to, '{')
	if len(r.Sent) > 0 {
		to = append(to, `"sent":`...)
		to = writeList(to, len(r.Sent), func(to []byte, i int) []byte { return writeSent(to, &r.Sent[i]) })
		to = append(to, ',')
	}
	if len(r.Answers) > 0 {
		to = append(to, `"answers":`...)
		to = writeList(to, len(r.Answers), func(to []byte, i int) []byte { return writeAnswer(to, r.Answers[i]) })
		to = append(to, ',')
	}
	if len(r.Views) > 0 {
		to = append(to, `"views":`...)
		to = writeMap(to, r.Views, func(to []byte, view View) []byte { return writeView(to, &view) })
		to = append(to, ',')
	}
	if len(r.Without) > 0 {
		to = append(writeTexts(append(to, `"without":`...), r.Without), ',')
	}
	if len(r.Hides) > 0 {
		to = append(writeTexts(append(to, `"hides":`...), r.Hides), ',')
	}
	if r.Crashed {
		to = append(to, `"crashed":true,`...)
	}
	if r.Overlapping {
		to = append(to, `"overlapping":true,`...)
	}
	if r.Error != "" {
		to = append(writeText(append(to, `"error":`...), r.Error), ',')
	}
	return closed(to)
}

// writeAnswer writes what a client got.
func writeAnswer(to []byte, a answered) []byte {
	to = writeNumber(append(to, `{"client":`...), a.Client)
	to = writeNumber(append(to, `,"number":`...), a.Number)
	if to = append(to, `,"output":`...); a.Output == nil {
		return append(to, "null}"...)
	}
	return append(writeText(to, *a.Output), '}')
}

// writeSent writes a message.
func writeSent(to []byte, m *sentMessage) []byte {
	to = append(to, '{')
	if m.From != "" {
		to = append(writeText(append(to, `"from":`...), m.From), ',')
	}
	to = writeText(append(to, `"to":`...), m.To)
	to = writeText(append(to, `,"message":`...), m.Message)
	to = writeText(append(to, `,"label":`...), m.Label)
	if len(m.Meaning) > 0 {
		to = writeMap(append(to, `,"meaning":`...), m.Meaning, writeValue)
	}
	if m.Late {
		to = append(to, `,"late":true`...)
	}
	return append(to, '}')
}

// writeView writes a view.
func writeView(to []byte, v *View) []byte {
	to = writeText(append(to, `{"role":`...), v.Role)
	to = writeNumber(append(to, `,"term":`...), v.Term)
	if to = append(to, `,"vote":`...); v.Vote == nil {
		to = append(to, "null"...)
	} else {
		to = writeText(to, *v.Vote)
	}
	to = writeNumber(append(to, `,"commit":`...), v.Commit)
	to = writeNumber(append(to, `,"applied":`...), v.Applied)
	if len(v.Match) > 0 {
		to = writeMap(append(to, `,"match":`...), v.Match, writeNumber)
	}
	if len(v.Next) > 0 {
		to = writeMap(append(to, `,"next":`...), v.Next, writeNumber)
	}
	if v.Digest != "" {
		to = writeText(append(to, `,"digest":`...), v.Digest)
	}
	if v.Snapshot != nil {
		to = writeSnapshot(append(to, `,"snapshot":`...), *v.Snapshot)
	}
	if v.Configuration != nil {
		to = writeConfiguration(append(to, ','), v.Configuration)
	}
	if len(v.Earlier) > 0 {
		to = append(to, `,"earlier":`...)
		to = writeList(to, len(v.Earlier), func(to []byte, i int) []byte {
			return append(writeConfiguration(append(to, '{'), &v.Earlier[i]), '}')
		})
	}
	if v.Tail != nil {
		to = writeNumber(append(to, `,"log":{"from":`...), v.Tail.From)
		to = append(writeEntries(append(to, `,"entries":`...), v.Tail.Entries), '}')
	}
	return append(to, '}')
}

// writeSnapshot writes a snapshot as a pair; a term that is not known is null.
func writeSnapshot(to []byte, s Snapshot) []byte {
	to = append(writeNumber(append(to, '['), s.Index), ',')
	if s.Term < 0 {
		return append(to, "null]"...)
	}
	return append(writeNumber(to, s.Term), ']')
}

// writeConfiguration writes the fields of a configuration, without brackets.
func writeConfiguration(to []byte, c *Configuration) []byte {
	if to = append(to, `"voters":`...); c.Voters == nil {
		to = append(to, "null"...)
	} else {
		to = writeTexts(to, c.Voters)
	}
	if len(c.Learners) > 0 {
		to = writeTexts(append(to, `,"learners":`...), c.Learners)
	}
	if len(c.NewVoters) > 0 {
		to = writeTexts(append(to, `,"new_voters":`...), c.NewVoters)
	}
	if c.Since != 0 {
		to = writeNumber(append(to, `,"voters_since":`...), c.Since)
	}
	return to
}

// writeEntries writes entries, each as a pair.
func writeEntries(to []byte, entries []Entry) []byte {
	return writeList(to, len(entries), func(to []byte, i int) []byte {
		to = append(writeNumber(append(to, '['), entries[i].Term), ',')
		return append(writeText(to, entries[i].Content), ']')
	})
}

// writeValue writes what a meaning says.
func writeValue(to []byte, value any) []byte {
	switch value := value.(type) {
	case int:
		return writeNumber(to, value)
	case uint64:
		return strconv.AppendUint(to, value, 10)
	case bool:
		return strconv.AppendBool(to, value)
	case string:
		return writeText(to, value)
	case []Entry:
		if value != nil {
			return writeEntries(to, value)
		}
	}
	return append(to, inJSON(value)...)
}

// writeMap writes a map, sorted by its keys.
func writeMap[V any](to []byte, from map[string]V, write func(to []byte, value V) []byte) []byte {
	to = append(to, '{')
	keys := make([]string, 0, 8)
	for key := range from {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		to = append(writeText(to, key), ':')
		to = append(write(to, from[key]), ',')
	}
	return closed(to)
}

// writeList writes a list of so many things.
func writeList(to []byte, count int, write func(to []byte, i int) []byte) []byte {
	to = append(to, '[')
	for i := range count {
		if i > 0 {
			to = append(to, ',')
		}
		to = write(to, i)
	}
	return append(to, ']')
}

// writeTexts writes a list of texts.
func writeTexts(to []byte, texts []string) []byte {
	return writeList(to, len(texts), func(to []byte, i int) []byte { return writeText(to, texts[i]) })
}

// writeNumber writes a whole number.
func writeNumber(to []byte, number int) []byte { return strconv.AppendInt(to, int64(number), 10) }

// writeText writes a text in quotes.
func writeText(to []byte, text string) []byte {
	for i := range len(text) {
		if b := text[i]; b < ' ' || b > '~' || b == '"' || b == '\\' {
			return append(to, inJSON(text)...)
		}
	}
	return append(append(append(to, '"'), text...), '"')
}

// closed ends an object, in place of the comma after its last field, if it has fields.
func closed(to []byte) []byte {
	if last := len(to) - 1; to[last] == ',' {
		to[last] = '}'
		return to
	}
	return append(to, '}')
}

// inJSON is anything as encoding/json writes it.
func inJSON(what any) []byte {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(what); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(line.Bytes(), []byte("\n"))
}
