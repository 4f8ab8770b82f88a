package bridge;

import io.microraft.RaftEndpoint;

/** A server's name, as the protocol has it. */
record Endpoint(String name) implements RaftEndpoint {

    @Override
    public Object getId() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }
}
