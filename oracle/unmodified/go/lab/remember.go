package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// What was learned is handed to the process of each reset as a text, in an environment variable.
// The processes run the same program, so the text needs no names: it has the values of all fields
// in their order. To read it takes a tenth of the time that encoding/json needs in a new process.

// remembered is what was learned as such a text.
func (f *fields) remembered() string { return string(remember(nil, reflect.ValueOf(f).Elem())) }

// keptBeside is what the program printed when it was built and asked to --learn, kept in a file
// beside it; empty where there is none.
func keptBeside() string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	kept, err := os.ReadFile(filepath.Join(filepath.Dir(self), "learned"))
	if err != nil {
		return "" // nobody has asked it, or it did not come to an end
	}
	return string(kept)
}

// recalled is what was learned.
func recalled(text string) *fields {
	found, r := &fields{}, recollection{text}
	r.recall(reflect.ValueOf(found).Elem())
	return found
}

// remember writes a value: a number or a flag with a semicolon behind it, a text after its length,
// what has parts after their number.
func remember(to []byte, value reflect.Value) []byte {
	switch value.Kind() {
	case reflect.Int:
		return append(strconv.AppendInt(to, value.Int(), 10), ';')
	case reflect.Uint8:
		return append(strconv.AppendUint(to, value.Uint(), 10), ';')
	case reflect.Bool:
		return append(strconv.AppendBool(to, value.Bool()), ';')
	case reflect.String:
		return append(count(to, value.Len()), value.String()...)
	case reflect.Pointer:
		if value.IsNil() {
			return count(to, 0)
		}
		return remember(count(to, 1), value.Elem())
	case reflect.Struct:
		for i := range value.NumField() {
			to = remember(to, value.Field(i))
		}
		return to
	case reflect.Slice:
		to = count(to, value.Len())
		for i := range value.Len() {
			to = remember(to, value.Index(i))
		}
		return to
	case reflect.Map:
		return rememberMap(to, value)
	}
	panic(fmt.Sprintf("no way is known to remember a %s", value.Type()))
}

// rememberMap writes a map whose keys are texts.
func rememberMap(to []byte, value reflect.Value) []byte {
	keys := value.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	to = count(to, len(keys))
	for _, key := range keys {
		to = remember(remember(to, key), value.MapIndex(key))
	}
	return to
}

// count writes how long something is.
func count(to []byte, length int) []byte {
	return append(strconv.AppendInt(to, int64(length), 10), ';')
}

// A recollection is a text that remember has written, and what is left of it to read.
type recollection struct{ left string }

// recall reads a value.
func (r *recollection) recall(value reflect.Value) {
	switch value.Kind() {
	case reflect.Int:
		value.SetInt(int64(r.number()))
	case reflect.Uint8:
		value.SetUint(uint64(r.number()))
	case reflect.Bool:
		value.SetBool(r.word() == "true")
	case reflect.String:
		length := r.number()
		value.SetString(r.left[:length])
		r.left = r.left[length:]
	case reflect.Pointer:
		if r.number() == 1 {
			value.Set(reflect.New(value.Type().Elem()))
			r.recall(value.Elem())
		}
	case reflect.Struct:
		for i := range value.NumField() {
			r.recall(value.Field(i))
		}
	case reflect.Slice:
		length := r.number()
		value.Set(reflect.MakeSlice(value.Type(), length, length))
		for i := range length {
			r.recall(value.Index(i))
		}
	case reflect.Map:
		r.recallMap(value)
	}
}

// recallMap reads a map.
func (r *recollection) recallMap(value reflect.Value) {
	kind := value.Type()
	value.Set(reflect.MakeMap(kind))
	for range r.number() {
		key, one := reflect.New(kind.Key()).Elem(), reflect.New(kind.Elem()).Elem()
		r.recall(key)
		r.recall(one)
		value.SetMapIndex(key, one)
	}
}

// word is what stands before the next semicolon.
func (r *recollection) word() string {
	word, left, _ := strings.Cut(r.left, ";")
	r.left = left
	return word
}

// number is the next number; a text that another program wrote ends this one.
func (r *recollection) number() int {
	word := r.word()
	number, err := strconv.Atoi(word)
	if err != nil {
		panic(fmt.Sprintf("found %q before %q, expected a number of what was learned", word, r.left))
	}
	return number
}
