package raft

import (
	"fmt"
	"time"
)

// rpcTimeout is how long a reply is waited for; labrpc itself may take seconds.
const rpcTimeout = 500 * time.Millisecond

// proposalsWaiting is how many calls of Start may wait for the loop at once.
const proposalsWaiting = 64

// AppendEntriesArgs is a heartbeat, with all that a follower lacks.
type AppendEntriesArgs struct {
	Term         int
	LeaderID     int
	PrevLogIndex int
	PrevLogTerm  int
	Entries      []LogEntry
	LeaderCommit int
}

// AppendEntriesReply tells a leader that was refused where the log ends.
type AppendEntriesReply struct {
	Term      int
	Success   bool
	LastIndex int
}

// appendRequest is such a request on its way through the loop.
type appendRequest struct {
	args  *AppendEntriesArgs
	reply *AppendEntriesReply
	done  chan struct{}
}

// appendAnswer is a reply that came back, with the request that it answers.
type appendAnswer struct {
	server int
	args   AppendEntriesArgs
	reply  AppendEntriesReply
}

// proposal is a command of a client on its way through the loop.
type proposal struct {
	command interface{}
	answer  chan position
}

// position is where a command will stand in the log, if this server leads.
type position struct {
	index    int
	term     int
	isLeader bool
}

// Start hands a command to the loop, and returns where it will stand in the log.
func (rf *Raft) Start(command interface{}) (int, int, bool) {
	asked := proposal{command, make(chan position, 1)}
	select {
	case rf.proposals <- asked:
	case <-rf.stopped:
		return -1, -1, false
	}
	select {
	case at := <-asked.answer:
		return at.index, at.term, at.isLeader
	case <-rf.stopped:
		return -1, -1, false
	}
}

// AppendEntries is the handler: the loop does the work.
func (rf *Raft) AppendEntries(args *AppendEntriesArgs, reply *AppendEntriesReply) {
	request := appendRequest{args, reply, make(chan struct{})}
	select {
	case rf.appendRequests <- request:
		<-request.done
	case <-rf.stopped:
	}
}

// onProposals appends a command and all that wait behind it, and sends them out together.
func (rf *Raft) onProposals(first proposal) {
	taken := []proposal{first}
	for waiting := len(rf.proposals); waiting > 0; waiting-- {
		taken = append(taken, <-rf.proposals)
	}
	for _, one := range taken {
		if rf.state != leaderState {
			one.answer <- position{-1, rf.CurrentTerm, false}
			continue
		}
		rf.Log = append(rf.Log, LogEntry{rf.CurrentTerm, one.command})
		one.answer <- position{rf.lastIndex(), rf.CurrentTerm, true}
	}
	if rf.state == leaderState {
		rf.persist()
		rf.sendHeartbeats()
	}
}

// onHeartbeatTimeout reminds all that this server leads. A tick that was under way when it stopped to
// lead is ignored.
func (rf *Raft) onHeartbeatTimeout() {
	if rf.state == leaderState {
		rf.sendHeartbeats()
	}
}

// sendHeartbeats sends to every server, with all entries that it lacks.
func (rf *Raft) sendHeartbeats() {
	for server := range rf.peers {
		if server == rf.me {
			continue
		}
		previous := rf.nextIndex[server] - 1
		go rf.sendHeartbeat(server, AppendEntriesArgs{
			Term: rf.CurrentTerm, LeaderID: rf.me,
			PrevLogIndex: previous, PrevLogTerm: rf.Log[previous].Term,
			Entries:      append([]LogEntry(nil), rf.Log[previous+1:]...),
			LeaderCommit: rf.commitIndex,
		})
	}
}

// sendHeartbeat sends to one server, and hands its reply to the loop.
func (rf *Raft) sendHeartbeat(server int, args AppendEntriesArgs) {
	var reply AppendEntriesReply
	if !rf.call(server, "Raft.AppendEntries", &args, &reply) {
		return
	}
	select {
	case rf.appendAnswers <- appendAnswer{server, args, reply}:
	case <-rf.stopped:
	}
}

// call is an RPC with a time limit of its own: a reply that comes later is as good as none.
func (rf *Raft) call(server int, method string, args interface{}, reply interface{}) bool {
	answered := make(chan bool, 1)
	go func() { answered <- rf.peers[server].Call(method, args, reply) }()
	select {
	case ok := <-answered:
		return ok
	case <-time.After(rpcTimeout):
		return false
	case <-rf.stopped:
		return false
	}
}

// onAppendRequest takes entries from the leader. There is only one in a term: a second one is a mistake
// of this program, and nothing good could follow.
func (rf *Raft) onAppendRequest(args *AppendEntriesArgs, reply *AppendEntriesReply) {
	reply.Term = rf.CurrentTerm
	if args.Term < rf.CurrentTerm {
		return
	}
	if rf.state == leaderState && args.Term == rf.CurrentTerm {
		panic(fmt.Sprintf("ERROR: server %d and server %d both lead in term %d", rf.me, args.LeaderID, args.Term))
	}
	rf.toFollower(args.Term)
	reply.Term = rf.CurrentTerm
	reply.LastIndex = rf.lastIndex()
	if args.PrevLogIndex > rf.lastIndex() || rf.Log[args.PrevLogIndex].Term != args.PrevLogTerm {
		return
	}
	rf.take(args.PrevLogIndex+1, args.Entries)
	reply.Success = true
	if newest := min(args.LeaderCommit, args.PrevLogIndex+len(args.Entries)); newest > rf.commitIndex {
		rf.commitIndex = newest
	}
}

// take puts entries into the log. An entry of another term goes, with all after it; one of the same term
// is the same.
func (rf *Raft) take(index int, entries []LogEntry) {
	for i := range entries {
		if index+i <= rf.lastIndex() && rf.Log[index+i].Term == entries[i].Term {
			continue
		}
		rf.Log = append(append([]LogEntry(nil), rf.Log[:index+i]...), entries[i:]...)
		rf.persist()
		return
	}
}

// onAppendAnswer learns how far a follower is. After a refusal the next heartbeat begins earlier.
func (rf *Raft) onAppendAnswer(answer appendAnswer) {
	server, args, reply := answer.server, answer.args, answer.reply
	if reply.Term > rf.CurrentTerm {
		rf.toFollower(reply.Term)
		return
	}
	if rf.state != leaderState || args.Term != rf.CurrentTerm {
		return
	}
	if !reply.Success {
		earlier := min(args.PrevLogIndex, reply.LastIndex+1)
		if earlier < rf.nextIndex[server] && earlier > rf.matchIndex[server] {
			rf.nextIndex[server] = earlier
		}
		return
	}
	match := args.PrevLogIndex + len(args.Entries)
	if match > rf.matchIndex[server] {
		rf.matchIndex[server] = match
		rf.nextIndex[server] = match + 1
		rf.commit(match)
	}
}

// commit commits up to an index if its entry is of this term, and on a majority.
func (rf *Raft) commit(index int) {
	if index <= rf.commitIndex || rf.Log[index].Term != rf.CurrentTerm {
		return
	}
	count := 1
	for server := range rf.peers {
		if server != rf.me && rf.matchIndex[server] >= index {
			count++
		}
	}
	if count > len(rf.peers)/2 {
		rf.commitIndex = index
	}
}
