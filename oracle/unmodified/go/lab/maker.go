package lab

import (
	"fmt"
	"reflect"
	"strings"
)

// A maker is the function that makes a server: which of its parameters is what, wherever it stands.
// Those that are nothing of this get zero values.
type maker struct {
	function                     reflect.Value
	ends, me, persister, applyCh int
}

// makerOf tells the parameters of a function by their types. Where several fit, names of types decide,
// and then the first one is it.
func makerOf(function any) (maker, error) {
	m := maker{function: reflect.ValueOf(function)}
	var missing []string
	for _, each := range []struct {
		place *int
		words string
		fits  func(kind reflect.Type) bool
		named string
	}{
		{&m.ends, "a slice of pointers to ClientEnd", isEnds, ""},
		{&m.me, "a number", isInteger, ""},
		{&m.persister, "a pointer to the persister", isStruct, "persister"},
		{&m.applyCh, "a channel of ApplyMsg", isChannel, "applymsg"},
	} {
		if *each.place = placeOf(m.function.Type(), each.fits, each.named); *each.place < 0 {
			missing = append(missing, each.words)
		}
	}
	if len(missing) > 0 {
		return m, fmt.Errorf("found a function %s, expected one that also takes %s", m.function.Type(), strings.Join(missing, ", and "))
	}
	return m, nil
}

// placeOf is the first parameter that fits and whose type is called so, or else the first that fits;
// -1 where none does.
func placeOf(function reflect.Type, fits func(kind reflect.Type) bool, named string) int {
	first := -1
	for place := range function.NumIn() {
		kind := function.In(place)
		if !fits(kind) {
			continue
		}
		if named != "" && strings.Contains(plain(kind.Elem().Name()), named) {
			return place
		}
		if first < 0 {
			first = place
		}
	}
	return first
}

func isEnds(kind reflect.Type) bool {
	return kind.Kind() == reflect.Slice && isStruct(kind.Elem()) && kind.Elem().Elem().Name() == "ClientEnd"
}

func isStruct(kind reflect.Type) bool {
	return kind.Kind() == reflect.Pointer && kind.Elem().Kind() == reflect.Struct
}

func isChannel(kind reflect.Type) bool {
	return kind.Kind() == reflect.Chan && kind.ChanDir()&reflect.SendDir != 0
}

// call makes a server. A last parameter that takes any number of values gets none.
func (m maker) call(ends reflect.Value, me int, persister, applyCh reflect.Value) reflect.Value {
	kind := m.function.Type()
	in := make([]reflect.Value, kind.NumIn())
	for place := range in {
		in[place] = reflect.Zero(kind.In(place))
	}
	in[m.ends], in[m.persister] = ends, persister
	in[m.me] = reflect.ValueOf(me).Convert(kind.In(m.me))
	in[m.applyCh] = applyCh.Convert(kind.In(m.applyCh))
	if kind.IsVariadic() {
		return m.function.CallSlice(in)[0]
	}
	return m.function.Call(in)[0]
}
