package adapter

import (
	"fmt"
	"strings"
)

// explanation says what a program promises to show and to understand, and what it can be told.
func (p *Program) explanation() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%-12s %s\n", "Program:", strings.TrimSpace(p.Name+" "+p.Version))
	fmt.Fprintf(&text, "%-12s %s\n", "Shows:", listed(p.Observes, "term, role, log, commit index and last applied index alone"))
	fmt.Fprintf(&text, "%-12s %s\n", "Hides:", listed(p.Hides, "nothing of these"))
	fmt.Fprintf(&text, "%-12s %s\n", "Offers:", listed(p.Offers, "no command beyond those that all have"))
	for _, each := range p.Settings {
		fmt.Fprintf(&text, "%-12s %s=%s: %s\n", "Setting:", each.Name, each.Default, each.Meaning)
	}
	return text.String()
}

// listed is a list in one line, or other words where there is nothing in it.
func listed(names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ", ")
}
