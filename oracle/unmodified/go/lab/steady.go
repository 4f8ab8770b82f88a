package lab

import (
	"strings"
	"time"
)

// While nothing is lost, clocks go on for so long, in steps much shorter than a heartbeat; no more than
// so many messages arrive in one, and so many elections are no matter: one leader may follow another.
const (
	steadyWhile     = 4 * time.Second
	steadyStep      = 10 * time.Millisecond
	steadyMessages  = 100
	steadyElections = 2
)

// steady lets time go on at all servers at once, while all messages arrive at once. Then nobody has
// reason to stand: servers that do so again and again do not heed heartbeats.
//
// Hunts would never meet it: there every server has a clock of its own, and its election timer runs out
// when the schedule says so. What fails here fails there too, and is told there.
func (l *lesson) steady() {
	l.phase = "steady"
	begun := l.latestTerm()
	for waited := time.Duration(0); waited < steadyWhile; waited += steadyStep {
		for _, name := range l.trial.Names() {
			if l.trial.Advance(name, steadyStep) != nil {
				return
			}
		}
		if l.trial.DeliverAll(steadyMessages) != nil {
			return
		}
	}
	if elections := l.latestTerm() - begun; elections > steadyElections {
		l.note("With no message lost or late, servers stand for election %d times in %v: heartbeats do not restart the election timer, or come too late.", elections, steadyWhile)
		l.fields.Problem = strings.TrimSpace(l.fields.Problem + " " + l.fields.Notes[len(l.fields.Notes)-1])
	}
}

// latestTerm is the highest term of a server.
func (l *lesson) latestTerm() int {
	latest := 0
	for place := range l.trial.Names() {
		term, _ := l.state(place)
		latest = max(latest, term)
	}
	return latest
}
