package cluster

import "testing"

// Elects holds that one server leads, that another takes over where it is cut off, and that there is
// one leader again when it comes back.
func Elects[D Disk[D]](t *testing.T, cluster *Cluster[D]) {
	first := cluster.Leader()
	cluster.Crash(first)
	second := cluster.Leader()
	if second == first {
		t.Fatalf("server %d leads after its crash", first)
	}
	cluster.Launch(first)
	cluster.Leader()
}

// Agrees holds that commands are applied by all, by the others where one is cut off, and by that one
// too when it comes back, with what it has in its log alone overwritten.
func Agrees[D Disk[D]](t *testing.T, cluster *Cluster[D]) {
	for command := 1; command <= 10; command++ {
		cluster.Agree(command, 3)
	}
	lonely := cluster.Leader()
	server := cluster.running()[lonely]
	cluster.Connect(lonely, false)
	for command := 101; command <= 110; command++ {
		server.Start(command)
	}
	for command := 201; command <= 210; command++ {
		cluster.Agree(command, 2)
	}
	cluster.Connect(lonely, true)
	cluster.Agree(300, 3)
}

// AgreesInSpiteOfLosses holds that commands are applied by all while the network loses one message in ten.
func AgreesInSpiteOfLosses[D Disk[D]](_ *testing.T, cluster *Cluster[D]) {
	cluster.Reliable(false)
	for command := 1; command <= 10; command++ {
		cluster.Agree(command, 2)
	}
	cluster.Reliable(true)
	cluster.Agree(11, 3)
}

// SurvivesCrashes holds that what was applied is applied again after all have crashed, and that one
// that was down learns of it.
func SurvivesCrashes[D Disk[D]](t *testing.T, cluster *Cluster[D]) {
	index := cluster.Agree("before", 3)
	for server := 0; server < 3; server++ {
		cluster.Crash(server)
	}
	for server := 0; server < 3; server++ {
		cluster.Launch(server)
	}
	if again := cluster.Agree("after", 3); again <= index {
		t.Fatalf("index %d after a crash, %d before", again, index)
	}
	down := cluster.Leader()
	cluster.Crash(down)
	cluster.Agree("without one", 2)
	cluster.Launch(down)
	cluster.Agree("with all", 3)
	if cluster.holders(index, "before") != 3 {
		t.Fatalf("not all applied again what they had applied")
	}
}

// CatchesUpBySnapshot holds that a server that was cut off for long is given a snapshot, and that all
// can start from theirs.
func CatchesUpBySnapshot[D Disk[D]](t *testing.T, cluster *Cluster[D]) {
	cluster.Agree(0, 3)
	behind := (cluster.Leader() + 1) % 3
	cluster.Connect(behind, false)
	for command := 1; command <= 35; command++ {
		cluster.Agree(command, 2)
	}
	cluster.Connect(behind, true)
	cluster.Agree(100, 3)
	cluster.mu.Lock()
	restored := cluster.restored[behind]
	cluster.mu.Unlock()
	if restored == 0 {
		t.Fatalf("server %d was given no snapshot", behind)
	}
	for server := 0; server < 3; server++ {
		cluster.Crash(server)
		cluster.Launch(server)
	}
	cluster.Agree(200, 3)
}
