package lab

import "testing"

// look is what a machine says of disorder at a look, as View asks it.
func look(m *machine) string {
	said := m.disorder()
	m.shown = m.index
	return said
}

func TestACommandIsAppliedOnce(t *testing.T) {
	var m machine
	for index := range 3 {
		m.apply(index, "v")
		if said := look(&m); said != "" {
			t.Fatalf("found %q after index %d, expected nothing", said, index)
		}
	}
	m.apply(2, "v")
	if said := look(&m); said != "applies index 2 after index 2" {
		t.Fatalf("found %q where a command is applied again in a later step", said)
	}
	if said := look(&m); said != "" {
		t.Fatalf("found %q at the next look, expected nothing: it was told", said)
	}
}

func TestCommandsComeInOrder(t *testing.T) {
	var m machine
	m.apply(2, "v")
	m.apply(1, "v")
	if said := look(&m); said != "applies index 1 after index 2" {
		t.Fatalf("found %q where two commands change places", said)
	}
	m.apply(1, "v")
	m.apply(2, "v")
	if said := look(&m); said != "applies index 1 after index 1" {
		t.Fatalf("found %q where commands are applied again up to a later index", said)
	}
	m.apply(1, "v")
	if said := look(&m); said != "" {
		t.Fatalf("found %q where the index has fallen, which everybody sees", said)
	}
}

func TestASnapshotHoldsWhatItWasMadeOf(t *testing.T) {
	var first, second machine
	first.apply(1, "v")
	first.apply(2, "w")
	second.restore(first.snapshot(2))
	second.apply(2, "w")
	if said := look(&second); said != "applies index 2 after a snapshot up to index 2" {
		t.Fatalf("found %q where a command of the snapshot is applied", said)
	}
	second.restore(first.snapshot(1))
	second.apply(2, "w")
	if said := look(&second); said != "" {
		t.Fatalf("found %q after an earlier snapshot, expected nothing", said)
	}
}

func TestWhatWasAppliedBeforeIsAppliedAgain(t *testing.T) {
	var before machine
	before.apply(1, "v")
	before.apply(3, "w") // index 2 is an entry of a leader's own
	m := machine{earlier: before.applied()}
	m.apply(1, "v")
	m.apply(3, "w")
	m.apply(4, "x")
	if said := look(&m); said != "" {
		t.Fatalf("found %q where all is applied again, expected nothing", said)
	}
	m = machine{earlier: m.applied()}
	m.apply(3, "w")
	wanted := "applies index 3 without index 1, which it had applied before it started again"
	if said := look(&m); said != wanted {
		t.Fatalf("found %q, expected %q", said, wanted)
	}
}
