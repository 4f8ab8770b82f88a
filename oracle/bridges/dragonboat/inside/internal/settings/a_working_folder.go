package settings

import "os"

// This package reads its settings from files of the working folder when a program starts. Variables
// of this file, the first by name, get their values before those: whatever lies in the folder in
// which somebody hunts, each run has the library's own settings.
var _ = leaveWorkingFolder()

func leaveWorkingFolder() error {
	if err := os.Chdir("/"); err != nil {
		panic(err)
	}
	return nil
}
