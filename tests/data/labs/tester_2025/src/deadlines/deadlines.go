// Package deadlines is a helper of the lab: points in time that move away.
package deadlines

import (
	"math/rand"
	"time"
)

// Deadline is a point in time that is set anew by chance.
type Deadline struct {
	shortest, longest time.Duration
	at                time.Time
}

// Between returns a deadline that lies at least shortest and less than longest ahead.
func Between(shortest, longest time.Duration) *Deadline {
	deadline := &Deadline{shortest: shortest, longest: longest}
	deadline.Reset()
	return deadline
}

// Reset moves the deadline away.
func (d *Deadline) Reset() {
	d.at = time.Now().Add(d.shortest + time.Duration(rand.Int63n(int64(d.longest-d.shortest))))
}

// Left returns how much time is left.
func (d *Deadline) Left() time.Duration {
	return time.Until(d.at)
}
