package bridge;

import bridge.Main.IllegalCommand;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.microraft.RaftEndpoint;
import io.microraft.RaftNode;
import io.microraft.model.message.RaftMessage;
import io.microraft.transport.Transport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The whole cluster, and what each command does to it. Messages stay here; their numbers go out. */
final class Cluster {

    private static final long TIMEOUT = Settings.TIMEOUT_SECONDS * 1000L;
    private static final long HEARTBEAT = Settings.HEARTBEAT_SECONDS * 1000L;
    private static final String[] OBSERVES = {
        "voted_for", "next_index and match_index", "applied_digest", "snapshots", "memberships",
        "message meanings", "client histories"};
    private static final String[] OFFERS = {"ChangeMembership", "Compact", "Invoke", "PassTime", "TransferLeadership"};

    private final Map<String, RaftEndpoint> endpoints = new LinkedHashMap<>();
    private final Map<String, Server> running = new LinkedHashMap<>();
    private final Map<String, Disk> disks = new LinkedHashMap<>();
    private final Map<String, Long> clocks = new LinkedHashMap<>();
    private final List<RaftMessage> messages = new ArrayList<>();
    /** What has the same label on the same link is the same message, and has the same number. */
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<RaftEndpoint> voters = new ArrayList<>();
    private Settings settings = new Settings(null);
    private JsonArray sent = new JsonArray();

    boolean survivesErrors() {
        return settings.isOn("survive_errors");
    }

    JsonObject perform(JsonObject command) {
        sent = new JsonArray();
        String operation = command.get("op").getAsString();
        switch (operation) {
            case "hello":
                return hello(command);
            case "reset":
                return reset(command);
            case "pass_time":
                return passTime(command);
            case "crash":
                return stop(server(command));
            case "restart":
                return restart(server(command));
            default:
                return act(operation, server(command), command);
        }
    }

    private JsonObject hello(JsonObject command) {
        if (command.get("protocol").getAsInt() != 1) {
            throw new IllegalCommand("found protocol " + command.get("protocol") + ", expected 1");
        }
        JsonObject reply = new JsonObject();
        reply.addProperty("protocol", 1);
        reply.addProperty("name", "microraft");
        reply.addProperty("version", libraryVersion());
        reply.addProperty("network", "any");
        reply.add("observes", texts(OBSERVES));
        reply.add("offers", texts(OFFERS));
        reply.add("settings", Settings.described());
        reply.addProperty("summary", "MicroRaft, a Raft library in Java");
        return reply;
    }

    /** The version of MicroRaft that runs here, as its archive is called. */
    private static String libraryVersion() {
        String archive = RaftNode.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        return archive.replaceAll(".*microraft-|\\.jar$", "");
    }

    private JsonObject reset(JsonObject command) {
        settings = new Settings(command.getAsJsonObject("settings"));
        settings.config();
        settings.isOn("survive_errors");
        endpoints.clear();
        running.clear();
        disks.clear();
        clocks.clear();
        messages.clear();
        numbers.clear();
        voters.clear();
        command.getAsJsonArray("servers").forEach(name -> endpoints.put(text(name), new Endpoint(text(name))));
        int wanted = settings.number("voters", 0);
        if (wanted > endpoints.size()) {
            throw new IllegalCommand("setting voters: found " + wanted + ", expected at most " + endpoints.size());
        }
        endpoints.values().stream().limit(wanted == 0 ? endpoints.size() : wanted).forEach(voters::add);
        JsonObject views = new JsonObject();
        for (String name : endpoints.keySet()) {
            disks.put(name, new Disk());
            running.put(name, start(name, true, Server.BEGINNING));
        }
        running.forEach((name, server) -> views.add(name, server.changedView()));
        return reply(views);
    }

    /** A server that is no member yet begins as a learner of the others' group. */
    private Server start(String name, boolean isNew, long now) {
        List<RaftEndpoint> members = new ArrayList<>(voters);
        return new Server((Endpoint) endpoints.get(name), disks.get(name), isNew, members, voters, settings, now,
                transport(name));
    }

