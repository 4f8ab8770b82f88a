package bridge;

import static io.microraft.MembershipChangeMode.ADD_LEARNER;
import static io.microraft.MembershipChangeMode.ADD_OR_PROMOTE_TO_FOLLOWER;
import static io.microraft.MembershipChangeMode.REMOVE_MEMBER;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.microraft.MembershipChangeMode;
import io.microraft.Ordered;
import io.microraft.QueryPolicy;
import io.microraft.RaftEndpoint;
import io.microraft.RaftNode;
import io.microraft.RaftRole;
import io.microraft.impl.RaftNodeImpl;
import io.microraft.impl.log.RaftLog;
import io.microraft.impl.state.FollowerState;
import io.microraft.impl.state.LeaderState;
import io.microraft.impl.state.RaftGroupMembersState;
import io.microraft.impl.state.RaftState;
import io.microraft.model.log.LogEntry;
import io.microraft.model.message.PreVoteRequest;
import io.microraft.model.message.RaftMessage;
import io.microraft.model.message.VoteRequest;
import io.microraft.transport.Transport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** One server. */
final class Server {

    /** Where a clock begins: no leader was heard for long. */
    static final long BEGINNING = 1_000_000_000L;
    private static final long TIMEOUT = Settings.TIMEOUT_SECONDS * 1000L;

    final Disk disk;
    final Timeline time;
    final Clients clients = new Clients();
    private final Machine machine = new Machine();
    private final boolean isSticky;
    private final boolean hasLeases;
    private final boolean changesMembers;
    private final RaftNodeImpl node;
    private JsonObject shown;
    private List<LogEntry> shownLog = List.of();
    private long shownFirst = 1;

    /** Start with an empty disk, or with what is on it. */
    Server(Endpoint name, Disk disk, boolean isNew, List<RaftEndpoint> members, List<RaftEndpoint> voters,
            Settings settings, long now, Transport transport) {
        this.disk = disk;
        this.time = new Timeline(now);
        this.hasLeases = settings.isOn("lease_reads");
        this.isSticky = settings.isOn("sticky") || hasLeases;
        this.changesMembers = settings.isOn("membership");
        RaftNode.RaftNodeBuilder builder = RaftNode.newBuilder().setGroupId("group").setConfig(settings.config())
                .setExecutor(time).setTransport(transport).setStateMachine(machine).setStore(disk)
                .setRandom(new NoNoise()).setClock(time);
        if (isNew) {
            builder.setLocalEndpoint(name).setInitialGroupMembers(members, voters);
        } else {
            builder.setRestoredState(disk.restored());
        }
        node = (RaftNodeImpl) builder.build();
        node.start();
        time.settle();
    }

    /** Election timeouts without their random part. */
    private static final class NoNoise extends Random {
        @Override
        public int nextInt(int bound) {
            return 0;
        }
    }

    void passTime(long milliseconds) {
        time.pass(milliseconds);
    }

    /**
     * The election timer runs out. Where leases are relied on, it does so only by the common clock while a leader was
     * heard lately.
     */
    void electionTimeout() {
        if (!hasLeases || node.state().leaderState() != null || node.isLeaderHeartbeatTimeoutElapsed()) {
            timeout(TIMEOUT);
        }
    }

    private void timeout(long milliseconds) {
        time.pass(milliseconds);
        time.doWhatIsDue(() -> node.state().term());
    }

    /**
     * A heartbeat interval goes by; a leader has waited long enough for answers, and sends again. Where leases are
     * relied on, who follows has the common clock alone.
     */
    void heartbeat(long milliseconds) {
        LeaderState leads = node.state().leaderState();
        if (hasLeases && leads == null) {
            return;
        }
        if (leads != null) {
            leads.getFollowerStates().values().forEach(FollowerState::resetRequestBackoff);
        }
        timeout(milliseconds);
    }

    void receive(RaftMessage message) {
        boolean isVoteAsked = message instanceof VoteRequest || message instanceof PreVoteRequest;
        if (isVoteAsked && !isSticky && node.state().role() != RaftRole.LEADER) {
            time.pass(TIMEOUT);
        }
        node.handle(message);
        time.settle();
    }

    void request(String command) {
        node.replicate(command);
        time.settle();
    }

    /** A client's operation: a read asks a quorum whether this server still leads, or rests on its lease. */
    void invoke(int client, int number, String command) {
        String[] words = command.split(" ");
        QueryPolicy policy = hasLeases ? QueryPolicy.LEADER_LEASE : QueryPolicy.LINEARIZABLE;
        CompletableFuture<Ordered<String>> outcome = words.length == 2 && words[0].equals("get")
                ? node.query(new Machine.Read(words[1]), policy, Optional.empty(), Optional.empty())
                : node.replicate("client " + client + " #" + number + ": " + command);
        clients.await(client, number, outcome);
        time.settle();
    }

