package lab

import "strings"

// conclude takes for each thing the field that behaved like it.
func (l *lesson) conclude() {
	if l.numbers == nil {
		return
	}
	enough := map[string]int{"term": 2, "vote": 1, "commit": 2, "snapshot_index": 1, "snapshot_term": 1}
	taken := map[string]bool{}
	if l.concludeRole(); l.fields.path("role") != nil {
		taken[l.fields.path("role").Name] = true // roles are small numbers, as votes are
	}
	for _, what := range []string{"term", "vote", "commit", "snapshot_index", "snapshot_term"} {
		if there := l.fields.path("snapshot_index"); what == "snapshot_term" && there != nil {
			l.numbers[what].preferBeside(*there)
		}
		if what == "snapshot_index" { // some note where the log goes on, and not where the snapshot ends
			l.numbers[what].avoidShift(-1)
		}
		found := l.numbers[what].best(names[what], enough[what], taken)
		if l.take(what, found); found != nil {
			taken[found.path.Name] = true
		}
	}
	for _, what := range []string{"next_index", "match_index"} {
		found := l.peers[what]
		if at := l.fields.path("commit"); at != nil { // indexes count alike
			found.preferShift(l.fields.Shift["commit"])
		}
		best := found.best(names[what], 2, taken)
		if l.take(what, best); best != nil && best.field < 0 {
			taken[best.path.Name] = true
		}
	}
	l.log.conclude(l.fields, l.kind)
	l.concludeRequests()
	if at := l.fields.path("vote"); at != nil {
		l.fields.Fresh = l.fresh[2][at.Name]
	}
	l.concludeSnapshots()
	if !l.fields.Compacts {
		delete(l.fields.Paths, "snapshot_index")
	}
}

// concludeSnapshots asks for no snapshots where nothing shows how far they reach: an empty log could
// then not be told from one that has lost its entries.
func (l *lesson) concludeSnapshots() {
	f := l.fields
	if !f.Compacts || f.path("log") == nil || f.path("snapshot_index") != nil || f.Entry.Index >= 0 && f.Entry.SnapshotDummies > 0 {
		return
	}
	f.Compacts, f.Part, f.Entry.SnapshotDummies = false, 'C', f.Entry.Dummies
	l.note("Nothing was found that says how far a snapshot reaches: no snapshots are asked for.")
}

// take notes where a thing was found.
func (l *lesson) take(what string, found *candidate) {
	if found == nil {
		return
	}
	l.fields.Paths[what] = &found.path
	l.fields.Shift[what] = found.shift
	l.fields.PeerField[what], l.fields.PeerFirst[what] = found.field, found.first
}

// concludeRole takes the field that differs between followers, candidates and leaders.
func (l *lesson) concludeRole() {
	follower, candidate, leader := l.roles["follower"], l.roles["candidate"], l.roles["leader"]
	best, rank := -1, 0
	for i, each := range l.leaves {
		if leader == nil || candidate == nil || follower == nil {
			continue
		}
		if follower[i] == "" || candidate[i] == "" || leader[i] == "" {
			continue
		}
		if follower[i] == candidate[i] || candidate[i] == leader[i] || follower[i] == leader[i] {
			continue
		}
		if strings.Contains(plain(each.word()), "vote") { // a vote changes with the role
			continue
		}
		if mine := rankOf(each.word(), names["role"]); best < 0 || mine < rank {
			best, rank = i, mine
		}
	}
	if best < 0 {
		l.concludeLeads()
		return
	}
	l.fields.Paths["role"] = &l.leaves[best]
	l.fields.Follower, l.fields.Candidate, l.fields.Leader = follower[best], candidate[best], leader[best]
}

// concludeLeads takes a flag that only leaders have set for the role, where no field tells all three
// apart: it shows who leads where GetState keeps us waiting.
func (l *lesson) concludeLeads() {
	follower, candidate, leader := l.roles["follower"], l.roles["candidate"], l.roles["leader"]
	for i, each := range l.leaves {
		if leader == nil || candidate == nil || follower == nil || !strings.Contains(plain(each.word()), "lead") {
			continue
		}
		if follower[i] == "false" && candidate[i] == "false" && leader[i] == "true" {
			l.fields.Paths["role"] = &l.leaves[i]
			l.fields.Follower, l.fields.Leader = follower[i], leader[i]
			return
		}
	}
}
