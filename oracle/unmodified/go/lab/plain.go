package lab

import (
	"encoding"
	"encoding/gob"
	"reflect"
)

// To write a message with encoding/gob and to read it again takes longer than all that a server does
// with it. What labs send is nearly always plain: structs of whole numbers, flags and texts, of
// slices of these, and of commands. It is copied, with the outcome that gob would have; everything
// else goes through gob.

// A layout says how a plain struct is copied: which fields gob sends, and what they are.
type layout struct{ sent []plainField }

// A plainField is a field that is sent.
type plainField struct {
	place   int
	isSlice bool
	isAny   bool    // it, or each element of the slice, is a value of any type
	below   *layout // of the struct that it is, or that each element of the slice is
}

// layouts are those of all structs that were asked for; nil where gob is needed.
var layouts = map[reflect.Type]*layout{}

// layoutOf is how a struct is copied; nil where gob is needed.
func layoutOf(kind reflect.Type) *layout {
	found, known := layouts[kind]
	if !known {
		layouts[kind] = nil // a struct that holds itself is not plain
		found = newLayout(kind)
		layouts[kind] = found
	}
	return found
}

// newLayout looks at a struct. One of which nothing is sent is left to gob, which refuses it.
func newLayout(kind reflect.Type) *layout {
	if writesItself(kind) {
		return nil
	}
	made := &layout{}
	for place := range kind.NumField() {
		if !isSent(kind.Field(place)) {
			continue
		}
		field, ok := plainFieldOf(place, kind.Field(place).Type)
		if !ok {
			return nil
		}
		made.sent = append(made.sent, field)
	}
	if len(made.sent) == 0 {
		return nil
	}
	return made
}

// isSent says whether gob sends a field.
func isSent(field reflect.StructField) bool {
	kind := field.Type
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	return field.IsExported() && kind.Kind() != reflect.Chan && kind.Kind() != reflect.Func
}

// plainFieldOf looks at a field, and says whether it is plain.
func plainFieldOf(place int, kind reflect.Type) (field plainField, ok bool) {
	field = plainField{place: place, isSlice: kind.Kind() == reflect.Slice}
	if writesItself(kind) {
		return field, false
	}
	if field.isSlice {
		kind = kind.Elem()
	}
	switch {
	case kind.Kind() == reflect.Struct:
		field.below = layoutOf(kind)
		return field, field.below != nil
	case kind.Kind() == reflect.Interface:
		field.isAny = true
		return field, kind.NumMethod() == 0
	}
	isScalar := kind.Kind() >= reflect.Bool && kind.Kind() <= reflect.Uintptr || kind.Kind() == reflect.String
	return field, isScalar && !writesItself(kind)
}

// writers are what types have that tell gob how to write them.
var writers = []reflect.Type{
	reflect.TypeFor[gob.GobEncoder](), reflect.TypeFor[gob.GobDecoder](),
	reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[encoding.BinaryUnmarshaler](),
}

// writesItself says whether gob asks a type how to write it.
func writesItself(kind reflect.Type) bool {
	for _, each := range writers {
		if kind.Implements(each) || reflect.PointerTo(kind).Implements(each) {
			return true
		}
	}
	return false
}

// textType and numberType are the types of the commands that raft-oracle hands to Start.
var textType, numberType = reflect.TypeFor[string](), reflect.TypeFor[int]()

// holdsOthers says whether a field of any type holds what is neither: gob would need to know its
// name.
func (l *layout) holdsOthers(from reflect.Value) bool {
	isOther := func(value reflect.Value) bool {
		held := value.Elem()
		return held.IsValid() && held.Type() != textType && held.Type() != numberType
	}
	for _, field := range l.sent {
		look := isOther
		if field.below != nil {
			look = field.below.holdsOthers
		} else if !field.isAny {
			continue
		}
		value := from.Field(field.place)
		if !field.isSlice {
			if look(value) {
				return true
			}
			continue
		}
		for i := range value.Len() {
			if look(value.Index(i)) {
				return true
			}
		}
	}
	return false
}

// copied is a pointer to a copy.
func (l *layout) copied(from reflect.Value) reflect.Value {
	fresh := reflect.New(from.Type())
	l.copy(fresh.Elem(), from)
	return fresh
}

// copy copies a struct into one that is zero. A slice without elements becomes nil, as with gob.
func (l *layout) copy(to, from reflect.Value) {
	for _, field := range l.sent {
		there, value := to.Field(field.place), from.Field(field.place)
		switch {
		case field.isSlice && value.Len() == 0:
		case field.isSlice:
			there.Set(reflect.MakeSlice(value.Type(), value.Len(), value.Len()))
			if field.below == nil {
				reflect.Copy(there, value)
				continue
			}
			for i := range value.Len() {
				field.below.copy(there.Index(i), value.Index(i))
			}
		case field.below != nil:
			field.below.copy(there, value)
		default:
			there.Set(value)
		}
	}
}
