package bridge;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * A cluster of MicroRaft servers behind raft-oracle's adapter protocol, version 1: one JSON object
 * a line comes in, one goes out. Everything runs in this one thread, on clocks that only the
 * commands move.
 */
public final class Main {

    private static final Gson GSON = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

    private Main() {
    }

    public static void main(String[] arguments) throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream output = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8");
        Cluster cluster = new Cluster();
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            output.print(GSON.toJson(answer(cluster, line)));
            output.print('\n');
            output.flush();
        }
    }

    /** The reply to one line; what MicroRaft throws is a finding. */
    private static JsonObject answer(Cluster cluster, String line) {
        ErrorLog.INSTANCE.take();
        try {
            JsonObject reply = cluster.perform(GSON.fromJson(line, JsonObject.class));
            String failure = ErrorLog.INSTANCE.take();
            return failure == null || cluster.survivesErrors() ? reply : error(failure);
        } catch (IllegalCommand unfit) {
            return error(unfit.getMessage());
        } catch (RuntimeException | AssertionError failure) {
            return error(ErrorLog.describe(failure));
        }
    }

    private static JsonObject error(String text) {
        JsonObject reply = new JsonObject();
        reply.addProperty("error", text);
        return reply;
    }

    /** A command or a setting that does not fit. */
    static final class IllegalCommand extends RuntimeException {
        IllegalCommand(String text) {
            super(text);
        }
    }
}
