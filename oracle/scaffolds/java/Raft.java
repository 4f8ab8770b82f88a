import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A toy Raft that makes the adapter run at once: Figure 2 of the paper, without snapshots.
 *
 * <p>Replace this file by your own implementation. It owns no network, clock or thread; what it sends
 * goes into {@code outbox}, and what must survive a crash into {@code disk}.
 */
final class Raft {
    enum Role { FOLLOWER, CANDIDATE, LEADER }

    /** The no-op of a new leader has an empty command. */
    record Entry(long term, String command) {}

    /** What a server keeps over a crash. */
    static final class Disk {
        long term;
        String votedFor;
        List<Entry> log = List.of();
    }

    /** An RPC or its reply; fields that a type does not use stay as they are here. */
    static final class Message {
        final String type;
        final long term;
        int lastLogIndex;
        long lastLogTerm;
        boolean voteGranted;
        int prevLogIndex;
        long prevLogTerm;
        List<Entry> entries = List.of();
        int leaderCommit;
        boolean success;

        /** What a reply acknowledges; in a refusal, where the log may still match. */
        int matchIndex;

        Message(String type, long term) {
            this.type = type;
            this.term = term;
        }
    }

    /** A message on its way. */
    record Envelope(String to, Message message) {}

    final String name;
    final List<String> peers;
    final Disk disk;
    Role role = Role.FOLLOWER;
    long term;
    String votedFor;
    final List<Entry> log;
    int commitIndex;
    int lastApplied;
    final Map<String, Integer> nextIndex = new HashMap<>();
    final Map<String, Integer> matchIndex = new HashMap<>();
    final List<Envelope> outbox = new ArrayList<>();
    private final Set<String> votes = new HashSet<>();

    /** Starts a server from its disk. */
    Raft(String name, List<String> peers, Disk disk) {
        this.name = name;
        this.peers = peers;
        this.disk = disk;
        term = disk.term;
        votedFor = disk.votedFor;
        log = new ArrayList<>(disk.log);
    }

    /** Stands for election, unless leading. */
    void electionTimeout() {
        if (role == Role.LEADER) {
            return;
        }
        role = Role.CANDIDATE;
        term++;
        votedFor = name;
        votes.clear();
        votes.add(name);
        persist();
        for (String peer : peers) {
            Message request = new Message("request_vote", term);
            request.lastLogIndex = log.size();
            request.lastLogTerm = termAt(log.size());
            send(peer, request);
        }
        countVotes();
    }

    /** Sends what each follower lacks, or nothing but the news that there is a leader. */
    void heartbeatTimeout() {
        if (role == Role.LEADER) {
            peers.forEach(this::sendEntries);
        }
    }

    /** Appends a client's command, if leading. */
    void propose(String command) {
        if (role == Role.LEADER) {
            log.add(new Entry(term, command));
            persist();
            heartbeatTimeout();
            advanceCommit();
        }
    }

    /** Handles an RPC or a reply. */
    void receive(String source, Message message) {
        if (message.term > term) {
            role = Role.FOLLOWER;
            term = message.term;
            votedFor = null;
            persist();
        }
        switch (message.type) {
            case "request_vote" -> onRequestVote(source, message);
            case "request_vote_response" -> onVote(source, message);
            case "append_entries" -> onAppendEntries(source, message);
            case "append_entries_response" -> onAppendReply(source, message);
            default -> throw new IllegalArgumentException("unknown message " + message.type);
        }
    }

    /** At most one vote a term, and only to who is up to date (section 5.4.1). */
    private void onRequestVote(String source, Message asked) {
        long lastTerm = termAt(log.size());
        boolean upToDate = asked.lastLogTerm > lastTerm
                || asked.lastLogTerm == lastTerm && asked.lastLogIndex >= log.size();
        boolean isFree = votedFor == null || votedFor.equals(source);
        Message reply = new Message("request_vote_response", term);
        reply.voteGranted = asked.term == term && isFree && upToDate;
        if (reply.voteGranted) {
            votedFor = source;
            persist();
        }
        send(source, reply);
    }

    private void onVote(String source, Message reply) {
        if (role == Role.CANDIDATE && reply.term == term && reply.voteGranted) {
            votes.add(source);
            countVotes();
        }
    }

    private void countVotes() {
        if (votes.size() < majority()) {
            return;
        }
        role = Role.LEADER;
        for (String peer : peers) {
            nextIndex.put(peer, log.size() + 1);
            matchIndex.put(peer, 0);
        }
        propose("");
    }

    /** Appends what follows a matching entry; deletes what conflicts, and only that. */
    private void onAppendEntries(String source, Message sent) {
        Message reply = new Message("append_entries_response", term);
        int prev = sent.prevLogIndex;
        if (sent.term < term) {
            send(source, reply);
            return;
        }
        role = Role.FOLLOWER;
        if (prev > log.size() || termAt(prev) != sent.prevLogTerm) {
            reply.matchIndex = Math.min(prev - 1, log.size());
            send(source, reply);
            return;
        }
        int index = prev;
        for (Entry entry : sent.entries) {
            index++;
            if (index <= log.size() && termAt(index) != entry.term()) {
                log.subList(index - 1, log.size()).clear();
            }
            if (index > log.size()) {
                log.add(entry);
            }
        }
        persist();
        commit(Math.min(sent.leaderCommit, index));
        reply.success = true;
        reply.matchIndex = index;
        send(source, reply);
    }

    /** Notes what a follower holds, or goes back to where its log may match. */
    private void onAppendReply(String source, Message reply) {
        if (role != Role.LEADER || reply.term != term) {
            return;
        }
        int next = nextIndex.get(source);
        int match = matchIndex.get(source);
        if (reply.success) {
            match = Math.max(match, reply.matchIndex);
            matchIndex.put(source, match);
            nextIndex.put(source, Math.max(next, match + 1));
            advanceCommit();
        } else {
            nextIndex.put(source, Math.max(match + 1, Math.min(next - 1, reply.matchIndex + 1)));
            sendEntries(source);
        }
    }

    /** Commits what a majority holds, if it is of this term (section 5.4.2). */
    private void advanceCommit() {
        List<Integer> held = new ArrayList<>(matchIndex.values());
        held.add(log.size());
        held.sort(Collections.reverseOrder());
        int index = held.get(majority() - 1);
        if (termAt(index) == term) {
            commit(index);
        }
    }

    /** The toy's state machine is its log. */
    private void commit(int index) {
        commitIndex = Math.max(commitIndex, index);
        lastApplied = commitIndex;
    }

    private void sendEntries(String peer) {
        Message message = new Message("append_entries", term);
        message.prevLogIndex = nextIndex.get(peer) - 1;
        message.prevLogTerm = termAt(message.prevLogIndex);
        message.entries = List.copyOf(log.subList(message.prevLogIndex, log.size()));
        message.leaderCommit = commitIndex;
        send(peer, message);
    }

    private void send(String peer, Message message) {
        outbox.add(new Envelope(peer, message));
    }

    private void persist() {
        disk.term = term;
        disk.votedFor = votedFor;
        disk.log = List.copyOf(log);
    }

    private long termAt(int index) {
        return index > 0 ? log.get(index - 1).term() : 0;
    }

    private int majority() {
        return (peers.size() + 1) / 2 + 1;
    }
}
