import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The adapter protocol, version 1: one JSON object a line, each command answered by one line.
 *
 * <p>There is nothing to change here. {@code serve} reads commands, calls the adapter, and writes what
 * it returned; of a log it writes only what differs from what it wrote last.
 */
final class Protocol {
    /** A message that a server sent. */
    record Sent(String from, String to, String message, String label, Map<String, Object> meaning) {}

    private final Map<String, Object> hello;
    private final Adapter adapter;
    private final Map<String, List<List<Object>>> shown = new HashMap<>();

    private Protocol(Map<String, Object> hello, Adapter adapter) {
        this.hello = hello;
        this.adapter = adapter;
    }

    /** Answers commands until there are no more; what the adapter throws is an answer too. */
    static void serve(Map<String, Object> hello, Adapter adapter) throws IOException {
        Protocol protocol = new Protocol(hello, adapter);
        BufferedReader input =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream output = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            Map<String, Object> reply;
            try {
                reply = protocol.reply(line);
            } catch (RuntimeException | Error error) {
                error.printStackTrace();
                reply = Map.of("error", error.toString());
            }
            output.print(Json.write(reply) + "\n");
            output.flush();
        }
    }

    @SuppressWarnings("unchecked") // what JSON holds is looked at where it is used
    private Map<String, Object> reply(String line) {
        Map<String, Object> asked = (Map<String, Object>) Json.read(line);
        String server = (String) asked.get("server");
        switch ((String) asked.get("op")) {
            case "hello":
                return hello;
            case "reset":
                shown.clear();
                List<String> names = (List<String>) asked.get("servers");
                Object settings = asked.getOrDefault("settings", Map.of());
                return answer(adapter.reset(names, (Map<String, String>) settings), names);
            case "crash":
                adapter.crash(server);
                shown.remove(server);
                return Map.of();
            default:
                return answer(call(server, asked), List.of(server));
        }
    }

    /** Does a command at one running server. */
    private List<Sent> call(String server, Map<String, Object> asked) {
        String op = (String) asked.get("op");
        return switch (op) {
            case "election_timeout" -> adapter.electionTimeout(server);
            case "heartbeat_timeout" -> adapter.heartbeatTimeout(server);
            case "client_request" -> adapter.clientRequest(server, (String) asked.get("command"));
            case "receive" ->
                    adapter.receive(server, (String) asked.get("from"), (String) asked.get("message"));
            case "restart" -> adapter.restart(server);
            case "connect", "disconnect" -> List.of();
            default -> throw new IllegalArgumentException("unknown op " + op);
        };
    }

    /** What was sent, and what the servers look like now. */
    private Map<String, Object> answer(List<Sent> sent, List<String> servers) {
        List<Object> messages = new ArrayList<>();
        for (Sent each : sent) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("from", each.from());
            fields.put("to", each.to());
            fields.put("message", each.message());
            fields.put("label", each.label());
            fields.put("meaning", each.meaning());
            messages.add(fields);
        }
        Map<String, Object> views = new LinkedHashMap<>();
        for (String server : servers) {
            views.put(server, view(server));
        }
        return Map.of("sent", messages, "views", views);
    }

    /** A view with the part of its log that was not shown before. */
    private Map<String, Object> view(String server) {
        Map<String, Object> view = adapter.view(server);
        List<List<Object>> log = adapter.log(server);
        List<List<Object>> before = shown.put(server, log);
        if (log.equals(before)) {
            return view;
        }
        int same = 0;
        while (before != null && same < Math.min(log.size(), before.size())
                && log.get(same).equals(before.get(same))) {
            same++;
        }
        view.put("log", Map.of("from", same + 1, "entries", log.subList(same, log.size())));
        return view;
    }
}
