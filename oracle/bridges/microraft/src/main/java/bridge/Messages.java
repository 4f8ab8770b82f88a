package bridge;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.microraft.model.groupop.UpdateRaftGroupMembersOp;
import io.microraft.model.log.LogEntry;
import io.microraft.model.message.AppendEntriesFailureResponse;
import io.microraft.model.message.AppendEntriesRequest;
import io.microraft.model.message.AppendEntriesSuccessResponse;
import io.microraft.model.message.InstallSnapshotRequest;
import io.microraft.model.message.InstallSnapshotResponse;
import io.microraft.model.message.PreVoteRequest;
import io.microraft.model.message.PreVoteResponse;
import io.microraft.model.message.RaftMessage;
import io.microraft.model.message.TriggerLeaderElectionRequest;
import io.microraft.model.message.VoteRequest;
import io.microraft.model.message.VoteResponse;
import java.util.Collection;
import java.util.stream.Collectors;

/** Messages as one short line, and in the vocabulary of traces. */
final class Messages {

    private Messages() {
    }

    static String label(RaftMessage message) {
        String term = " t" + message.getTerm();
        if (message instanceof VoteRequest vote) {
            return "request_vote" + term + " last " + vote.getLastLogIndex() + "@" + vote.getLastLogTerm()
                    + (vote.isSticky() ? "" : " transfer");
        } else if (message instanceof VoteResponse vote) {
            return "request_vote_response" + term + (vote.isGranted() ? " granted" : " refused");
        } else if (message instanceof PreVoteRequest vote) {
            return "pre_vote" + term + " last " + vote.getLastLogIndex() + "@" + vote.getLastLogTerm();
        } else if (message instanceof PreVoteResponse vote) {
            return "pre_vote_response" + term + (vote.isGranted() ? " granted" : " refused");
        } else if (message instanceof AppendEntriesRequest append) {
            return "append_entries" + term + " prev " + append.getPreviousLogIndex() + "@"
                    + append.getPreviousLogTerm() + entries(append) + " commit " + append.getCommitIndex()
                    + query(append.getQuerySequenceNumber()) + flow(append.getFlowControlSequenceNumber());
        } else if (message instanceof AppendEntriesSuccessResponse success) {
            return "append_entries_response" + term + " match " + success.getLastLogIndex()
                    + query(success.getQuerySequenceNumber()) + flow(success.getFlowControlSequenceNumber());
        } else if (message instanceof AppendEntriesFailureResponse failure) {
            return "append_entries_response" + term + " rejects next " + failure.getExpectedNextIndex()
                    + flow(failure.getFlowControlSequenceNumber());
        } else if (message instanceof InstallSnapshotRequest install) {
            String chunk = install.getSnapshotChunk() == null ? " announced"
                    : " chunk " + install.getSnapshotChunk().getSnapshotChunkIndex();
            return "install_snapshot" + term + " last " + install.getSnapshotIndex() + "@" + install.getSnapshotTerm()
                    + chunk + (install.isSenderLeader() ? "" : " from a follower")
                    + " held by " + names(install.getSnapshottedMembers())
                    + flow(install.getFlowControlSequenceNumber());
        } else if (message instanceof InstallSnapshotResponse wanted) {
            return "install_snapshot_response" + term + " of " + wanted.getSnapshotIndex() + " wants chunk "
                    + wanted.getRequestedSnapshotChunkIndex() + flow(wanted.getFlowControlSequenceNumber());
        } else if (message instanceof TriggerLeaderElectionRequest trigger) {
            return "timeout_now" + term + " last " + trigger.getLastLogIndex() + "@" + trigger.getLastLogTerm();
        }
        throw new IllegalStateException("found a message " + message.getClass() + ", expected one that is known");
    }

    /** The latest read for which a leader asks whether it still leads. */
    private static String query(long number) {
        return number == 0 ? "" : " query " + number;
    }

