package lab

import (
	"fmt"
	"reflect"
	"strconv"
)

// describe shows the exported fields of arguments or of a reply in the lab's own words.
func describe(message any) string {
	value := inner(reflect.ValueOf(message))
	to := make([]byte, 0, 128)
	for place, name := range exportedNames(value.Type()) {
		if name == "" {
			continue
		}
		if len(to) > 0 {
			to = append(to, ' ')
		}
		to = appendShown(append(append(to, name...), '='), value.Field(place))
	}
	return string(to)
}

// exported has the names of the fields of each struct that was described.
var exported = map[reflect.Type][]string{}

// exportedNames are the names of a struct's fields, empty where they are not exported.
func exportedNames(kind reflect.Type) []string {
	names, known := exported[kind]
	if !known {
		names = make([]string, kind.NumField())
		for place := range names {
			if field := kind.Field(place); field.IsExported() {
				names[place] = field.Name
			}
		}
		exported[kind] = names
	}
	return names
}

// appendShown writes a field in a few characters that are the same in every process.
func appendShown(to []byte, value reflect.Value) []byte {
	value = inner(value)
	switch kind := value.Kind(); kind {
	case reflect.Invalid:
		return append(to, "nil"...)
	case reflect.Slice, reflect.Array:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			return fmt.Appendf(to, "<%d bytes>", value.Len())
		}
		return appendParts(to, "[]", value.Len(), value.Index)
	case reflect.Struct:
		return appendParts(to, "{}", value.NumField(), func(i int) reflect.Value { return open(value.Field(i)) })
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return append(to, value.Type().String()...)
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint, reflect.Uint64:
		if value.Type().NumMethod() == 0 { // else it may know itself how it is to be written
			return appendPlain(to, value, kind)
		}
	}
	return fmt.Append(to, value)
}

// appendPlain writes what fmt would write, in a fraction of the time.
func appendPlain(to []byte, value reflect.Value, kind reflect.Kind) []byte {
	switch kind {
	case reflect.String:
		return append(to, value.String()...)
	case reflect.Bool:
		return strconv.AppendBool(to, value.Bool())
	case reflect.Int, reflect.Int64:
		return strconv.AppendInt(to, value.Int(), 10)
	default:
		return strconv.AppendUint(to, value.Uint(), 10)
	}
}

// appendParts writes parts between two brackets.
func appendParts(to []byte, brackets string, count int, part func(i int) reflect.Value) []byte {
	to = append(to, brackets[0])
	for i := range count {
		if i > 0 {
			to = append(to, ' ')
		}
		to = appendShown(to, part(i))
	}
	return append(to, brackets[1])
}
