package lab

import (
	"fmt"
	"reflect"
	"strconv"
)

// The course's tests of Raft hand Start whole numbers, and some labs take nothing else. So a
// client's command of raft-oracle, a letter and a number, becomes a number and back.

// series is how many commands may begin with one letter.
const series = 1_000_000_000

// letters are the first letters of raft-oracle's commands, in the order of their series.
const letters = "vwabcdefghijklmnopqrstuxyz"

// numberOf is the number that stands for a command; false where none does.
func numberOf(command string) (int, bool) {
	if len(command) < 2 || command[1] == '0' {
		return 0, false
	}
	number, err := strconv.Atoi(command[1:])
	for place, letter := range []byte(letters) {
		if letter == command[0] && err == nil && number > 0 && number < series {
			return place*series + number, true
		}
	}
	return 0, false
}

// commandOf is the command that a number stands for.
func commandOf(number int64) string {
	if place := number / series; number%series > 0 && place >= 0 && place < int64(len(letters)) {
		return letters[place:place+1] + strconv.FormatInt(number%series, 10)
	}
	return fmt.Sprint(number)
}

// asArgument is a command in the type that Start takes.
func asArgument(command string, kind reflect.Type) reflect.Value {
	number, ok := numberOf(command)
	switch {
	case kind.Kind() == reflect.String || !ok:
		return reflect.ValueOf(command).Convert(kind)
	default:
		return reflect.ValueOf(number).Convert(kind)
	}
}
