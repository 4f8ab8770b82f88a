package raft

// BackMe asks for a vote.
type BackMe struct {
	Team     int
	Who      int
	TailId   int
	TailTeam int
}

// Backing answers BackMe.
type Backing struct {
	Team int
	Yes  bool
}

// Catch replicates items, or is a heartbeat.
type Catch struct {
	Team     int
	Boss     int
	FormerId int
	FormerTe int
	Stuff    []Item
	SafeId   int
}

// Caught answers Catch; Resume is where the leader goes on.
type Caught struct {
	Team   int
	Fine   bool
	Resume int
}

// Back is the handler of a candidate's request.
func (rf *Raft) Back(args *BackMe, reply *Backing) {
	rf.mutex_.Lock()
	defer rf.mutex_.Unlock()
	if args.Team > rf.cterm_ {
		rf.join(args.Team)
	}
	reply.Team = rf.cterm_
	id, team := rf.tail()
	isBehind := args.TailTeam < team || args.TailTeam == team && args.TailId < id
	if args.Team < rf.cterm_ || isBehind || rf.backing_ != -1 && rf.backing_ != args.Who {
		return
	}
	rf.backing_ = args.Who
	rf.persist()
	rf.wait()
	reply.Yes = true
}

func (rf *Raft) wakeUp() {
	rf.mode_ = awake
	rf.cterm_++
	rf.backing_ = rf.my_id_
	rf.backers_ = 1
	rf.persist()
	id, team := rf.tail()
	for peer := range rf.ends_ {
		if peer != rf.my_id_ {
			go rf.askBacking(peer, &BackMe{rf.cterm_, rf.my_id_, id, team})
		}
	}
}

func (rf *Raft) askBacking(peer int, args *BackMe) {
	reply := &Backing{}
	if !rf.ends_[peer].Call("Raft.Back", args, reply) {
		return
	}
	rf.mutex_.Lock()
	defer rf.mutex_.Unlock()
	if reply.Team > rf.cterm_ {
		rf.join(reply.Team)
	}
	if rf.mode_ != awake || rf.cterm_ != args.Team || !reply.Yes {
		return
	}
	rf.backers_++
	if rf.backers_ > len(rf.ends_)/2 {
		rf.mode_ = boss
		for i := range rf.ends_ {
			rf.upcoming_[i] = len(rf.items_)
			rf.confirmed_[i] = -1
		}
		rf.syncAll()
	}
}

// CatchUp is the handler of a leader's request.
func (rf *Raft) CatchUp(args *Catch, reply *Caught) {
	rf.mutex_.Lock()
	defer rf.mutex_.Unlock()
	if args.Team > rf.cterm_ {
		rf.join(args.Team)
	}
	reply.Team = rf.cterm_
	if args.Team < rf.cterm_ {
		return
	}
	rf.mode_ = asleep
	rf.wait()
	if id, _ := rf.tail(); args.FormerId > id {
		reply.Resume = id + 1
		return
	}
	if rf.teamOf(args.FormerId) != args.FormerTe {
		reply.Resume = args.FormerId
		return
	}
	for i, item := range args.Stuff {
		id := args.FormerId + 1 + i
		if id < len(rf.items_) && rf.items_[id].Team != item.Team {
			rf.items_ = rf.items_[:id:id]
		}
		if id >= len(rf.items_) {
			rf.items_ = append(rf.items_, item)
		}
	}
	rf.persist()
	reply.Fine = true
	reply.Resume = args.FormerId + 1 + len(args.Stuff)
	rf.commit(min(args.SafeId, args.FormerId+len(args.Stuff)))
}

func (rf *Raft) syncAll() {
	for peer := range rf.ends_ {
		if peer == rf.my_id_ {
			continue
		}
		former := rf.upcoming_[peer] - 1
		stuff := append([]Item{}, rf.items_[former+1:]...)
		go rf.sync(peer, &Catch{rf.cterm_, rf.my_id_, former, rf.teamOf(former), stuff, rf.commit_id_})
	}
}

func (rf *Raft) sync(peer int, args *Catch) {
	reply := &Caught{}
	if !rf.ends_[peer].Call("Raft.CatchUp", args, reply) {
		return
	}
	rf.mutex_.Lock()
	defer rf.mutex_.Unlock()
	if reply.Team > rf.cterm_ {
		rf.join(reply.Team)
	}
	if rf.mode_ != boss || rf.cterm_ != args.Team {
		return
	}
	if !reply.Fine {
		if rf.upcoming_[peer] == args.FormerId+1 {
			rf.upcoming_[peer] = max(reply.Resume, rf.confirmed_[peer]+1)
		}
		return
	}
	rf.confirmed_[peer] = max(rf.confirmed_[peer], reply.Resume-1)
	rf.upcoming_[peer] = max(rf.upcoming_[peer], reply.Resume)
	rf.count(rf.confirmed_[peer])
}

// Count commits up to an id if a majority has confirmed it, and if it is of this team.
func (rf *Raft) count(id int) {
	backed := 1
	for peer, confirmed := range rf.confirmed_ {
		if peer != rf.my_id_ && confirmed >= id {
			backed++
		}
	}
	if id >= 0 && backed*2 > len(rf.ends_) && rf.items_[id].Team == rf.cterm_ {
		rf.commit(id)
	}
}
