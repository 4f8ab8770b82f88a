package bridge;

import io.microraft.statemachine.StateMachine;
import java.util.List;
import java.util.function.Consumer;

/** The state machine: a digest (FNV-1a) of all commands in their order. */
final class Machine implements StateMachine {

    /** What a new leader appends. */
    static final String NO_OP = "";
    private static final long PRIME = 0x100000001b3L;
    private long digest;

    @Override
    public Object runOperation(long commitIndex, Object operation) {
        if (!operation.equals(NO_OP)) {
            for (char each : (operation + "\n").toCharArray()) {
                digest = (digest ^ each) * PRIME;
            }
        }
        return operation;
    }

    @Override
    public void takeSnapshot(long commitIndex, Consumer<Object> chunks) {
        chunks.accept(digest >>> 32);
        chunks.accept(digest & 0xffffffffL);
    }

    @Override
    public void installSnapshot(long commitIndex, List<Object> chunks) {
        digest = (long) chunks.get(0) << 32 | (long) chunks.get(1);
    }

    @Override
    public Object getNewTermOperation() {
        return NO_OP;
    }

    String digest() {
        return String.format("%016x", digest);
    }
}
