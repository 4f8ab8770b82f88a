import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The calls that raft-oracle makes, answered by a Raft: put yours in the place of the toy.
 *
 * <p>Fill in the methods; Protocol.java does the rest. Everything happens inside the call: no sockets, no
 * threads, no clock, no dice. Timers run out when raft-oracle says so.
 */
final class Adapter {
    /** Network is "fifo", if yours relies on connections that keep order. */
    private static final Map<String, Object> HELLO = Map.of(
            "protocol", 1,
            "name", "toy",
            "version", "1",
            "network", "any",
            "observes", List.of("voted_for", "next_index and match_index", "message meanings"),
            "summary", "the toy of the Java scaffold");

    private List<String> names = List.of();
    private final Map<String, Raft.Disk> disks = new HashMap<>();
    private final Map<String, Raft> running = new HashMap<>();

    public static void main(String[] arguments) throws IOException {
        Protocol.serve(HELLO, new Adapter());
    }

    /** Forgets everything, disks too, and starts all servers. */
    List<Protocol.Sent> reset(List<String> servers, Map<String, String> settings) {
        for (String name : settings.keySet()) {
            throw new IllegalArgumentException("setting " + name + ": the toy has none");
        }
        names = servers;
        running.clear();
        List<Protocol.Sent> sent = new ArrayList<>();
        for (String server : servers) {
            disks.put(server, new Raft.Disk());
            sent.addAll(restart(server));
        }
        return sent;
    }

    /** The election timer of a server runs out. */
    List<Protocol.Sent> electionTimeout(String server) {
        running.get(server).electionTimeout();
        return sentBy(server);
    }

    /** One heartbeat interval goes by at a server. */
    List<Protocol.Sent> heartbeatTimeout(String server) {
        running.get(server).heartbeatTimeout();
        return sentBy(server);
    }

    /** A client hands a server a command. */
    List<Protocol.Sent> clientRequest(String server, String command) {
        running.get(server).propose(command);
        return sentBy(server);
    }

    /** A message arrives, as it was sent. */
    List<Protocol.Sent> receive(String server, String from, String message) {
        running.get(server).receive(from, messageOf(message));
        return sentBy(server);
    }

    /** A server stops at once; its disk stays. */
    void crash(String server) {
        running.remove(server);
    }

    /** A server starts from its disk. */
    List<Protocol.Sent> restart(String server) {
        List<String> peers = names.stream().filter(name -> !name.equals(server)).toList();
        running.put(server, new Raft(server, peers, disks.get(server)));
        return sentBy(server);
    }

    /** What there is to be seen of a running server, but for its log. */
    Map<String, Object> view(String server) {
        Raft raft = running.get(server);
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("role", raft.role.name().toLowerCase(Locale.ROOT));
        view.put("term", raft.term);
        view.put("vote", raft.votedFor);
        view.put("commit", raft.commitIndex);
        view.put("applied", raft.lastApplied);
        if (raft.role == Raft.Role.LEADER) {
            view.put("next", new TreeMap<>(raft.nextIndex));
            view.put("match", new TreeMap<>(raft.matchIndex));
        }
        return view;
    }

    /** The whole log of a running server, as pairs of term and content. */
    List<List<Object>> log(String server) {
        return pairs(running.get(server).log);
    }

    private static List<List<Object>> pairs(List<Raft.Entry> entries) {
        List<List<Object>> pairs = new ArrayList<>();
        for (Raft.Entry entry : entries) {
            pairs.add(List.of(entry.term(), entry.command()));
        }
        return pairs;
    }

    /** What a server sent since the last time. */
    private List<Protocol.Sent> sentBy(String server) {
        List<Protocol.Sent> sent = new ArrayList<>();
        for (Raft.Envelope each : running.get(server).outbox) {
            Raft.Message message = each.message();
            String content = Json.write(meaningOf(message, true));
            sent.add(new Protocol.Sent(
                    server, each.to(), content, labelOf(message), meaningOf(message, false)));
        }
        running.get(server).outbox.clear();
        return sent;
    }

    /** A message in one short line; two messages with one label must be the same. */
    private static String labelOf(Raft.Message message) {
        switch (message.type) {
            case "request_vote":
                return "RequestVote t" + message.term
                        + " last " + message.lastLogIndex + "@" + message.lastLogTerm;
            case "request_vote_response":
                return "RequestVote reply t" + message.term + (message.voteGranted ? " yes" : " no");
            case "append_entries":
                StringBuilder entries = new StringBuilder();
                int index = message.prevLogIndex;
                for (Raft.Entry entry : message.entries) {
                    index++;
                    entries.append(" " + index + "@" + entry.term() + ":" + entry.command());
                }
                return "AppendEntries t" + message.term
                        + " prev " + message.prevLogIndex + "@" + message.prevLogTerm
                        + " entries" + entries + " commit " + message.leaderCommit;
            default:
                return "AppendEntries reply t" + message.term
                        + (message.success ? " yes " : " no ") + message.matchIndex;
        }
    }

    /**
     * A message in the words of the paper; leave out what yours does not have. The toy also sends
     * its messages in this form, {@code whole}, with the match_index of a refusal, which is its own.
     */
    private static Map<String, Object> meaningOf(Raft.Message message, boolean whole) {
        Map<String, Object> meaning = new LinkedHashMap<>();
        meaning.put("type", message.type);
        meaning.put("term", message.term);
        switch (message.type) {
            case "request_vote" -> {
                meaning.put("last_log_index", message.lastLogIndex);
                meaning.put("last_log_term", message.lastLogTerm);
            }
            case "request_vote_response" -> meaning.put("vote_granted", message.voteGranted);
            case "append_entries" -> {
                meaning.put("prev_log_index", message.prevLogIndex);
                meaning.put("prev_log_term", message.prevLogTerm);
                meaning.put("entries", pairs(message.entries));
                meaning.put("leader_commit", message.leaderCommit);
            }
            default -> {
                meaning.put("success", message.success);
                if (whole || message.success) {
                    meaning.put("match_index", message.matchIndex);
                }
            }
        }
        return meaning;
    }

    /** The message that {@code meaningOf} wrote whole. */
    private static Raft.Message messageOf(String text) {
        Map<?, ?> fields = (Map<?, ?>) Json.read(text);
        Raft.Message message = new Raft.Message((String) fields.get("type"), number(fields, "term"));
        message.lastLogIndex = (int) number(fields, "last_log_index");
        message.lastLogTerm = number(fields, "last_log_term");
        message.voteGranted = Boolean.TRUE.equals(fields.get("vote_granted"));
        message.prevLogIndex = (int) number(fields, "prev_log_index");
        message.prevLogTerm = number(fields, "prev_log_term");
        message.leaderCommit = (int) number(fields, "leader_commit");
        message.success = Boolean.TRUE.equals(fields.get("success"));
        message.matchIndex = (int) number(fields, "match_index");
        List<Raft.Entry> entries = new ArrayList<>();
        if (fields.get("entries") instanceof List<?> pairs) {
            for (Object each : pairs) {
                List<?> pair = (List<?>) each;
                entries.add(new Raft.Entry((Long) pair.get(0), (String) pair.get(1)));
            }
        }
        message.entries = entries;
        return message;
    }

    /** A number of a message, 0 where it has none. */
    private static long number(Map<?, ?> fields, String name) {
        return fields.get(name) instanceof Long number ? number : 0;
    }
}
