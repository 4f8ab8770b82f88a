package lab

import "reflect"

// A log may be a linked list: each node is an entry, or points at one, and points at the next node.

// longestList is how many nodes are looked at: a list may lead back into itself, by mistake.
const longestList = 1 << 12

// nextIn is the place of the field by which a node leads to the next one; -1 for what is no node.
func nextIn(kind reflect.Type) int {
	if kind.Kind() != reflect.Struct {
		return -1
	}
	for place := range kind.NumField() {
		if field := kind.Field(place); plain(field.Name) == "next" && field.Type == reflect.PointerTo(kind) {
			return place
		}
	}
	return -1
}

// entryPlace is the place of the entry that a node points at; -1 where the node itself is one.
func entryPlace(node reflect.Type) int {
	for place := range node.NumField() {
		field := pointedAt(node.Field(place).Type)
		if !hasNumber(node) && field != node && field.Kind() == reflect.Struct && !isForeign(field) && hasNumber(field) {
			return place
		}
	}
	return -1
}

// entryOf is the struct of an entry in a linked list.
func entryOf(node reflect.Type) reflect.Type {
	if place := entryPlace(node); place >= 0 {
		return pointedAt(node.Field(place).Type)
	}
	return node
}

// linked is a linked list, of which this is the first node, as a list of pointers to its entries.
func linked(node reflect.Value) reflect.Value {
	kind := pointedAt(node.Type())
	next, place := nextIn(kind), entryPlace(kind)
	list := reflect.MakeSlice(reflect.SliceOf(reflect.PointerTo(entryOf(kind))), 0, 0)
	for list.Len() < longestList {
		if node = inner(node); !node.IsValid() {
			break
		}
		entry := node
		if place >= 0 {
			entry = open(node.Field(place))
		}
		if entry.Kind() != reflect.Pointer {
			entry = entry.Addr()
		}
		list = reflect.Append(list, entry)
		node = open(node.Field(next))
	}
	return list
}
