package lab

import (
	"bytes"
	"encoding/gob"
	"reflect"
)

// A parcel is the arguments or the reply of a call, as they were when they were sent. Nobody changes
// it, and it shares no memory with what was sent.
type parcel struct {
	kept    reflect.Value // a pointer to a copy, where the value is plain (plain.go)
	written []byte        // else what gob writes
}

// pack takes a value as labgob does: its exported fields only.
func pack(value any) parcel {
	from := inner(reflect.ValueOf(value))
	if from.Kind() == reflect.Struct {
		if l := layoutOf(from.Type()); l != nil && !l.holdsOthers(from) {
			return parcel{kept: l.copied(from)}
		}
	}
	return parcel{written: encode(value)}
}

// unpack reads a parcel into what a pointer leads to, as labgob does: a field that was zero when it
// was sent stays there as it is.
func (p parcel) unpack(target any) {
	to := reflect.ValueOf(target)
	if p.kept.IsValid() && to.Type() == p.kept.Type() && !to.IsNil() && to.Elem().IsZero() {
		layoutOf(p.kept.Type().Elem()).copy(to.Elem(), p.kept.Elem())
		return
	}
	decode(p.bytes(), target)
}

// as is a pointer to what a parcel holds, in another type. It is not to be changed.
func (p parcel) as(kind reflect.Type) reflect.Value {
	if p.kept.IsValid() && p.kept.Type().Elem() == kind {
		return p.kept
	}
	fresh := reflect.New(kind)
	decode(p.bytes(), fresh.Interface())
	return fresh
}

// bytes are what labgob writes for what a parcel holds.
func (p parcel) bytes() []byte {
	if p.kept.IsValid() {
		return encode(p.kept.Interface())
	}
	return p.written
}

// encode writes a value as labgob does: exported fields only.
func encode(value any) []byte {
	var written bytes.Buffer
	if err := gob.NewEncoder(&written).Encode(value); err != nil {
		panic("labgob: " + err.Error())
	}
	return written.Bytes()
}

// decode reads a value as labgob does.
func decode(written []byte, value any) {
	if err := gob.NewDecoder(bytes.NewReader(written)).Decode(value); err != nil {
		panic("labgob: " + err.Error())
	}
}
