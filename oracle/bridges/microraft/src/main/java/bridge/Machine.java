package bridge;

import io.microraft.statemachine.StateMachine;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The state machine: a key-value store, and a digest (FNV-1a) of all commands in their order. */
final class Machine implements StateMachine {

    /** A client's read, which does not go through the log. */
    record Read(String key) {
    }

    /** What a new leader appends. */
    static final String NO_OP = "";
    private static final long PRIME = 0x100000001b3L;
    private long digest;
    private Map<String, String> values = new TreeMap<>();

    @Override
    public Object runOperation(long commitIndex, Object operation) {
        if (operation instanceof Read read) {
            return values.getOrDefault(read.key, "");
        }
        if (!operation.equals(NO_OP)) {
            for (char each : (operation + "\n").toCharArray()) {
                digest = (digest ^ each) * PRIME;
            }
        }
        String[] parts = operation.toString().split(": ", 2);
        return parts.length == 2 ? execute(parts[1].split(" ")) : "";
    }

    /** A client's write; what is not known changes nothing. */
    private String execute(String[] words) {
        if (words.length == 3 && words[0].equals("set")) {
            values.put(words[1], words[2]);
        } else if (words.length == 3 && words[0].equals("append")) {
            return values.merge(words[1], words[2], String::concat);
        }
        return "";
    }

    @Override
    public void takeSnapshot(long commitIndex, Consumer<Object> chunks) {
        chunks.accept(List.of(digest >>> 32, new TreeMap<>(values)));
        chunks.accept(digest & 0xffffffffL);
    }

    @Override
    @SuppressWarnings("unchecked")
    public void installSnapshot(long commitIndex, List<Object> chunks) {
        List<Object> first = (List<Object>) chunks.get(0);
        digest = (long) first.get(0) << 32 | (long) chunks.get(1);
        values = new TreeMap<>((Map<String, String>) first.get(1));
    }

    @Override
    public Object getNewTermOperation() {
        return NO_OP;
    }

    String digest() {
        return String.format("%016x", digest);
    }
}
