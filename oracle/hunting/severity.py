"""Which violations are unsafe, and which are only untidy.

Unsafe is what can cost a client something: an acknowledged command that is lost, two leaders in one
term, state machines that differ, or no answer for ever. Untidy is what contradicts the letter of
Figure 2 and, by itself, does none of that; what it leads to, if anything, breaks another property,
which a hunt that goes on will find.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final

from attrs import frozen

from model.failures import SUBJECT_FAILED
from model.world.fair_schedule import CHANGE_COMPLETES, CHANGE_PROGRESS, CLIENT_PROGRESS, PROGRESS
from oracle.adapter.wrong_guess import GUESS
from properties.property import Violation, shape_of
from properties.rules.conforms import CONFORMS


@frozen(kw_only=True)
class Waste:
    """Something that the program around an unmodified Raft reports, and that costs no more than
    processors or memory."""

    name: str
    """What its folder is called; other folders have the names of what is broken."""
    says: str
    """What stands in the report."""
    setting: str
    value: str
    """The setting, and its value, with which a hunt goes on past it."""
    reason: str
    """Why it is only untidy."""


WRONG_GUESS: Final = re.compile(rf"{GUESS}(\w+)=")
"""How the program around a lab reports that a field is not what it was taken for."""
WASTE: Final = (
    Waste(
        name="BusyLoop",
        says=": busy loop",
        setting="busy_loops",
        value="sleep",
        reason="a loop without a pause heats a processor, and is otherwise as good as one that "
        "sleeps",
    ),
    Waste(
        name="GoroutineLeak",
        says=": goroutine leak",
        setting="leaks",
        value="keep",
        reason="goroutines that wait for ever cost memory, until there is none left",
    ),
)
"""All that is reported and only wasteful."""


class Severity(Enum):
    """How much a violation matters."""

    UNSAFE = "unsafe"
    UNTIDY = "untidy"


UNTIDY: Final[Mapping[str, str]] = {
    "VoteOnce": "a vote that is forgotten harms nobody where nobody counted it; where two "
    "candidates count it, ElectionSafety says so",
    "CommitMonotonic": "a server that forgets what is committed learns it again; where commands "
    "are executed again, AppliedMonotonic says so, and where entries are lost, CommittedOnQuorum",
    "CommitRises": "what a server forgets of what is committed, it learns again",
    "NewerTermAdopted": "who stays in an older term costs elections; where it stores what is "
    "newer, EntriesWithinTerm says so",
    "MatchMonotonic": "a leader that forgets what it knew of a follower sends it again; one that "
    "counts too much breaks CommittedOnQuorum",
    "NextAboveMatch": "a next index that is too low sends entries twice; followers keep them once",
    "TermHasCause": "a term may be skipped: who leads in it still needs a majority of votes",
    "NewTermFreesVote": "a vote that is carried into a new term was never sent; where it keeps all "
    "from being elected, Progress says so",
    "VoteHasCause": "a vote that nobody asked for is counted by nobody; where it is counted, "
    "LeaderHasMajority says so",
    "CandidateInNewTerm": "who stands again in its term asks voters that give one vote a term; "
    "where they give two, ElectionSafety says so",
    "LeaderWasCandidate": "who has the votes of a majority is elected, whatever it called itself "
    "before; LeaderHasMajority counts them",
    "OnlyCandidatesAsk": "who still asks for votes when it has stepped down needs a majority too",
    "VoteIsRefused": "a vote that is refused without need delays an election; where it does so "
    "for ever, Progress says so",
    "AppendIsRefused": "entries that are refused without need are sent again; where that never "
    "ends, Progress says so",
    "RequestTellsLog": "who names another last entry than its own is compared wrongly; where it "
    "wins without committed entries, LeaderCompleteness says so",
    "MatchIsAcknowledged": "a leader that counts a copy which nobody promised may be "
    "right; where it commits by one that is not there, LeaderCommitsMajority says so",
    "EndGoesEarly": "entries that the leader never had are deleted before any takes their place",
    "SuccessorIsComplete": "who is asked to take over too early loses the election, as its log "
    "is not up-to-date",
}
"""What is only untidy, each with the reason why."""

UNSAFE: Final[Mapping[str, str]] = {
    "ElectionSafety": "two leaders of one term commit different entries at one index",
    "LeaderAppendOnly": "a leader that deletes entries may have told others that it holds them",
    "LogMatching": "what is committed by one entry stands for different logs",
    "LeaderHadMajority": "two servers that lead without a majority overwrite each other's entries",
    "LearnersFollow": "nobody has agreed that it may lead, or that its vote counts",
    "ConfigurationHasEntry": "it counts with servers on which nobody has agreed",
    "ConfigurationIsLatest": "it counts with other servers than the entries of its log say",
    "ConfigurationIsKept": "majorities of what it forgot and of what others know need not meet",
    "LeaderCompleteness": "a leader without a committed entry overwrites it elsewhere",
    "StateMachineSafety": "state machines have executed different commands",
    "MachinesAgree": "state machines that should be the same differ",
    "MembershipAgrees": "majorities of different configurations need not meet",
    "Linearizable": "a client got an answer that no single server could have given",
    "TermMonotonic": "a term that was over begins again, with new votes in it",
    "LedTermIsKept": "it may be elected in that term again, and lead it with another log",
    "AppliedMonotonic": "commands are executed again",
    "IndexOrder": "a command is executed that is not committed, or not in the log",
    "EntriesWithinTerm": "it votes and leads in terms that are over elsewhere",
    "OnlyVotersLead": "nobody has agreed that it may lead",
    "OwnTermCommits": "Figure 8 of the paper: such an entry can still be overwritten",
    "CommittedOnQuorum": "the next leader may not have the entry",
    "TermRises": "a term that was over begins again, with new votes in it",
    "VoteToUpToDate": "the winner may lack committed entries",
    "LeaderHasMajority": "another server may win the same term",
    "LeaderKeepsEntries": "a leader that deletes entries may have told others that it holds them",
    "CommittedStays": "a command that clients rely on is gone",
    "OnlyConflictsGo": "entries that were acknowledged are gone",
    "EntriesInOrder": "terms decide which log is up-to-date, and these mislead",
    "LeaderAppendsOwn": "an entry of another term looks like another leader's",
    "FollowerAppendsSent": "entries that no leader sent, or after an entry that does not match",
    "CommitWithinLog": "whatever comes to stand there next will be executed",
    "LeaderCommitsOwnTerm": "Figure 8 of the paper: such an entry can still be overwritten",
    "LeaderCommitsMajority": "the next leader may not have the entry",
    "FollowerCommitsTold": "what stands in this log there may not be what the leader committed",
    "CommittedIsApplied": "a command is executed that may never be committed",
    "AppliedInOrder": "a command is left out, or executed again",
    "AppliedAsStored": "another command is executed than the one that was agreed on",
    "SnapshotIsKnown": "the state machine holds what may never be committed",
    "SnapshotReplacesConflict": "entries stay that contradict the snapshot",
    "ChangeIsOneStep": "majorities of the old and the new configuration need not meet",
    "ChangeFollowsCommit": "majorities of two open changes need not meet",
    "ReceivedByItself": "what is shown contradicts how the servers were driven",
    "ReceivedWasSent": "what is shown contradicts how the servers were driven",
    "SentByItself": "what is shown contradicts how the servers were driven",
    "SentInOwnTerm": "whoever was leader of one term speaks with the authority of another",
    "OnlyLeadersLead": "followers obey a server that nobody elected",
    "TransferWasAsked": "voters that have promised their leader a lease vote all the same",
    "PreviousEntryIsOwn": "followers compare with an entry that the leader does not have",
    "EntriesAreOwn": "followers store what the leader does not have",
    "CommitIsOwn": "followers execute what the leader has not committed",
    "SnapshotIsCommitted": "followers install what may never be committed",
    "VoteIsGranted": "two candidates, or one without the committed entries, may count this vote",
    "AcknowledgedIsHeld": "the leader counts a copy that is not there",
    "AcknowledgedWasSent": "the leader counts a copy of something else",
    "AcceptedIsStored": "the leader counts a copy that is not there",
    "LateIsOfOwnTerm": "followers obey a server that did not lead in that term",
    "TermIsKept": "after a crash it can vote again in the same term",
    "VoteIsKept": "after a crash it can vote for another in the same term",
    "LogIsKept": "an entry that it acknowledged is gone after a crash",
    "RestartCommitsKnown": "what it takes for committed may never be",
    PROGRESS: "clients or operators wait for ever, though all servers run and hear each other",
    CLIENT_PROGRESS: "a client waits for ever, though requests are committed",
    CHANGE_PROGRESS: "a change of the configuration never ends",
    CHANGE_COMPLETES: "the configuration can never be changed again",
    CONFORMS: "it stands for all rules at once, unsafe ones among them",
    SUBJECT_FAILED: "the program has ended, hangs, or contradicts itself",
}
"""What is unsafe, each with the harm that it can do."""


def waste_in(violation: Violation) -> Waste | None:
    """What a subject reports that is only wasteful; None if it is something else."""
    if violation.property != SUBJECT_FAILED:
        return None
    return next((each for each in WASTE if each.says in violation.detail), None)


def wrong_guess_in(violation: Violation) -> str:
    """The field for which a program of a lab took another one, as it reports; empty if it does not.

    That is no violation by the lab: what rests on the guess is not checked any more.
    """
    if violation.property != SUBJECT_FAILED:
        return ""
    found = WRONG_GUESS.search(violation.detail)
    return found[1] if found else ""


def severity_of(violation: Violation) -> Severity:
    """How much a violation matters."""
    if waste_in(violation) or wrong_guess_in(violation) or violation.property in UNTIDY:
        return Severity.UNTIDY
    return Severity.UNSAFE


def known_as(violation: Violation) -> str:
    """What is ignored once a violation is known: its property, or its shape if it is unsafe."""
    is_untidy = severity_of(violation) is Severity.UNTIDY
    return violation.property if is_untidy else shape_of(violation)


def reason_of(violation: Violation) -> str:
    """Why a violation is unsafe, or only untidy."""
    if wrong_guess_in(violation):
        return "a field is not what it was taken for: what it would show is checked no more"
    if waste := waste_in(violation):
        return waste.reason
    return UNTIDY.get(violation.property) or UNSAFE[violation.property]
