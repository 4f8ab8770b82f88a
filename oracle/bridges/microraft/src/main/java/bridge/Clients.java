package bridge;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.microraft.Ordered;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The clients of one server: who waits for it, and what they were told. */
final class Clients {

    private record Operation(int client, int number) {
    }

    private final List<Operation> waiting = new ArrayList<>();
    private JsonArray told = new JsonArray();

    /** Let a client wait for what comes of its operation; where it fails, the client cannot know. */
    void await(int client, int number, CompletableFuture<Ordered<String>> outcome) {
        Operation operation = new Operation(client, number);
        waiting.add(operation);
        outcome.whenComplete((ordered, failure) -> tell(operation, failure == null ? ordered.getResult() : null));
    }

    private void tell(Operation operation, String output) {
        if (waiting.remove(operation)) {
            JsonObject answer = new JsonObject();
            answer.addProperty("client", operation.client);
            answer.addProperty("number", operation.number);
            answer.addProperty("output", output);
            told.add(answer);
        }
    }

    /** The server crashes: its clients notice, and cannot know what became of their operations. */
    void hangUp() {
        List.copyOf(waiting).forEach(operation -> tell(operation, null));
    }

    /** What clients were told since the last call. */
    JsonArray take() {
        JsonArray found = told;
        told = new JsonArray();
        return found;
    }
}
