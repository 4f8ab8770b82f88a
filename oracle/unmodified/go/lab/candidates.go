package lab

import (
	"reflect"
	"slices"
	"strings"
)

// A candidate is a field that may be what is looked for, as long as it behaves like it.
type candidate struct {
	path  path
	field int // the place of the number in a struct for each peer, or -1
	first int // where the first peer stands in a list: 0, or 1
	shift int
	seen  bool // whether the shift is known
	none  *int // what it showed where there was nothing yet
	right int  // in how many observations it had a value that only the true one is likely to have
}

// candidates are the fields that may be one thing.
type candidates struct {
	left []candidate
	// shifts are the differences between the paper's values and the field's that are thinkable.
	shifts []int
}

// numbers are all fields that hold one number, or may: a vote is nil or no text in some labs, or else a
// number.
func numbers(kind reflect.Type, among []path, shifts ...int) candidates {
	var found []candidate
	for _, each := range among {
		at := typeAt(kind, each)
		if isInteger(at) || at.Kind() == reflect.String || at.Kind() == reflect.Interface && at.NumMethod() == 0 {
			found = append(found, candidate{path: each, field: -1})
		}
	}
	return candidates{found, shifts}
}

// listsOfNumbers are all fields that hold a number for each peer.
func listsOfNumbers(kind reflect.Type, among []path, shifts ...int) candidates {
	var found []candidate
	for _, each := range among {
		at := typeAt(kind, each)
		if at.Kind() == reflect.Pointer {
			at = at.Elem()
		}
		if at.Kind() != reflect.Slice && at.Kind() != reflect.Array && at.Kind() != reflect.Map {
			continue
		}
		one := at.Elem()
		if isInteger(one) {
			found = append(found, candidate{path: each, field: -1})
			continue
		}
		if one.Kind() == reflect.Pointer {
			one = one.Elem()
		}
		for i := 0; one.Kind() == reflect.Struct && i < one.NumField(); i++ {
			if isInteger(one.Field(i).Type) {
				found = append(found, candidate{path: each, field: i})
			}
		}
	}
	for _, each := range found[:len(found):len(found)] {
		each.first = 1 // some lists leave their first place empty
		found = append(found, each)
	}
	return candidates{found, shifts}
}

// typeAt is the type of the field that a path leads to.
func typeAt(kind reflect.Type, there path) reflect.Type {
	for i, step := range there.Steps {
		if i < len(there.Held) && there.Held[i] != "" {
			kind = heldTypes[there.Held[i]]
		}
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		kind = kind.Field(step).Type
	}
	return kind
}

// keep drops the candidates whose value is not the one that is wanted. Telling says that few
// other fields have this value.
func (c *candidates) keep(want int, telling bool, read func(each candidate) (int, bool)) {
	var left []candidate
	for _, each := range c.left {
		value, ok := read(each)
		if !ok {
			continue
		}
		if !each.seen {
			for _, shift := range c.shifts {
				if value+shift == want && (each.none == nil || *each.none+shift <= 0) {
					each.shift, each.seen = shift, true
				}
			}
			if !each.seen {
				continue
			}
		}
		if value+each.shift != want {
			continue
		}
		if telling {
			each.right++
		}
		left = append(left, each)
	}
	c.left = left
}

// keepNumber drops candidates by the value of one server.
func (c *candidates) keepNumber(s *server, want int, telling bool) {
	c.keep(want, telling, func(each candidate) (int, bool) { return integerAt(s, each.path) })
}

// keepNone drops candidates that show something other than zero, or one less, where there is nothing
// yet: what lies behind a pointer may not be there at all.
func (c *candidates) keepNone(s *server) {
	var left []candidate
	for _, each := range c.left {
		value, ok := integerAt(s, each.path)
		switch {
		case !each.path.from(s.state).IsValid():
		case !ok || value != 0 && value != -1:
			continue
		default:
			each.none = &value
		}
		left = append(left, each)
	}
	c.left = left
}

// preferNumber keeps those whose value at a server is the one that is wanted, if there are any, and
// says whether there are.
func (c *candidates) preferNumber(s *server, want int) bool {
	before := c.left
	c.keepNumber(s, want, true)
	if len(c.left) > 0 {
		return true
	}
	c.left = before
	return false
}

