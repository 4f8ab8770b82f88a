package bridge;

import bridge.Main.IllegalCommand;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.microraft.RaftConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings of a run. */
final class Settings {

    static final int HEARTBEAT_SECONDS = 1;
    static final int TIMEOUT_SECONDS = 10;
    /** Name, default, meaning. */
    private static final String[][] KNOWN = {
        {"batch_entries", "1", "appendEntriesRequestBatchSize; an append holds up to one more than that"},
        {"snapshot_entries", "4", "commitCountToTakeSnapshot: a snapshot every so many entries"},
        {"lease_reads", "off", "leaders read by their lease, and all clocks agree (LEADER_LEASE; implies sticky)"},
        {"max_pending", "8", "maxPendingLogEntryCount: a leader refuses commands beyond so many uncommitted entries"},
        {"snapshots_from_followers", "on", "transferSnapshotsFromFollowersEnabled"},
        {"membership", "off", "on: members come and go; even groups then commit with half of their voters"},
        {"sticky", "off", "off: whoever is asked for its vote has not heard from a leader for long"},
        {"survive_errors", "off", "off: an exception that MicroRaft survives and logs is a failure"},
        {"voters", "0", "the cluster begins with so many voters; 0 is all servers"},
    };

    private final Map<String, String> values = new LinkedHashMap<>();

    Settings(JsonObject given) {
        for (String[] known : KNOWN) {
            values.put(known[0], known[1]);
        }
        if (given != null) {
            for (Map.Entry<String, JsonElement> each : given.entrySet()) {
                if (values.replace(each.getKey(), each.getValue().getAsString()) == null) {
                    throw new IllegalCommand("found setting " + each.getKey() + ", expected one of "
                            + String.join(", ", values.keySet()));
                }
            }
        }
    }

    static JsonArray described() {
        JsonArray all = new JsonArray();
        for (String[] known : KNOWN) {
            JsonObject each = new JsonObject();
            each.addProperty("name", known[0]);
            each.addProperty("default", known[1]);
            each.addProperty("meaning", known[2]);
            all.add(each);
        }
        return all;
    }

    RaftConfig config() {
        return RaftConfig.newBuilder().setLeaderHeartbeatPeriodSecs(HEARTBEAT_SECONDS)
                .setLeaderHeartbeatTimeoutSecs(TIMEOUT_SECONDS).setLeaderElectionTimeoutMillis(1000)
                .setAppendEntriesRequestBatchSize(number("batch_entries", 1))
                .setCommitCountToTakeSnapshot(number("snapshot_entries", 1))
                .setMaxPendingLogEntryCount(number("max_pending", 1))
                .setTransferSnapshotsFromFollowersEnabled(isOn("snapshots_from_followers"))
                .setRaftNodeReportPublishPeriodSecs(Integer.MAX_VALUE).build();
    }

    boolean isOn(String name) {
        String text = values.get(name);
        if (!text.equals("on") && !text.equals("off")) {
            throw new IllegalCommand("setting " + name + ": found \"" + text + "\", expected on or off");
        }
        return text.equals("on");
    }

    int number(String name, int least) {
        String text = values.get(name);
        if (!text.matches("\\d{1,9}") || Integer.parseInt(text) < least) {
            throw new IllegalCommand(
                    "setting " + name + ": found \"" + text + "\", expected a number from " + least + " on");
        }
        return Integer.parseInt(text);
    }
}
