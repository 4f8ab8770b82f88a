package raft

import (
	"fmt"
	"log"
	"os"
)

// Journal is a file in the working directory, made when the program starts: it must not be there.
var journal *os.File

func init() {
	file, err := os.OpenFile("raft.log", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0644)
	if err != nil {
		log.Fatal(err)
	}
	journal = file
}

func note(format string, words ...interface{}) {
	fmt.Fprintf(journal, format+"\n", words...)
}