    static JsonObject meaning(RaftMessage message) {
        JsonObject meaning = new JsonObject();
        meaning.addProperty("type", "other");
        meaning.addProperty("term", message.getTerm());
        if (message instanceof VoteRequest vote) {
            candidate(meaning, "request_vote", vote.getLastLogIndex(), vote.getLastLogTerm());
            if (!vote.isSticky()) {
                meaning.addProperty("by_transfer", true);
            }
        } else if (message instanceof PreVoteRequest vote) {
            candidate(meaning, "pre_vote", vote.getLastLogIndex(), vote.getLastLogTerm());
        } else if (message instanceof VoteResponse vote) {
            meaning.addProperty("type", "request_vote_response");
            meaning.addProperty("vote_granted", vote.isGranted());
        } else if (message instanceof PreVoteResponse vote) {
            meaning.addProperty("type", "pre_vote_response");
            meaning.addProperty("vote_granted", vote.isGranted());
        } else if (message instanceof AppendEntriesRequest append) {
            meaning.addProperty("type", "append_entries");
            meaning.addProperty("prev_log_index", append.getPreviousLogIndex());
            meaning.addProperty("prev_log_term", append.getPreviousLogTerm());
            meaning.add("entries", pairs(append.getLogEntries()));
            meaning.addProperty("leader_commit", append.getCommitIndex());
        } else if (message instanceof AppendEntriesSuccessResponse success) {
            meaning.addProperty("type", "append_entries_response");
            meaning.addProperty("success", true);
            meaning.addProperty("match_index", success.getLastLogIndex());
        } else if (message instanceof AppendEntriesFailureResponse) {
            meaning.addProperty("type", "append_entries_response");
            meaning.addProperty("success", false);
        } else if (message instanceof InstallSnapshotRequest install && install.isSenderLeader()) {
            meaning.addProperty("type", "install_snapshot");
            meaning.addProperty("last_included_index", install.getSnapshotIndex());
            meaning.addProperty("last_included_term", install.getSnapshotTerm());
        } else if (message instanceof InstallSnapshotResponse) {
            meaning.addProperty("type", "install_snapshot_response");
        } else if (message instanceof TriggerLeaderElectionRequest trigger) {
            candidate(meaning, "timeout_now", trigger.getLastLogIndex(), trigger.getLastLogTerm());
        }
        return meaning;
    }

    /** An entry's content as a view shows it. */
    static String content(Object operation) {
        if (operation instanceof UpdateRaftGroupMembersOp change) {
            return "change to " + names(change.getVotingMembers()) + " of " + names(change.getMembers());
        }
        return String.valueOf(operation);
    }

    static JsonArray pairs(Collection<LogEntry> entries) {
        JsonArray pairs = new JsonArray();
        for (LogEntry entry : entries) {
            JsonArray pair = new JsonArray();
            pair.add(entry.getTerm());
            pair.add(content(entry.getOperation()));
            pairs.add(pair);
        }
        return pairs;
    }

    private static void candidate(JsonObject meaning, String type, long index, int term) {
        meaning.addProperty("type", type);
        meaning.addProperty("last_log_index", index);
        meaning.addProperty("last_log_term", term);
    }

    private static String entries(AppendEntriesRequest append) {
        String text = append.getLogEntries().stream()
                .map(entry -> " " + entry.getIndex() + "@" + entry.getTerm()
                        + (content(entry.getOperation()).isEmpty() ? "" : " " + content(entry.getOperation())))
                .collect(Collectors.joining());
        return text.isEmpty() ? "" : " entries" + text;
    }

    /** MicroRaft numbers requests that want an answer before the next one is sent. */
    private static String flow(long number) {
        return number == 0 ? "" : " flow " + number;
    }

    private static String names(Collection<? extends io.microraft.RaftEndpoint> endpoints) {
        return endpoints.stream().map(Object::toString).sorted().collect(Collectors.joining(" ", "[", "]"));
    }
}
