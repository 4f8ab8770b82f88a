package adapter

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// The environment in which a process is replaced by itself.
const (
	inVariable     = "RAFT_ORACLE_IN"
	outVariable    = "RAFT_ORACLE_OUT"
	resetVariable  = "RAFT_ORACLE_RESET"
	memoryVariable = "RAFT_ORACLE_MEMORY"
)

// memoryLimit is where the garbage collector begins to work; a run ends long before.
const memoryLimit = 2 << 30

// A session is one process's part of the conversation with raft-oracle.
type session struct {
	program    *Program
	cluster    *cluster
	in, out    int
	remembered string
	used       bool
	line       []byte // the last reply, whose memory the next one takes
}

// Main speaks the protocol on standard input and output until the input ends. Asked to --explain, it
// says what the program promises.
func Main(program *Program) {
	if given, is := IsExplained(); is {
		program.explain(given)
		return
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(memoryLimit)
	s := &session{
		program: program,
		in:      own(inVariable, 0, syscall.O_RDONLY), out: own(outVariable, 1, syscall.O_WRONLY),
	}
	if program.Prepare != nil {
		s.remembered = program.Prepare(os.Getenv(memoryVariable))
	}
	if line := os.Getenv(resetVariable); line != "" {
		s.answer([]byte(line))
	}
	input := bufio.NewReaderSize(descriptor(s.in), 1<<12)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		s.answer(line)
	}
}

// answer does one command and writes its reply.
func (s *session) answer(line []byte) {
	asked, err := readCommand(line)
	if err != nil {
		s.reply(reply{Error: fmt.Sprintf("found a line that is no command: %v", err)})
		return
	}
	switch {
	case asked.Op == "hello":
		s.used = s.program.Prepare != nil
		s.write(inJSON(s.hello()))
	case asked.Op == "reset" && s.used:
		s.replace(line)
	case asked.Op == "reset":
		s.used = true
		s.reply(s.reset(asked))
	default:
		done, err := s.cluster.act(asked)
		if err != nil {
			done = reply{Error: err.Error()}
		}
		s.reply(done)
	}
}

// hello says what the program is.
func (s *session) hello() helloReply {
	p := s.program
	return helloReply{
		Protocol: 1, Name: p.Name, Version: p.Version, Network: "any",
		Observes: append([]string{}, p.Observes...), Hides: p.Hides, Offers: p.Offers,
		Settings: append([]Setting{}, p.Settings...), Summary: p.Summary, Handlers: p.Handlers, Fresh: true,
	}
}

// reset begins a run.
func (s *session) reset(asked command) reply {
	var without []string
	if s.program.Configure != nil {
		var err error
		if without, err = s.program.Configure(asked.Servers, asked.Settings); err != nil {
			return reply{Error: err.Error()}
		}
	}
	s.cluster = newCluster(s.program, asked.Servers)
	started := s.cluster.reset()
	started.Without, started.Hides = without, s.program.HidesNow
	return started
}

// replace puts a fresh process in the place of this one, which begins with the reset.
func (s *session) replace(line []byte) {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	environment := []string{
		inVariable + "=" + strconv.Itoa(s.in),
		outVariable + "=" + strconv.Itoa(s.out),
		resetVariable + "=" + strings.TrimSpace(string(line)),
		memoryVariable + "=" + s.remembered,
	}
	for _, each := range os.Environ() {
		name, _, _ := strings.Cut(each, "=")
		if !slices.Contains([]string{inVariable, outVariable, resetVariable, memoryVariable}, name) {
			environment = append(environment, each)
		}
	}
	panic(syscall.Exec(self, os.Args, environment))
}

// reply writes the reply to any command but hello.
func (s *session) reply(done reply) {
	s.line = writeReply(s.line[:0], &done)
	s.write(s.line)
}

// write writes one line to raft-oracle.
func (s *session) write(line []byte) {
	if err := writeAll(s.out, append(line, '\n')); err != nil {
		os.Exit(1) // nobody listens any more
	}
}

// Print writes to standard output, for a program that is not asked by raft-oracle.
func Print(text string) { _ = writeAll(1, []byte(text)) }

// complain writes to the process's standard error, which raft-oracle keeps with a failure.
func complain(text string) {
	_ = writeAll(2, []byte(text)) // where nobody listens there is nobody to tell
}

// A descriptor of a file can be read without the bookkeeping of package os.
type descriptor int

// Read reads what is there, and waits for it.
func (d descriptor) Read(into []byte) (int, error) {
	for {
		count, err := syscall.Read(int(d), into)
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return 0, err
		case count == 0:
			return 0, io.EOF
		}
		return count, nil
	}
}

// writeAll writes to a descriptor.
func writeAll(descriptor int, rest []byte) error {
	for len(rest) > 0 {
		count, err := syscall.Write(descriptor, rest)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		if count == 0 {
			return io.ErrShortWrite
		}
		rest = rest[count:]
	}
	return nil
}

// own keeps standard input for commands, or standard output for replies: the implementation finds
// nothing there, and what it prints goes nowhere. The processes after this one are told which it is.
func own(variable string, standard, mode int) int {
	if kept, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return kept
	}
	kept, err := syscall.Dup(standard)
	if err != nil {
		panic(err)
	}
	null, err := syscall.Open(os.DevNull, mode, 0)
	if err != nil {
		panic(err)
	}
	if err := duplicate(null, standard); err != nil {
		panic(err)
	}
	return kept
}