    void compact() {
        if (node.state().role() != RaftRole.CANDIDATE && node.state().commitIndex() > 0) {
            node.takeSnapshot();
            time.settle();
        }
    }

    void transferLeadership(RaftEndpoint target) {
        node.transferLeadership(target);
        time.settle();
    }

    /** Ask for the first change that leads from the present members to the wanted ones. */
    void changeMembership(List<RaftEndpoint> all, Collection<RaftEndpoint> voters, Collection<RaftEndpoint> learners) {
        RaftGroupMembersState present = node.state().effectiveGroupMembers();
        for (RaftEndpoint each : all) {
            MembershipChangeMode mode = null;
            if (voters.contains(each) && !present.isVotingMember(each)) {
                mode = ADD_OR_PROMOTE_TO_FOLLOWER;
            } else if (!voters.contains(each) && learners.contains(each) && !present.isKnownMember(each)) {
                mode = ADD_LEARNER;
            } else if (!voters.contains(each) && !learners.contains(each) && present.isKnownMember(each)) {
                mode = REMOVE_MEMBER;
            }
            if (mode != null && changesMembers) {
                node.changeMembership(each, mode, node.state().committedGroupMembers().getLogIndex());
                time.settle();
                return;
            }
        }
    }

    /** The view, if it is another than the last one. */
    JsonObject changedView() {
        JsonObject view = view();
        RaftLog log = node.state().log();
        List<LogEntry> entries = entries(log);
        long first = entries.isEmpty() ? log.lastLogOrSnapshotIndex() + 1 : entries.get(0).getIndex();
        JsonArray snapshot = new JsonArray();
        snapshot.add(first - 1);
        if (first == 1) {
            snapshot.add(0);
        } else {
            snapshot.add(first - 1 == log.snapshotIndex() ? log.snapshotEntry().getTerm() : null);
        }
        view.add("snapshot", snapshot);
        long changed = firstChange(first, entries);
        boolean isSame = shown != null && changed == first + entries.size() && shownFirst + shownLog.size() == changed;
        if (isSame && view.equals(shown)) {
            return null;
        }
        shown = view.deepCopy();
        if (!isSame) {
            JsonObject tail = new JsonObject();
            tail.addProperty("from", changed);
            tail.add("entries", Messages.pairs(entries.subList((int) (changed - first), entries.size())));
            view.add("log", tail);
        }
        shownLog = entries;
        shownFirst = first;
        return view;
    }

    /** The first index from which on the log is not as shown; the whole log where it begins earlier. */
    private long firstChange(long first, List<LogEntry> entries) {
        if (shown == null || first < shownFirst || first > shownFirst + shownLog.size()) {
            return first;
        }
        int index = 0;
        int offset = (int) (first - shownFirst);
        while (index < entries.size() && index + offset < shownLog.size()
                && entries.get(index) == shownLog.get(index + offset)) {
            index++;
        }
        return first + index;
    }

    private static List<LogEntry> entries(RaftLog log) {
        List<LogEntry> entries = new ArrayList<>();
        long first = log.lastLogOrSnapshotIndex() + 1;
        while (first > 1 && log.containsLogEntry(first - 1)) {
            first--;
        }
        for (long index = first; log.containsLogEntry(index); index++) {
            entries.add(log.getLogEntry(index));
        }
        return entries;
    }

    private JsonObject view() {
        RaftState state = node.state();
        JsonObject view = new JsonObject();
        boolean leads = state.leaderState() != null;
        view.addProperty("role", leads ? "leader" : state.role() == RaftRole.CANDIDATE ? "candidate" : "follower");
        view.addProperty("term", state.term());
        view.addProperty("vote", state.votedEndpoint() == null ? null : state.votedEndpoint().toString());
        view.addProperty("commit", state.commitIndex());
        view.addProperty("applied", state.lastApplied());
        view.addProperty("digest", machine.digest());
        RaftGroupMembersState members = state.effectiveGroupMembers();
        view.add("voters", names(members.getVotingMembers()));
        List<RaftEndpoint> learners = new ArrayList<>(members.getMembers());
        learners.removeAll(members.getVotingMembers());
        view.add("learners", names(learners));
        view.addProperty("voters_since", members.getLogIndex());
        if (leads) {
            JsonObject match = new JsonObject();
            JsonObject next = new JsonObject();
            for (RaftEndpoint each : members.remoteMembers()) {
                FollowerState follower = state.leaderState().getFollowerState(each);
                match.addProperty(each.toString(), follower.matchIndex());
                next.addProperty(each.toString(), follower.nextIndex());
            }
            view.add("match", match);
            view.add("next", next);
        }
        return view;
    }

    private static JsonArray names(Collection<RaftEndpoint> endpoints) {
        JsonArray names = new JsonArray();
        endpoints.stream().map(Object::toString).sorted().forEach(names::add);
        return names;
    }
}
