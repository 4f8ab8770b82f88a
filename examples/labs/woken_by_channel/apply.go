package raft

// wakeApplier lets applyLogToServer look again; one call is enough for all that has happened before.
func (rf *Raft) wakeApplier() {
	select {
	case rf.applySignal <- true:
	default:
	}
}

// applyLogToServer hands everything to the service, one message after the other.
func (rf *Raft) applyLogToServer() {
	for range rf.applySignal {
		for {
			message, there := rf.nextMessage()
			if rf.killed() {
				return
			}
			if !there {
				break
			}
			rf.applyCh <- message
		}
	}
}

// nextMessage is what the service has to get next. A snapshot that arrived goes first; until the service
// has decided about it, nothing else is applied, so that no command comes after a snapshot that has it.
func (rf *Raft) nextMessage() (ApplyMsg, bool) {
	rf.mu.Lock()
	defer rf.mu.Unlock()
	if rf.offerPending {
		return ApplyMsg{}, false
	}
	if rf.offer != nil {
		message := *rf.offer
		rf.offer, rf.offerPending = nil, true
		return message, true
	}
	if rf.lastApplied >= rf.commitIndex {
		return ApplyMsg{}, false
	}
	rf.lastApplied++
	command := rf.log[rf.lastApplied-rf.lastIncludedIndex-1].Command
	return ApplyMsg{CommandValid: true, Command: command, CommandIndex: rf.lastApplied}, true
}
