package adapter

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// readCommand reads a command: by hand where it is of the common form, texts and numbers without
// anything special, and by encoding/json otherwise.
func readCommand(line []byte) (asked command, err error) {
	r := reader{left: line}
	if r.command(&asked) {
		return asked, nil
	}
	asked = command{}
	return asked, json.Unmarshal(line, &asked)
}

// A reader takes a line apart from its beginning. Its functions say false where they find anything
// that is not of the common form.
type reader struct{ left []byte }

// command reads a whole command.
func (r *reader) command(asked *command) bool {
	isWhole := r.list('{', '}', func() bool {
		name, ok := r.text()
		return ok && r.skip(':') && r.field(asked, name)
	})
	return isWhole && len(bytes.TrimSpace(r.left)) == 0
}

// field reads the value of a field.
func (r *reader) field(asked *command, name string) (ok bool) {
	switch name {
	case "op":
		asked.Op, ok = r.text()
	case "server":
		asked.Server, ok = r.text()
	case "command":
		asked.Command, ok = r.text()
	case "from":
		asked.From, ok = r.text()
	case "message":
		asked.Message, ok = r.text()
	case "target":
		asked.Target, ok = r.text()
	case "keep":
		asked.Keep, ok = r.number()
	case "after":
		asked.After, ok = r.number()
	case "client":
		asked.Client, ok = r.number()
	case "number":
		asked.Number, ok = r.number()
	case "servers":
		asked.Servers, ok = r.texts()
	case "voters":
		asked.Voters, ok = r.texts()
	case "learners":
		asked.Learners, ok = r.texts()
	case "settings":
		if asked.Settings == nil { // said twice, they would be put together
			asked.Settings, ok = r.settings()
		}
	}
	return ok
}

// skip leaves out one character, if it comes next.
func (r *reader) skip(expected byte) bool {
	if len(r.left) == 0 || r.left[0] != expected {
		return false
	}
	r.left = r.left[1:]
	return true
}

// text reads a text without escapes.
func (r *reader) text() (string, bool) {
	if !r.skip('"') {
		return "", false
	}
	for i, b := range r.left {
		switch {
		case b == '"':
			text := string(r.left[:i])
			r.left = r.left[i+1:]
			return text, true
		case b < ' ' || b > '~' || b == '\\':
			return "", false
		}
	}
	return "", false
}

// number reads a whole number of few digits.
func (r *reader) number() (int, bool) {
	end := 0
	for end < len(r.left) && r.left[end] >= '0' && r.left[end] <= '9' {
		end++
	}
	if end == 0 || end > 9 || end > 1 && r.left[0] == '0' {
		return 0, false
	}
	number, err := strconv.Atoi(string(r.left[:end]))
	r.left = r.left[end:]
	return number, err == nil
}

// list reads what stands between brackets, with commas in between: one thing after the other.
func (r *reader) list(begin, end byte, one func() bool) bool {
	if !r.skip(begin) {
		return false
	}
	if r.skip(end) {
		return true
	}
	for one() {
		if r.skip(end) {
			return true
		}
		if !r.skip(',') {
			return false
		}
	}
	return false
}

// texts reads a list of texts.
func (r *reader) texts() ([]string, bool) {
	texts := []string{}
	ok := r.list('[', ']', func() bool {
		text, isText := r.text()
		texts = append(texts, text)
		return isText
	})
	return texts, ok
}

// settings reads the settings of a reset.
func (r *reader) settings() (map[string]string, bool) {
	settings := map[string]string{}
	ok := r.list('{', '}', func() bool {
		name, isText := r.text()
		if !isText || !r.skip(':') {
			return false
		}
		settings[name], isText = r.text()
		return isText
	})
	return settings, ok
}
