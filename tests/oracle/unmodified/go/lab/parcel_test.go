package lab

import (
	"bytes"
	"encoding/gob"
	"math/rand"
	"os"
	"reflect"
	"testing"
	"time"

	"raftoracle/adapter"
	"raftoracle/bubble"
)

// TestMain shows what is printed, which is kept in memory else.
func TestMain(m *testing.M) {
	code := m.Run()
	adapter.Print(string(bubble.Printed()))
	os.Exit(code)
}

type index int

type entry struct {
	Command any
	Term    int
	Index   index
	hidden  int
}

type plainArgs struct {
	Term, LeaderId int
	Granted        bool
	Name           string
	Small          uint8
	Long           int64
	Entry          entry
	Entries        []entry
	Numbers        []index
	Names          []string
	Snapshot       []byte
	Anything       any
	Things         []any
	hidden         string
	Wake           chan int
	Tell           func()
}

type inSlices struct{ Slices [][]byte }
type inMaps struct{ Numbers map[string]int }
type inPointers struct{ Number *int }
type inPointerSlices struct{ Entries []*entry }
type inArrays struct{ Numbers [3]int }
type inTime struct{ At time.Time }
type inFloats struct{ Weight float64 }
type inOthers struct{ Command any }
type inItself struct {
	Term  int
	Below []inItself
}
type registered struct{ Key string }

func init() { gob.Register(registered{}) }

// throughGob is what labgob would hand over, or what it complains of.
func throughGob(value any, fresh any) (problem error) {
	var written bytes.Buffer
	if err := gob.NewEncoder(&written).Encode(value); err != nil {
		return err
	}
	return gob.NewDecoder(&written).Decode(fresh)
}

func anyCommand(d *rand.Rand) any {
	return []any{nil, 0, 17, "", "v1", int64(3), true, registered{"k"}, []int{1}}[d.Intn(9)]
}

func someOf[T any](d *rand.Rand, one func() T) []T {
	if d.Intn(4) == 0 {
		return nil
	}
	made := []T{}
	for range d.Intn(3) {
		made = append(made, one())
	}
	return made
}

func anEntry(d *rand.Rand) entry {
	return entry{Command: anyCommand(d), Term: d.Intn(3), Index: index(d.Intn(3)), hidden: 7}
}

func args(d *rand.Rand) any {
	switch number := d.Intn(3); d.Intn(20) {
	case 0:
		return &inSlices{someOf(d, func() []byte { return []byte("ab")[:d.Intn(2)] })}
	case 1:
		return &inMaps{map[string]int{"a": number}}
	case 2:
		return &inPointers{&number}
	case 3:
		return &inPointerSlices{[]*entry{{Term: number}}}
	case 4:
		return &inArrays{[3]int{number}}
	case 5:
		return &inTime{time.Unix(int64(number), 0).UTC()}
	case 6:
		return &inFloats{float64(number) / 2}
	case 7:
		return &inOthers{anyCommand(d)}
	case 8:
		return &inItself{number, []inItself{{Term: 1}, {Below: []inItself{{}}}}}
	}
	return &plainArgs{
		Term: d.Intn(3), LeaderId: d.Intn(3), Granted: d.Intn(2) == 0, Name: []string{"", "a"}[d.Intn(2)],
		Small: uint8(d.Intn(3)), Long: d.Int63(), Entry: anEntry(d),
		Entries:  someOf(d, func() entry { return anEntry(d) }),
		Numbers:  someOf(d, func() index { return index(d.Intn(3)) }),
		Names:    someOf(d, func() string { return "n" }),
		Snapshot: someOf(d, func() byte { return 1 }),
		Anything: anyCommand(d), Things: someOf(d, func() any { return anyCommand(d) }),
		hidden: "h", Wake: make(chan int),
	}
}

// target is what a message is read into: mostly new, sometimes used before.
func target(d *rand.Rand, like any) any {
	fresh := reflect.New(reflect.TypeOf(like).Elem())
	if used, ok := fresh.Interface().(*plainArgs); ok && d.Intn(4) == 0 {
		used.Term, used.Entries, used.hidden = 9, []entry{{Term: 8}}, "kept"
	}
	return fresh.Interface()
}

func TestParcelsHoldWhatLabgobWouldHandOver(t *testing.T) {
	for seed := range int64(20000) {
		value := args(rand.New(rand.NewSource(seed)))
		want := target(rand.New(rand.NewSource(seed)), value)
		if problem := throughGob(value, want); problem != nil {
			t.Fatalf("seed %d: %v", seed, problem)
		}
		found := target(rand.New(rand.NewSource(seed)), value)
		sent := pack(value)
		sent.unpack(found)
		if !reflect.DeepEqual(found, want) {
			t.Fatalf("seed %d: found %+v, expected %+v", seed, found, want)
		}
		fresh := reflect.New(reflect.TypeOf(value).Elem())
		if throughGob(value, fresh.Interface()); !reflect.DeepEqual(sent.as(fresh.Type().Elem()).Interface(), fresh.Interface()) {
			t.Fatalf("seed %d: as holds something else", seed)
		}
	}
}

func TestParcelsOfPlainValuesAreCopies(t *testing.T) {
	sent := plainArgs{Term: 1, Entries: []entry{{Command: 5, Term: 1}}, Numbers: []index{1}, Snapshot: []byte{1}}
	kept := pack(&sent)
	var found plainArgs
	kept.unpack(&found)
	sent.Entries[0].Term, sent.Numbers[0], sent.Snapshot[0] = 2, 2, 2
	found.Entries[0].Term, found.Numbers[0], found.Snapshot[0] = 3, 3, 3
	again := kept.as(reflect.TypeFor[plainArgs]()).Interface().(*plainArgs)
	if kept.written != nil || again.Entries[0].Term != 1 || again.Numbers[0] != 1 || again.Snapshot[0] != 1 {
		t.Errorf("found %+v, expected a copy that nobody else can change", again)
	}
}

func TestParcelsAreReadInOtherTypes(t *testing.T) {
	type other struct{ Term int64 }
	var found other
	pack(plainArgs{Term: 4}).unpack(&found)
	if in := pack(&plainArgs{Term: 4}).as(reflect.TypeFor[other]()).Interface().(*other); found.Term != 4 || in.Term != 4 {
		t.Errorf("found %d and %d, expected 4", found.Term, in.Term)
	}
}

func TestWhatLabgobRefusesIsRefused(t *testing.T) {
	type unknown struct{ Key string }
	type nothing struct{ hidden int }
	for _, value := range []any{&inOthers{unknown{"k"}}, &nothing{1}, &inPointerSlices{[]*entry{nil}}, (*plainArgs)(nil)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%T: found no panic, expected one", value)
				}
			}()
			pack(value)
		}()
	}
}