// preferBeside keeps those that lie in the same struct as a field, if there are any.
func (c *candidates) preferBeside(there path) {
	var left []candidate
	for _, each := range c.left {
		if each.path.folder() == there.folder() {
			left = append(left, each)
		}
	}
	if len(left) > 0 {
		c.left = left
	}
}

// preferShift keeps those that count with this shift, if there are any.
func (c *candidates) preferShift(shift int) {
	var left []candidate
	for _, each := range c.left {
		if each.shift == shift {
			left = append(left, each)
		}
	}
	if len(left) > 0 {
		c.left = left
	}
}

// avoidShift drops those that count with this shift, if there are others.
func (c *candidates) avoidShift(shift int) {
	var left []candidate
	for _, each := range c.left {
		if each.shift != shift {
			left = append(left, each)
		}
	}
	if len(left) > 0 {
		c.left = left
	}
}

// keepNamed drops the fields that have none of these names.
func (c *candidates) keepNamed(names []string) {
	var left []candidate
	for _, each := range c.left {
		if rankOf(each.path.word(), names) < len(names) {
			left = append(left, each)
		}
	}
	c.left = left
}

// keepChanged drops the fields whose value at a server is what it was in the beginning.
func (c *candidates) keepChanged(s *server, before map[string]int) {
	var left []candidate
	for _, each := range c.left {
		if value, ok := integerAt(s, each.path); ok && value != before[each.path.Name] {
			left = append(left, each)
		}
	}
	c.left = left
}

// keepOwnVote drops the fields that show another vote at a leader than its own, such as how many votes it
// got. It may have forgotten its vote.
func (c *candidates) keepOwnVote(s *server, none map[string]int) {
	var left []candidate
	for _, each := range c.left {
		value, ok := integerAt(s, each.path)
		place := value + each.shift
		if !ok || !each.seen || place == s.node.Index || place < 0 || value == none[each.path.Name] {
			left = append(left, each)
		}
	}
	c.left = left
}

// integerAt is the number that a path leads to.
func integerAt(s *server, there path) (int, bool) {
	value := there.from(s.state)
	if !value.IsValid() {
		return 0, false
	}
	return integer(value)
}

// keepPeer drops candidates by the value that a server has for a peer.
func (c *candidates) keepPeer(s *server, peer, want int, telling bool) {
	c.keep(want, telling, func(each candidate) (int, bool) {
		value := inner(each.path.from(s.state))
		if !value.IsValid() {
			return 0, false
		}
		return peerNumber(value, peer+each.first, each.field)
	})
}

// keepPeerNone drops candidates that show something other than zero, or one less, for a peer of which
// nothing is known.
func (c *candidates) keepPeerNone(s *server, peer int) {
	var left []candidate
	for _, each := range c.left {
		number, ok := peerNumber(inner(each.path.from(s.state)), peer+each.first, each.field)
		if ok && (number+each.shift == 0 || number == -1) {
			left = append(left, each)
		}
	}
	c.left = left
}

// best is the candidate whose name fits best among those that were right as often as it takes;
// nil if none was. A field that is taken for something else is none.
func (c *candidates) best(names []string, enough int, taken map[string]bool) *candidate {
	var found *candidate
	rank := len(names) + 1
	for i := range c.left {
		each := &c.left[i]
		if each.right < enough || taken[each.path.Name] {
			continue
		}
		if mine := rankOf(each.path.word(), names); found == nil || mine < rank {
			found, rank = each, mine
		}
	}
	return found
}

// folder is a path without its last word.
func (p path) folder() string { return p.Name[:max(0, strings.LastIndex(p.Name, "."))] }

// wrapped are the names of fields that hold what the struct around them is called.
var wrapped = []string{"v", "val", "value", "data", "inner"}

// word is the last word of a path that says what it leads to.
func (p path) word() string {
	word := p.Name[strings.LastIndex(p.Name, ".")+1:]
	if folder := p.folder(); folder != "" && slices.Contains(wrapped, plain(word)) {
		return path{Name: folder}.word()
	}
	return word
}

// rankOf is the place of a name in a list, or one past its end.
func rankOf(name string, names []string) int {
	for place, each := range names {
		if plain(name) == each {
			return place
		}
	}
	return len(names)
}
