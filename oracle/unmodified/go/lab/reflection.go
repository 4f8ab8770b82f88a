package lab

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unsafe"
)

// open makes an unexported field readable and writable, where it can be addressed.
func open(value reflect.Value) reflect.Value {
	if value.CanAddr() {
		return reflect.NewAt(value.Type(), unsafe.Pointer(value.UnsafeAddr())).Elem()
	}
	return value
}

// inner follows pointers and interfaces; it is invalid where they are nil.
func inner(value reflect.Value) reflect.Value {
	for value.Kind() == reflect.Pointer || value.Kind() == reflect.Interface {
		value = value.Elem()
	}
	return value
}

// integer reads a number: of any integer type, behind a pointer, or an atomic one, or in a text.
func integer(value reflect.Value) (number int, ok bool) {
	switch value.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return int(value.Int()), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return int(value.Uint()), true
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			return integer(open(value.Elem()))
		}
	case reflect.String:
		number, err := strconv.Atoi(value.String())
		return number, err == nil
	case reflect.Struct:
		if value.Type().PkgPath() == "sync/atomic" {
			for i := 0; i < value.NumField(); i++ {
				if value.Type().Field(i).Name == "v" {
					return integer(open(value.Field(i)))
				}
			}
		}
	}
	return 0, false
}

// isInteger says whether integer can read all values of a type.
func isInteger(kind reflect.Type) bool {
	switch kind.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	case reflect.Pointer:
		return isInteger(kind.Elem())
	case reflect.Struct:
		name := kind.Name()
		return kind.PkgPath() == "sync/atomic" && (strings.HasPrefix(name, "Int") || strings.HasPrefix(name, "Uint"))
	}
	return false
}

// plain is a field's name without case and underscores.
func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// contentOf is a client's command, as it stands in an entry or comes out of applyCh.
func contentOf(value reflect.Value) string {
	value = inner(value)
	switch value.Kind() {
	case reflect.Invalid:
		return ""
	case reflect.String:
		return value.String()
	case reflect.Int:
		return commandOf(value.Int())
	}
	return fmt.Sprint(value)
}

// A path leads from a server's struct to a field: the places of fields, one after the other.
// Pointers and interfaces are followed on the way.
type path struct {
	Steps []int
	Name  string
	// Held names the type of the object that an interface has to hold before a step; it is empty for
	// the other steps, and may end before them.
	Held []string
}

// from is the field that a path leads to; invalid where a pointer on the way is nil, or an interface
// holds another object.
func (p *path) from(value reflect.Value) reflect.Value {
	for i, step := range p.Steps {
		value = inner(value)
		if !value.IsValid() {
			return value
		}
		if i < len(p.Held) && p.Held[i] != "" && p.Held[i] != value.Type().String() {
			return reflect.Value{}
		}
		value = open(value.Field(step))
	}
	return value
}

// deepest is how many structs deep a field may lie.
const deepest = 5

// leaves lists all fields of a server's struct that may be worth looking at.
func leaves(kind reflect.Type) []path { return leavesBelow(kind, path{}, []reflect.Type{kind}) }

// leavesBelow lists the fields of a struct that a path leads to. A part that points back to what it is a
// part of leads nowhere new.
func leavesBelow(kind reflect.Type, to path, above []reflect.Type) []path {
	var found []path
	var visit func(kind reflect.Type, to path, above []reflect.Type)
	visit = func(kind reflect.Type, to path, above []reflect.Type) {
		for i := 0; i < kind.NumField(); i++ {
			field := kind.Field(i)
			there := path{append(append([]int{}, to.Steps...), i), strings.TrimPrefix(to.Name+"."+field.Name, "."), to.Held}
			below := field.Type
			if below.Kind() == reflect.Pointer {
				below = below.Elem()
			}
			if isForeign(field.Type) {
				continue
			}
			found = append(found, there)
			if below.Kind() == reflect.Struct && !isInteger(below) && len(there.Steps) < deepest && !slices.Contains(above, below) {
				visit(below, there, append(above[:len(above):len(above)], below))
			}
		}
	}
	visit(kind, to, above)
	return found
}

// heldTypes are the types of objects behind interfaces, by their names.
var heldTypes = map[string]reflect.Type{}

// leavesHeld lists the fields of the objects that a server's interfaces hold at this moment: its role
// may be one, or its log. Objects of other people's packages are no part of its state.
func leavesHeld(s *server) []path {
	var found []path
	kind := s.state.Type()
	for _, each := range leaves(kind) {
		holder := each.from(s.state)
		if !holder.IsValid() || holder.Kind() != reflect.Interface {
			continue
		}
		object := holder.Elem()
		if object.Kind() != reflect.Pointer || object.IsNil() || object.Elem().Kind() != reflect.Struct {
			continue
		}
		below := object.Type().Elem()
		if below == kind || isForeign(below) || firstWord(below) != firstWord(kind) {
			continue
		}
		heldTypes[below.String()] = below
		each.Held = append(make([]string, len(each.Steps)), below.String())
		found = append(found, leavesBelow(below, each, []reflect.Type{kind, below})...)
	}
	return found
}

// firstWord is that of the path of the package that has a type.
func firstWord(kind reflect.Type) string {
	word, _, _ := strings.Cut(kind.PkgPath(), "/")
	return word
}

// isForeign says whether a type is no part of a server's own state: locks, clocks, connections.
func isForeign(kind reflect.Type) bool {
	if isInteger(kind) {
		return false
	}
	for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
		kind = kind.Elem()
	}
	last := kind.PkgPath()[strings.LastIndex(kind.PkgPath(), "/")+1:]
	switch last {
	case "sync", "time", "log", "os", "rand", "labrpc", "labgob", "bytes":
		return true
	}
	return kind.Name() == "Persister" || kind.Kind() == reflect.Func || kind.Kind() == reflect.Chan
}
