package lab

import "reflect"

// An entry of the log is a struct. The numbers among its fields have places, the one after the other:
// first its own, then those of structs within it.

// A numberField is a number in an entry: the places of fields that lead to it, and its name.
type numberField struct {
	steps []int
	name  string
}

// entryNumbers are the numbers of all entries that were asked for.
var entryNumbers = map[reflect.Type][]numberField{}

// numbersOf are the numbers of an entry's struct.
func numbersOf(entry reflect.Type) []numberField {
	found, known := entryNumbers[entry]
	if known {
		return found
	}
	var within []numberField
	for i := range entry.NumField() {
		field := entry.Field(i)
		switch {
		case isInteger(field.Type):
			found = append(found, numberField{[]int{i}, plain(field.Name)})
		case field.Type.Kind() == reflect.Struct && !isForeign(field.Type):
			for _, each := range numbersOf(field.Type) {
				within = append(within, numberField{append([]int{i}, each.steps...), each.name})
			}
		}
	}
	found = append(found, within...)
	entryNumbers[entry] = found
	return found
}

// hasNumber says whether any field of a struct is a number.
func hasNumber(one reflect.Type) bool { return len(numbersOf(one)) > 0 }

// numberIn is the number at a place of an entry; false where there is none.
func numberIn(entry reflect.Value, place int) (int, bool) {
	if place < 0 || !entry.IsValid() || entry.Kind() != reflect.Struct {
		return 0, false
	}
	numbers := numbersOf(entry.Type())
	if place >= len(numbers) {
		return 0, false
	}
	for _, step := range numbers[place].steps {
		entry = open(entry.Field(step))
	}
	return integer(entry)
}

// isBeside says whether two numbers of an entry lie in the same struct, or the second in that of the
// whole entry.
func isBeside(entry reflect.Type, place, other int) bool {
	one, two := numbersOf(entry)[place].steps, numbersOf(entry)[other].steps
	return len(two) == 1 || len(one) == len(two) && one[0] == two[0]
}

// commandPlace is the place of a number that is an entry's command; -1 if there is none. Some labs
// take nothing but numbers.
func commandPlace(entry reflect.Type) int {
	place, known := commandPlaces[entry]
	if !known {
		place = -1
		for i, each := range numbersOf(entry) {
			if len(each.steps) == 1 && (each.name == "command" || each.name == "cmd") {
				place = i
			}
		}
		commandPlaces[entry] = place
	}
	return place
}

// commandPlaces are the places of entries' fields that commandPlace has found.
var commandPlaces = map[reflect.Type]int{}

// bestPlace is the place among these whose field's name fits best; -1 if there is none.
func bestPlace(entry reflect.Type, places map[int]bool, names []string) int {
	best, rank := -1, 0
	for place, each := range numbersOf(entry) {
		if !places[place] {
			continue
		}
		if mine := rankOf(each.name, names); best < 0 || mine < rank {
			best, rank = place, mine
		}
	}
	return best
}