    private Transport transport(String name) {
        return new Transport() {
            @Override
            public void send(RaftEndpoint target, RaftMessage message) {
                if (target != null) { // a follower that has forgotten its leader answers nobody
                    post(name, target.toString(), message);
                }
            }

            @Override
            public boolean isReachable(RaftEndpoint endpoint) {
                return true;
            }
        };
    }

    private void post(String source, String destination, RaftMessage message) {
        String label = Messages.label(message);
        int number = numbers.computeIfAbsent(source + destination + label, name -> messages.size());
        if (number == messages.size()) {
            messages.add(message);
        }
        JsonObject each = new JsonObject();
        each.addProperty("from", source);
        each.addProperty("to", destination);
        each.addProperty("message", number);
        each.addProperty("label", label);
        each.add("meaning", Messages.meaning(message));
        sent.add(each);
    }

    private JsonObject passTime(JsonObject command) {
        Set<String> fast = new HashSet<>();
        if (command.has("fast") && !settings.isOn("lease_reads")) { // which rest on clocks that agree
            command.getAsJsonArray("fast").forEach(name -> fast.add(text(name)));
        }
        long ticks = command.get("ticks").getAsLong();
        running.forEach((name, server) -> server.passTime(ticks * HEARTBEAT * (fast.contains(name) ? 2 : 1)));
        return new JsonObject();
    }

    private JsonObject stop(String name) {
        Server server = running.remove(name);
        if (server == null) {
            throw new IllegalCommand("found " + name + " down, expected it to run");
        }
        clocks.put(name, server.time.millis());
        server.disk.crash();
        server.clients.hangUp();
        JsonObject reply = new JsonObject();
        reply.add("answers", server.clients.take());
        return reply;
    }

    private JsonObject restart(String name) {
        if (running.containsKey(name)) {
            throw new IllegalCommand("found " + name + " running, expected it to be down");
        }
        Server server = start(name, false, clocks.get(name) + TIMEOUT);
        running.put(name, server);
        JsonObject views = new JsonObject();
        views.add(name, server.changedView());
        return reply(views);
    }

    private JsonObject act(String operation, String name, JsonObject command) {
        Server server = running.get(name);
        if (server == null) {
            throw new IllegalCommand("found " + name + " down, expected it to run");
        }
        switch (operation) {
            case "election_timeout" -> server.electionTimeout();
            case "heartbeat_timeout" -> server.heartbeat(HEARTBEAT);
            case "client_request" -> server.request(text(command.get("command")));
            case "receive" -> server.receive(messages.get(command.get("message").getAsInt()));
            case "invoke" -> server.invoke(command.get("client").getAsInt(), command.get("number").getAsInt(),
                    text(command.get("command")));
            case "compact" -> server.compact();
            case "transfer_leadership" -> server.transferLeadership(endpoint(text(command.get("target"))));
            case "change_membership" -> server.changeMembership(List.copyOf(endpoints.values()),
                    endpoints(command, "voters"), endpoints(command, "learners"));
            default -> throw new IllegalCommand("found op " + operation + ", expected one of the protocol's");
        }
        JsonObject views = new JsonObject();
        JsonObject view = server.changedView();
        if (view != null) {
            views.add(name, view);
        }
        JsonObject reply = reply(views);
        reply.add("answers", server.clients.take());
        return reply;
    }

    private JsonObject reply(JsonObject views) {
        JsonObject reply = new JsonObject();
        reply.add("sent", sent);
        reply.add("views", views);
        return reply;
    }

    private String server(JsonObject command) {
        String name = text(command.get("server"));
        endpoint(name);
        return name;
    }

    private RaftEndpoint endpoint(String name) {
        RaftEndpoint found = endpoints.get(name);
        if (found == null) {
            throw new IllegalCommand("found server " + name + ", expected one of " + endpoints.keySet());
        }
        return found;
    }

    private Collection<RaftEndpoint> endpoints(JsonObject command, String field) {
        List<RaftEndpoint> found = new ArrayList<>();
        command.getAsJsonArray(field).forEach(name -> found.add(endpoint(text(name))));
        return found;
    }

    private static String text(JsonElement element) {
        return element.getAsString();
    }

    private static JsonArray texts(String[] texts) {
        JsonArray all = new JsonArray();
        for (String each : texts) {
            all.add(each);
        }
        return all;
    }
}
