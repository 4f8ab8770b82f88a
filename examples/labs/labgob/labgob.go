// Package labgob is gob with warnings about its two silent traps: a field whose name begins with a
// small letter is never sent, and a field that arrives as zero does not overwrite what is there.
//
// It has the public interface of the course's labgob and shares no code with it.
package labgob

import (
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"reflect"
	"sync"
	"unicode"
	"unicode/utf8"
)

// output takes the warnings, each a line.
var output io.Writer = os.Stderr

// A LabEncoder writes values, and warns of fields that gob leaves out.
type LabEncoder struct {
	gob *gob.Encoder
}

// NewEncoder returns an encoder that writes to a destination.
func NewEncoder(destination io.Writer) *LabEncoder {
	return &LabEncoder{gob.NewEncoder(destination)}
}

// Encode writes one value.
func (encoder *LabEncoder) Encode(value interface{}) error {
	checkType(reflect.TypeOf(value))
	return encoder.gob.Encode(value)
}

// EncodeValue writes one value that is wrapped by reflection.
func (encoder *LabEncoder) EncodeValue(value reflect.Value) error {
	checkType(value.Type())
	return encoder.gob.EncodeValue(value)
}

// A LabDecoder reads values, and warns of destinations that hold something already.
type LabDecoder struct {
	gob *gob.Decoder
}

// NewDecoder returns a decoder that reads from a source.
func NewDecoder(source io.Reader) *LabDecoder {
	return &LabDecoder{gob.NewDecoder(source)}
}

// Decode reads one value into what destination points to.
func (decoder *LabDecoder) Decode(destination interface{}) error {
	checkType(reflect.TypeOf(destination))
	checkEmpty(destination)
	return decoder.gob.Decode(destination)
}

// Register makes a type known that is sent inside an interface, as commands are.
func Register(value interface{}) {
	checkType(reflect.TypeOf(value))
	gob.Register(value)
}

// RegisterName makes such a type known by a name of one's own.
func RegisterName(name string, value interface{}) {
	checkType(reflect.TypeOf(value))
	gob.RegisterName(name, value)
}

// checked holds the types that were looked at, so that each is warned of once.
var checked sync.Map

// checkType warns of fields in a type, however deep, whose names begin with a small letter.
func checkType(kind reflect.Type) {
	if kind == nil {
		return
	}
	if _, seen := checked.LoadOrStore(kind, true); seen {
		return
	}
	switch kind.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		checkType(kind.Elem())
	case reflect.Map:
		checkType(kind.Key())
		checkType(kind.Elem())
	case reflect.Struct:
		for i := 0; i < kind.NumField(); i++ {
			checkField(kind, kind.Field(i))
		}
	}
}

// checkField warns of one field, or looks into its type.
func checkField(owner reflect.Type, field reflect.StructField) {
	first, _ := utf8.DecodeRuneInString(field.Name)
	if !field.Anonymous && !unicode.IsUpper(first) {
		fmt.Fprintf(output, "labgob: field %s of %s begins with a small letter: it is neither sent nor saved\n",
			field.Name, owner)
		return
	}
	checkType(field.Type)
}

// warnOfFull lets one warning through for all destinations that are not empty.
var warnOfFull sync.Once

// checkEmpty warns of a destination that holds a value which a zero that arrives would not overwrite.
func checkEmpty(destination interface{}) {
	value := reflect.ValueOf(destination)
	if value.Kind() != reflect.Pointer || value.IsNil() || value.Elem().IsZero() {
		return
	}
	warnOfFull.Do(func() {
		fmt.Fprintf(output, "labgob: decoding into a %s that is not empty: fields that arrive as zero keep their old value\n",
			value.Elem().Type())
	})
}
