package lab

import (
	"errors"
	"fmt"
	"time"
)

// elect lets the second server win an election, with the vote of the third one, if that will do.
func (l *lesson) elect() error {
	name := l.trial.Names()[1]
	if err := l.trial.Do("election_timeout", name); err != nil {
		return err
	}
	if _, leader := l.server(1).asked(); leader {
		return fmt.Errorf("a server leads before anybody voted for it")
	}
	if err := l.seeVote(); err != nil {
		return err
	}
	leader, err := l.comesToLead(1, 2)
	if err == nil && !leader { // it may wait for everybody's answer
		leader, err = l.comesToLead(1, 2, 0)
	}
	if err != nil {
		return err
	}
	if !leader && l.server(1).isSilent() {
		return errors.New("a server that hears from nobody does not ask for votes")
	}
	term, _ := l.state(1)
	if !leader {
		return fmt.Errorf("the second server, in term %d, does not lead when the others have answered it", term)
	}
	l.seeRole("leader", 1)
	l.numbers["vote"].keepOwnVote(l.server(1), l.fresh[1])
	l.seeTerms()
	l.trial.Drop()
	return nil
}

// briefly is how long a server may sleep with its lock held.
const briefly = 50 * time.Millisecond

// seeTerms compares with what GetState says of each server's term, where it says so soon.
func (l *lesson) seeTerms() {
	for place := range l.trial.Names() {
		if !l.isUp(place) {
			continue
		}
		s := l.server(place)
		if _, _, ok := s.answered(); !ok { // it may sleep with its lock held
			s.node.Pass(briefly, func() bool { return s.answer.known })
		}
		if s.answer.known {
			term := s.answer.term + l.fields.TermShift
			l.numbers["term"].keepNumber(s, term, term > 0)
		}
	}
}

// seeVote looks at the third server as soon as it has voted for the second one; some labs forget
// their vote again, which is a mistake for hunts to find. A field that had that value from the
// beginning is not the vote.
func (l *lesson) seeVote() error {
	servers := l.trial.Names()
	for range 3 { // it may be asked for a pre-vote first
		l.seeCandidate()
		if err := l.trial.Deliver(servers[1], servers[2]); err != nil {
			return err
		}
		if voter := l.server(2); voter.known.voteTerm > 0 && !l.asksForPreVote(voter.known.voteTerm) {
			l.numbers["vote"].keepNumber(voter, 1, true)
			l.numbers["vote"].keepChanged(voter, l.fresh[2])
			return nil
		}
		if err := l.trial.Deliver(servers[2], servers[1]); err != nil {
			return err
		}
	}
	l.numbers["vote"].keepNamed(names["vote"]) // nobody was seen to vote
	return nil
}

// asksForPreVote says whether the second server asks for a term that it has not begun: a pre-vote may
// look like any other request for a vote.
func (l *lesson) asksForPreVote(asked int) bool {
	term, _, ok := l.server(1).answered()
	return ok && term+l.fields.TermShift < asked
}

// seeCandidate looks at the second server once it stands, which is later than when its time has
// run out where it asks for pre-votes first. Its own vote has not been there from the beginning.
func (l *lesson) seeCandidate() {
	s := l.server(1)
	term, leads, ok := s.answered()
	if leads || ok && term == l.before || !ok && s.known.stood == 0 || l.roles["candidate"] != nil {
		return
	}
	l.seeRole("candidate", 1)
	before := l.numbers["vote"].left
	l.numbers["vote"].keepChanged(s, l.fresh[1])
	if !l.numbers["vote"].preferNumber(s, 1) {
		l.numbers["vote"].left = before // it may ask itself by an RPC
	}
}

// state is a server's term, and whether it leads; one that holds a lock during a Call gets the time
// to finish it.
func (l *lesson) state(place int) (term int, leads bool) {
	s := l.server(place)
	s.unblock()
	return s.asked()
}

// comesToLead says whether a server leads, at the latest after a while, when it and some others
// hear each other: it may look for votes from time to time only.
func (l *lesson) comesToLead(place int, others ...int) (leads bool, err error) {
	name := l.trial.Names()[place]
	for waited := time.Duration(0); waited < 2*time.Second; waited += 20 * time.Millisecond {
		for _, other := range others {
			if err := l.exchange(place, other); err != nil {
				return false, err
			}
		}
		if _, leads = l.server(place).asked(); leads {
			return true, nil
		}
		if err := l.trial.Advance(name, 20*time.Millisecond); err != nil {
			return false, err
		}
	}
	return false, nil
}

// exchange delivers what two servers have sent each other.
func (l *lesson) exchange(one, other int) error {
	names := l.trial.Names()
	if err := l.trial.Deliver(names[one], names[other]); err != nil {
		return err
	}
	return l.trial.Deliver(names[other], names[one])
}

// depose lets the first server win: then its number is not that of the term, as in the first election.
func (l *lesson) depose() error {
	names := l.trial.Names()
	l.complete = l.hasApplied(0)
	l.agreed = min(l.server(0).applied.index, l.server(1).applied.index, l.server(2).applied.index)
	if err := l.trial.Do("election_timeout", names[0]); err != nil {
		return err
	}
	if err := l.seeSecondVote(); err != nil {
		return err
	}
	leads, err := l.comesToLead(0, 1, 2)
	if err != nil {
		return err
	}
	if !leads {
		l.note("The first server did not win the second election.")
		return nil
	}
	l.seeRole("leader", 0)
	l.seeRole("follower", 1)
	l.numbers["vote"].keepOwnVote(l.server(0), l.fresh[0])
	l.seeTerms()
	return nil
}

// seeSecondVote looks at the second server as soon as it has voted for the first one.
func (l *lesson) seeSecondVote() error {
	names := l.trial.Names()
	for range 3 {
		if err := l.trial.Deliver(names[0], names[1]); err != nil {
			return err
		}
		if voter := l.server(1); voter.known.voteTerm > 0 && voter.known.voteFor == 0 {
			l.numbers["vote"].preferNumber(voter, 0)
			return nil
		}
		if err := l.trial.Deliver(names[1], names[0]); err != nil {
			return err
		}
	}
	return nil
}
