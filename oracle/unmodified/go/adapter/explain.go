package adapter

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// wrongUsage is the exit code for what the user has to change.
const wrongUsage = 64

// IsExplained says whether the program is asked to --explain, and the settings NAME=VALUE after that.
func IsExplained() (given map[string]string, is bool) {
	if len(os.Args) < 2 || os.Args[1] != "--explain" {
		return nil, false
	}
	given = map[string]string{}
	for _, each := range os.Args[2:] {
		name, value, _ := strings.Cut(each, "=")
		given[name] = value
	}
	return given, true
}

// Refuse ends the process with a line on standard error.
func Refuse(err error) {
	complain(err.Error() + "\n")
	os.Exit(wrongUsage)
}

// explain prints what a program promises, if these settings are such as it takes.
func (p *Program) explain(given map[string]string) {
	if len(given) > 0 && p.Configure == nil {
		Refuse(errors.New("settings: found some, expected none: the program takes no settings"))
	}
	if p.Configure != nil {
		if _, err := p.Configure([]string{"S1", "S2", "S3"}, given); err != nil {
			Refuse(err)
		}
	}
	Print(p.explanation())
}

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
